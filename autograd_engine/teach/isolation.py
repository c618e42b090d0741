"""A learner's code in a process of its own, which is asked questions and always ends.

What is held off are accidents: endless loops and recursion, exits, crashes, memory without end,
floods of output, processes left behind. A verdict cannot be forged, since the process never gives
one; it is asked for numbers, and the expected ones stay here. Not held off is malice: the process
runs as the same user and may read and write what that user may. Grade strangers' code in a
container or a virtual machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_engine.teach import child
from autograd_engine.teach.child import call_text, decode, encode
from autograd_engine.teach.testing import show

__all__ = ["Cancelled", "Child", "Ended", "LearnerError", "TimedOut"]

_START_SECONDS = 30.0  # for Python to start on a busy machine
_GRACE_SECONDS = 1.0  # within which a process whose time is up ends itself
_LINE_LIMIT = 20_000_000  # bytes of one answer
_ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package
# What Python needs in order to start; nothing else of the environment is the learner's business.
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
)
_SEGFAULTS = (-signal.SIGSEGV, 0xC0000005, 0xC00000FD)  # the last two on Windows


@dataclass(frozen=True)
class Line:
    """A line of the learner's file."""

    number: int
    function: str
    text: str


class LearnerError(Exception):
    """The learner's code raised an exception.

    Attributes
    ----------
    type, message : str
        Of the exception.
    lines : tuple of Line
        The learner's lines that led to it, the innermost last.
    """

    def __init__(self, type: str, message: str, lines: tuple[Line, ...] = ()) -> None:
        super().__init__(f"{type}: {message}" if message else type)
        self.type, self.message, self.lines = type, message, lines


class Ended(LearnerError):
    """The process ended without an answer."""


class TimedOut(LearnerError):
    """The learner's code took too long and was stopped."""


class Cancelled(BaseException):
    """The answer is no longer wanted."""


class Child:
    """A process that has loaded a learner's file, or will.

    Parameters
    ----------
    source : str
        The learner's file.
    filename : str
        Its name without a folder, for messages.
    probes : path, optional
        A file of functions that try the learner's out.
    closed : iterable of path
        Folders that the learner's code may not read.
    memory_mb, seconds : number
        Limits for the process: address space and, of a safe size, processor time.
    node_budget : int
        How many nodes of this engine a backward pass may go through; 0 is no limit.
    hash_seed : int
        What the order of sets of strings depends on.
    cancelled : threading.Event, optional
        If it is set, whoever waits for an answer gets `Cancelled`.

    Raises
    ------
    RuntimeError
        If the process does not start, which is not the learner's fault.
    """

    def __init__(
        self,
        source: str,
        filename: str,
        probes: Path | None = None,
        closed: tuple[Path, ...] = (),
        *,
        memory_mb: int = 512,
        node_budget: int = 0,
        seconds: float = 60.0,
        hash_seed: int = 0,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._cancelled = cancelled
        self._source = source.split("\n")  # the lines that Python counts
        self._count = 0
        self._nonce = secrets.token_hex(8)
        # Resolved: the paths in tracebacks are compared with it.
        self._folder = Path(tempfile.mkdtemp(prefix="teach-")).resolve()
        self._answer = self._folder / filename
        self._output, self._crashes = self._folder / "output.txt", self._folder / "crashes.txt"
        # One line answers each question: what comes besides is left in the pipe, and holds it up.
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=2)
        try:
            self._answer.write_text(source, encoding="utf-8")
            self._process = _start(self._folder, hash_seed)
        except OSError as error:  # no space, or no more processes
            shutil.rmtree(self._folder, ignore_errors=True)
            raise RuntimeError(f"the learner's process did not start: {error}") from None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        setup = {
            "answer": str(self._answer),
            "probes": "" if probes is None else str(probes),
            "root": str(_ROOT),
            "output": str(self._output),
            "crashes": str(self._crashes),
            "closed": list(map(str, closed)),
            "memory": memory_mb * 2**20,
            "node_budget": node_budget,
            "cpu_seconds": int(seconds) + 5,
        }
        try:
            self._calls = self._send(setup, _START_SECONDS)["calls"]
        except LearnerError as error:
            reason = self._crash_report()[-2000:] or str(error)
            self.close()
            raise RuntimeError(f"the learner's process did not start: {reason}") from None
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, seconds: float) -> None:
        """Import the learner's file.

        Raises
        ------
        LearnerError
            If that fails, or takes longer than the given seconds.
        """
        self._ask({"seconds": seconds})

    def call(self, name: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        """Call a probe or, if there is none of that name, a function of the learner.

        Parameters
        ----------
        name : str
        arguments : tuple
            Plain data.
        seconds : float
            How long it may take.

        Returns
        -------
        object
            Plain data; what is not plain as a `child.Other`.

        Raises
        ------
        LearnerError
            If there is no such function, it raises, ends the process or takes too long.
        """
        return self._ask({"name": name, "arguments": encode(list(arguments)), "seconds": seconds})

    def shown(self, name: str, arguments: tuple[Any, ...]) -> str:
        """A call as learners are told of it: of a probe, what its docstring says.

        In the docstring stand the names of parameters in braces for what they are given, and as in
        {code!s} for a text without its quotes.
        """
        doc, parameters = self._calls.get(name, (None, ()))
        if doc is None:
            return call_text(name, arguments)
        text = str(doc).partition("\n\n")[0].replace("\n", " ")
        for parameter, argument in zip(parameters, arguments, strict=False):
            text = text.replace(f"{{{parameter}}}", show(argument))
            text = text.replace(f"{{{parameter}!s}}", str(argument))
        return text

    def output(self) -> str:
        """What the learner's code has printed so far."""
        try:
            return self._output.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def close(self) -> None:
        """End the process and all that it started."""
        _kill(self._process)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()
        self._reader.join(_GRACE_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- questions and answers

    def _ask(self, question: dict[str, Any]) -> Any:
        reply = self._send(question, question["seconds"] + _GRACE_SECONDS)
        if "missing" in reply:
            raise LearnerError("MissingName", f"your file defines no {reply['missing']}")
        try:
            if "error" in reply:
                error = reply["error"]
                lines = tuple(self._line(int(n), str(name)) for n, name in error["lines"])
                raise LearnerError(str(error["type"]), str(error["message"]), lines)
            return decode(reply["result"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise self._disturbed() from None

    def _send(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._count += 1
        identity = f"{self._nonce}-{self._count}"
        limit = question.get("seconds", _START_SECONDS)
        asked = time.monotonic()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # if it has ended, that is seen below
            self._process.stdin.write(json.dumps(question | {"id": identity}).encode() + b"\n")
            self._process.stdin.flush()
        try:
            line = self._wait(seconds)
        except queue.Empty:
            raise self._timed_out(limit) from None
        if not line:
            self._lines.put(b"")  # for the next question
            raise self._ended(limit, out_of_time=time.monotonic() - asked >= limit)
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            raise self._disturbed() from None
        if not isinstance(reply, dict) or reply.get("id") != identity:
            raise self._disturbed()
        return reply

    def _wait(self, seconds: float) -> bytes:
        """The next line."""
        if self._cancelled is None:
            return self._lines.get(timeout=seconds)
        deadline = time.monotonic() + seconds
        while not self._cancelled.is_set():
            try:
                return self._lines.get(timeout=0.05)
            except queue.Empty:
                if time.monotonic() >= deadline:
                    raise
        raise Cancelled

    def _read(self) -> None:
        """Pass lines on, in a thread: no system has a pipe that can be read with a time limit."""
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError, queue.Full):
            while line := self._process.stdout.readline(_LINE_LIMIT):
                self._lines.put_nowait(line)
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(b"")

    # --- what went wrong

    def _disturbed(self) -> LearnerError:
        return Ended(
            "Disturbed", "your code wrote into the channel of the runner, so nothing it says counts"
        )

    def _timed_out(self, seconds: float) -> TimedOut:
        _kill(self._process)
        return TimedOut("Timeout", f"stopped after {seconds:.3g} s", self._last_line())

    def _ended(self, limit: float, out_of_time: bool) -> LearnerError:
        try:
            status = self._process.wait(5 * _GRACE_SECONDS)
        except subprocess.TimeoutExpired:  # it lives, and only closed the channel
            return self._disturbed()
        if out_of_time or status == -getattr(signal, "SIGXCPU", 0):
            return self._timed_out(limit)
        if status in _SEGFAULTS:
            return Ended("Crash", "Python itself crashed: a segmentation fault", self._last_line())
        if status < 0:
            return Ended("Crash", f"Python was killed by signal {-status}", self._last_line())
        if self._crash_report().endswith("MemoryError"):
            return LearnerError("MemoryError", "", self._last_line())
        return Ended("Exit", f"your code ended the program, with exit status {status}")

    def _crash_report(self) -> str:
        try:
            return self._crashes.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _last_line(self) -> tuple[Line, ...]:
        """Where the learner's code was when Python was stopped, by what faulthandler wrote."""
        pattern = rf'File "{re.escape(str(self._answer))}", line (\d+) in (\S+)'
        found = re.search(pattern, self._crash_report())
        return (self._line(int(found[1]), found[2]),) if found else ()

    def _line(self, number: int, function: str) -> Line:
        text = self._source[number - 1].strip() if 0 < number <= len(self._source) else ""
        return Line(number, "" if function == "<module>" else function, text)


def _start(folder: Path, hash_seed: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # Not -I, which would ignore the hash seed too: everything else of it is here.
    environment["PYTHONHASHSEED"] = str(hash_seed)
    for library in ("OMP", "OPENBLAS", "MKL"):  # whose threads reserve memory for each processor
        environment[f"{library}_NUM_THREADS"] = "1"
    return subprocess.Popen(
        [sys.executable, "-s", "-P", "-X", "utf8", child.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        **_group(sys.platform),
    )


def _group(platform: str) -> dict[str, Any]:
    """How to start a process so that what it starts can be ended with it."""
    if platform == "win32":
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200)}
    return {"start_new_session": True}


def _kill(process: subprocess.Popen[bytes], platform: str = sys.platform) -> None:
    """End a process and those that it started."""
    if platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    else:
        # The group outlives its first process as long as another one is in it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
