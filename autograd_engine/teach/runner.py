"""Run the checks of an exercise on a learner's file, and say what came of it."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograd_engine.teach.catalog import BUILT_IN, Exercise
from autograd_engine.teach.isolation import Child, LearnerError, Line, TimedOut
from autograd_engine.teach.testing import Check, Draws, Mismatch

__all__ = ["Outcome", "Result", "run_exercise"]

_PRINTED = 2_000  # characters of what the learner printed that are kept


@dataclass
class Outcome:
    """What came of one check.

    Attributes
    ----------
    check : str
        Its name.
    status : {"pass", "fail", "error", "timeout", "not_attempted", "skipped", "broken"}
    call, got, must : str
        What was called, what it gave, and what it must give.
    mistake, cause : str
        The id of the likely cause, and what the learner is told about it.
    error : str
        What was raised, or otherwise went wrong.
    lines : tuple of Line
        The learner's lines that led there.
    figure : dict
        What a picture of it needs.
    """

    check: str
    status: str = "pass"
    call: str = ""
    got: str = ""
    must: str = ""
    mistake: str = ""
    cause: str = ""
    error: str = ""
    lines: tuple[Line, ...] = ()
    figure: dict[str, Any] = field(default_factory=dict)


@dataclass
class Result:
    """What came of all checks of an exercise.

    Attributes
    ----------
    exercise : str
        Its id.
    outcomes : list of Outcome
        One for each check, in order.
    seed : int
    seconds : float
    printed : str
        The beginning of what the learner's code printed.
    flooded : bool
        Whether it printed more than is kept.
    """

    exercise: str
    outcomes: list[Outcome]
    seed: int = 0
    seconds: float = 0.0
    printed: str = ""
    flooded: bool = False

    @property
    def status(self) -> str:
        """That of the first check that did not pass; "pass" only if every one reported that."""
        if all(outcome.status == "pass" for outcome in self.outcomes):
            return "pass"
        first = self.first
        return "skipped" if first is None else first.status

    @property
    def first(self) -> Outcome | None:
        """The first check that ran and did not pass."""
        ran = (outcome for outcome in self.outcomes if outcome.status != "skipped")
        return next((outcome for outcome in ran if outcome.status != "pass"), None)

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(outcome.status == "pass" for outcome in self.outcomes)


class _Asking:
    """A `testing.Run`: what a check calls is called in the child, and counted against its time."""

    def __init__(self, child: Child, draws: Draws, seconds: float) -> None:
        self._child, self.draws, self._left = child, draws, seconds
        self.shown = ""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            self.shown = self._child.shown(name, arguments)
            asked = time.monotonic()
            try:
                return self._child.call(name, arguments, max(self._left, 0.01))
            finally:
                self._left -= time.monotonic() - asked

        return call


def run_exercise(
    exercise: Exercise,
    source: str,
    *,
    seed: int = 0,
    all_checks: bool = False,
    hidden: bool = False,
    slow_factor: float = 1.0,
    hash_seed: int = 0,
    closed: tuple[Path, ...] = (BUILT_IN,),
    cancelled: threading.Event | None = None,
) -> Result:
    """Check a learner's file.

    Parameters
    ----------
    exercise : Exercise
    source : str
        The text of the file.
    seed : int
        Of the random inputs.
    all_checks : bool
        Go on after the first check that does not pass.
    hidden : bool
        Run the hidden checks, too.
    slow_factor : float
        By how much to multiply the time limits.
    hash_seed : int
        The order of sets of strings in the learner's process depends on it.
    closed : tuple of path
        Folders that the learner's code may not read.
    cancelled : threading.Event, optional
        If it is set, the run ends with `isolation.Cancelled`.

    Returns
    -------
    Result

    Examples
    --------
    >>> from autograd_engine.teach.catalog import Catalog
    >>> exercise = Catalog().find("1")
    >>> run_exercise(exercise, exercise.text("starter.py")).status
    'not_attempted'
    """
    started = time.monotonic()
    checks = [check for check in exercise.checks if hidden or not check.hidden]
    seconds = exercise.timeout * slow_factor
    outcomes = [Outcome(check.name, "skipped") for check in checks]
    result = Result(exercise.id, outcomes, seed)
    if not source.strip():
        outcomes[0].status = "not_attempted"
        return result
    child: Child | None = None
    try:
        for i, check in enumerate(checks):
            try:
                if child is None:
                    child = Child(
                        source,
                        exercise.filename,
                        exercise.probes,
                        (*closed, exercise.folder),
                        memory_mb=int(exercise.meta["memory_mb"]),
                        node_budget=int(exercise.meta["node_budget"]),
                        seconds=seconds * (len(checks) + 1),
                        hash_seed=hash_seed,
                        cancelled=cancelled,
                    )
                    child.load(seconds)
            except LearnerError as error:
                outcomes[i] = _failed_to_load(check, error, exercise)
                break
            draws = Draws(zlib.crc32(f"{seed} {check.name}".encode()))
            outcomes[i] = _run_check(check, exercise, _Asking(child, draws, seconds))
            if outcomes[i].status != "pass" and not all_checks:
                break
            if outcomes[i].status in ("error", "timeout"):  # a fresh one for the next check
                _keep_output(result, child)
                child.close()
                child = None
    except RuntimeError as error:
        outcomes[i] = Outcome(check.name, "broken", error=str(error))
    finally:
        if child is not None:
            _keep_output(result, child)
            child.close()
        result.seconds = time.monotonic() - started
    return result


def _keep_output(result: Result, child: Child) -> None:
    printed = result.printed + child.output()
    result.printed = printed[:_PRINTED]
    result.flooded = result.flooded or len(printed) > _PRINTED


def _plain(data: Any) -> Any:
    """The data as JSON has them; of what it has not, such as nan, the text."""
    return json.loads(json.dumps(data, default=repr, skipkeys=True), parse_constant=str)


def _failed_to_load(check: Check, error: LearnerError, exercise: Exercise) -> Outcome:
    return replace(_raised(check, error, exercise), call="import of your file")


def _run_check(check: Check, exercise: Exercise, asking: _Asking) -> Outcome:
    try:
        check.function(asking)
    except Mismatch as mismatch:
        outcome = Outcome(
            check.name,
            "fail",
            call=mismatch.call or asking.shown,
            got=mismatch.got,
            must=mismatch.must,
            mistake=mismatch.mistake,
            # As it is kept until the picture is asked for; of what is no plain data, its text.
            figure=_plain(mismatch.figure),
        )
    except LearnerError as error:
        outcome = replace(_raised(check, error, exercise), call=asking.shown)
    except Exception as error:
        return Outcome(check.name, "broken", error=f"{type(error).__name__}: {error}")
    else:
        return Outcome(check.name)
    if outcome.mistake and outcome.mistake not in exercise.mistakes:
        reason = f"check.py names the mistake {outcome.mistake!r}, and meta.json does not"
        return Outcome(check.name, "broken", error=reason)
    return replace(outcome, cause=exercise.mistakes.get(outcome.mistake, ""))


def _raised(check: Check, error: LearnerError, exercise: Exercise) -> Outcome:
    status = "timeout" if isinstance(error, TimedOut) else "error"
    if error.type == "NotImplementedError":
        status = "not_attempted"
    mistake = check.raises.get(error.type, "")
    return Outcome(
        check.name,
        status,
        error=str(error),
        lines=error.lines,
        mistake=mistake,
        cause=exercise.mistakes.get(mistake, ""),
    )
