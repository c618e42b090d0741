"""What a learner has done so far: a file that survives crashes, and being spoilt."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograd_engine.files import write_atomically
from autograd_engine.teach.runner import Result

__all__ = ["Entry", "Progress"]

_FORMAT = 1


@dataclass
class Entry:
    """What was done about one exercise.

    Attributes
    ----------
    status : str
        Of the last check; one that has passed stays passed.
    attempts, hints : int
        How often it was checked, until it passed, and how many hints were read.
    seconds : float
        That all checks took together.
    first_pass_utc : str
        Empty as long as it has not passed.
    checks_passed, checks_total : int
        Of the last check.
    mistakes : dict
        How often each was made.
    figure : dict
        What a picture of the last failure needs.
    """

    status: str = "not_attempted"
    attempts: int = 0
    hints: int = 0
    seconds: float = 0.0
    first_pass_utc: str = ""
    checks_passed: int = 0
    checks_total: int = 0
    mistakes: dict[str, int] = field(default_factory=dict)
    figure: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether it has ever passed."""
        return bool(self.first_pass_utc)


class Progress:
    """The entries of a learner, in a file.

    Parameters
    ----------
    path : path
        If it cannot be read, it is kept under another name, and the version before the last change
        is used.

    Attributes
    ----------
    warning : str
        What was done about a file that could not be read; empty if it could.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._previous = self._path.with_suffix(".previous.json")
        self.warning = ""
        self._entries: dict[str, Entry] = {}
        try:
            self._entries = _read(self._path)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            self._recover(error)

    def __getitem__(self, exercise: str) -> Entry:
        return self._entries.get(exercise, Entry())

    def record(self, result: Result) -> Entry:
        """Add what came of a check, and write the file.

        Parameters
        ----------
        result : Result

        Returns
        -------
        Entry
            As it is now.
        """
        if result.status in ("broken", "skipped"):
            return self[result.exercise]
        self._reread()
        entry = self._entries.setdefault(result.exercise, Entry())
        first = result.first
        entry.checks_passed, entry.checks_total = result.passed, len(result.outcomes)
        entry.seconds += result.seconds
        entry.figure = first.figure if first else {}
        if not entry.passed:
            entry.attempts += result.status != "not_attempted"
            entry.status = result.status
        if result.status == "pass" and not entry.passed:
            entry.first_pass_utc = datetime.now(UTC).isoformat(timespec="seconds")
        if first and first.mistake:
            entry.mistakes[first.mistake] = entry.mistakes.get(first.mistake, 0) + 1
        self._write()
        return entry

    def take_hint(self, exercise: str, available: int) -> int:
        """Count one more hint as read, and write the file.

        Parameters
        ----------
        exercise : str
        available : int
            How many there are.

        Returns
        -------
        int
            How many may be shown now.
        """
        self._reread()
        entry = self._entries.setdefault(exercise, Entry())
        entry.hints = min(entry.hints + 1, available)
        self._write()
        return entry.hints

    def forget(self, exercise: str) -> None:
        """Drop an entry, and write the file."""
        self._reread()
        self._entries.pop(exercise, None)
        self._write()

    def _reread(self) -> None:
        """Take over what another command has written, as hint does while watch goes on."""
        with contextlib.suppress(OSError, ValueError):
            self._entries = _read(self._path)

    def _write(self) -> None:
        data = {
            "format": _FORMAT,
            "exercises": {name: asdict(entry) for name, entry in self._entries.items()},
        }
        with contextlib.suppress(FileNotFoundError):  # of the first time
            write_atomically(self._previous, self._path.read_bytes())
        write_atomically(self._path, json.dumps(data, indent=1) + "\n")

    def _recover(self, error: Exception) -> None:
        number = 1
        while (kept := self._path.with_suffix(f".bak{number}")).exists():
            number += 1
        os.replace(self._path, kept)
        try:
            self._entries = _read(self._previous)
            write_atomically(self._path, self._previous.read_bytes())
            what = "the progress before the last check is used"
        except (OSError, ValueError):
            what = "progress begins anew"
        self.warning = f"{self._path} could not be read ({error}): kept as {kept.name}, and {what}"


def _read(path: Path) -> dict[str, Entry]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not isinstance(data.get("exercises"), dict):
        raise ValueError("it does not hold the progress of exercises")
    if data.get("format") != _FORMAT:
        raise ValueError(f"it is of format {data.get('format')!r}, and not {_FORMAT}")
    entries = data["exercises"].items()
    return {name: _entry(entry) for name, entry in entries if isinstance(entry, dict)}


def _entry(data: Mapping[str, Any]) -> Entry:
    """An entry of what can be read of it: what is of another type is left as it begins."""
    default = Entry()
    known = {f.name: type(getattr(default, f.name)) for f in fields(Entry)}
    return Entry(**{k: v for k, v in data.items() if k in known and isinstance(v, known[k])})
