"""Check a file whenever it is saved.

Files are looked at again and again: the systems' messages about changes get lost in containers, on
network drives and across virtual machines.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from autograd_engine.teach.catalog import Exercise
from autograd_engine.teach.isolation import Cancelled
from autograd_engine.teach.report import emit, result_text
from autograd_engine.teach.runner import Result, run_exercise
from autograd_engine.teach.workspace import Workspace

__all__ = ["Changes", "watch"]

_INTERVAL = 0.3  # seconds


class Changes:
    """Which of some files have changed since they were last looked at.

    Parameters
    ----------
    paths : iterable of Path

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.py")
    ...     changes = Changes([path])
    ...     _ = path.write_text("x = 1")
    ...     changes.look() == [path], changes.look()
    (True, [])
    """

    def __init__(self, paths: list[Path]) -> None:
        self._stamps = {path: _stamp(path) for path in paths}
        self._contents = {path: _content(path) for path in paths}

    def look(self) -> list[Path]:
        """The files whose content has changed."""
        changed = []
        for path, before in self._stamps.items():
            stamp = _stamp(path)
            # A file system may count time in seconds: one saved just now is read all the same.
            if stamp != before or (stamp and time.time() - stamp[0] < 2.5):
                self._stamps[path] = stamp
                content = _content(path)
                # While an editor replaces a file, it is missing for a moment, or empty.
                if content and content != self._contents[path]:
                    self._contents[path] = content
                    changed.append(path)
        return changed


def _stamp(path: Path) -> tuple[float, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime, status.st_size


def _content(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(data).hexdigest() if data else ""


class _Checking:
    """A check that runs beside the watching, and can be given up."""

    def __init__(self, run: Callable[[threading.Event], Result | None]) -> None:
        self._cancelled = threading.Event()
        self._result: Result | None = None
        self._run = run
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        with contextlib.suppress(Cancelled):
            self._result = self._run(self._cancelled)

    def cancel(self) -> None:
        self._cancelled.set()
        self._thread.join()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    @property
    def result(self) -> Result | None:
        self._thread.join()
        return self._result


def watch(
    workspace: Workspace,
    first: Exercise | None = None,
    slow_factor: float = 1.0,
    seed: int | None = None,
) -> None:
    """Check whatever is saved, until interrupted.

    Parameters
    ----------
    workspace : Workspace
    first : Exercise, optional
        What to check at once; the next one to be done if not given.
    slow_factor : float
        By how much to multiply the time limits.
    seed : int, optional
        Of the random inputs; that of the workspace if not given.
    """
    seed = workspace.seed if seed is None else seed
    exercises = {workspace.path(exercise): exercise for exercise in workspace.catalog.exercises}
    changes = Changes(list(exercises))
    keys = _keys()
    current = first or workspace.next() or workspace.catalog.exercises[-1]
    checking: _Checking | None = None
    again = True
    emit("watching; r and Enter checks again, q and Enter ends")
    try:
        while True:
            for path in changes.look():
                current, again = exercises[path], True
            if again:
                if checking is not None:
                    checking.cancel()
                checking, again = _start(workspace, current, slow_factor, seed), False
            if checking is not None and checking.done:
                result, checking = checking.result, None
                if result is not None:
                    workspace.progress.record(result)
                    emit("\n" + result_text(current, result))
            key = _pressed(keys)
            if key == "q":
                return
            again = key == "r"
    finally:
        if checking is not None:
            checking.cancel()


def _start(workspace: Workspace, exercise: Exercise, slow_factor: float, seed: int) -> _Checking:
    source = workspace.source(exercise)
    closed = workspace.catalog.closed
    return _Checking(
        lambda cancelled: run_exercise(
            exercise,
            source,
            seed=seed,
            slow_factor=slow_factor,
            closed=closed,
            cancelled=cancelled,
        )
    )


def _keys() -> queue.Queue[str]:
    """The lines that are typed; a closed input types nothing."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.strip())

    threading.Thread(target=read, daemon=True).start()
    return lines


def _pressed(keys: queue.Queue[str]) -> str:
    try:
        return keys.get(timeout=_INTERVAL)
    except queue.Empty:
        return ""
