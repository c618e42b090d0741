"""The program that runs a learner's file, in a process of its own.

It imports nothing of this package before the learner's code is loaded, knows no expected value and
gives no verdict: asked to call a function with plain arguments, it answers with what came back.
Questions arrive as lines of JSON on its standard input, answers leave on its standard output; the
learner's code sees neither, for it is given an empty input and a file for what it prints.

What the answers may hold is defined here for both sides, by `encode` and `decode`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib.util
import inspect
import io
import json
import os
import sys
from typing import Any

__all__ = ["Other", "call_text", "decode", "encode"]

MAX_OUTPUT = 1_000_000  # characters that a learner's prints may fill
_MAX_ITEMS = 200_000
_MAX_DEPTH = 40
_MAX_FILE = 16_000_000  # bytes
_SHOWN_FRAMES = 3

# What no exercise needs. An error here is clearer than a process that is killed later, and it holds
# on every system.
_REFUSED = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "subprocess.Popen",
}


# --- what crosses between the processes ----------------------------------------------------------


class Other:
    """Something that is no plain data: only its type and its text come across.

    Attributes
    ----------
    type : str
    text : str
    """

    def __init__(self, type: str, text: str) -> None:
        self.type, self.text = type, text

    def __repr__(self) -> str:
        return self.text


def encode(data: Any) -> Any:
    """Plain data as JSON has it; of anything else, its type and text.

    Parameters
    ----------
    data : object
        Numbers, strings, None, and lists, tuples and dicts of them go across as they are.

    Returns
    -------
    object
        What `json` writes and `decode` turns back.

    Raises
    ------
    ValueError
        If there are more than 200,000 items.

    Examples
    --------
    >>> decode(encode({"a": (1, 2.0)}))
    {'a': (1, 2.0)}
    >>> decode(encode(1j)).type
    'complex'
    """
    left = _MAX_ITEMS

    def plain(data: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError(f"what came back has more than {_MAX_ITEMS} items")
        if data is None or isinstance(data, (bool, float)):
            return data
        if isinstance(data, int) and data.bit_length() < 1024:  # more, no float holds
            return int(data)
        if isinstance(data, str):
            return str(data)
        if depth < _MAX_DEPTH and isinstance(data, list):
            return [plain(item, depth + 1) for item in data]
        if depth < _MAX_DEPTH and isinstance(data, tuple):
            return {"tuple": [plain(item, depth + 1) for item in data]}
        if depth < _MAX_DEPTH and isinstance(data, dict):
            pairs = data.items()
            return {"dict": [[plain(k, _MAX_DEPTH), plain(v, depth + 1)] for k, v in pairs]}
        return {"other": type(data).__name__, "text": _text(data)}

    return plain(data, 0)


def decode(data: Any) -> Any:
    """What `encode` was given.

    Parameters
    ----------
    data : object
        What `json` read.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If `encode` never makes such a thing.
    """
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    try:
        if "tuple" in data:
            return tuple(map(decode, data["tuple"]))
        if "dict" in data:
            return {_key(decode(key)): decode(value) for key, value in data["dict"]}
        return Other(str(data["other"]), str(data["text"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"no answer of the child process: {data!r}") from error


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, Other) else key


def _text(data: Any) -> str:
    try:
        text = repr(data)
    except Exception as error:
        text = f"<{type(data).__name__} whose repr raised {type(error).__name__}>"
    return text if len(text) <= 200 else text[:197] + "..."


def call_text(name: str, arguments: tuple[Any, ...]) -> str:
    """A call as a learner would write it.

    Parameters
    ----------
    name : str
    arguments : tuple

    Returns
    -------
    str

    Examples
    --------
    >>> call_text("f", (1.5, [2]))
    'f(1.5, [2])'
    """
    return f"{name}({', '.join(map(_text, arguments))})"


# --- the learner's process -----------------------------------------------------------------------


class _Output(io.TextIOBase):
    """Where prints go: at once into a file, and after a limit nowhere."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._left = MAX_OUTPUT

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            os.write(self._file, text[: self._left].encode("utf-8", "backslashreplace"))
            self._left -= len(text)
        return len(text)


def _limit(memory: int, seconds: int) -> None:
    """Set limits where the system has them; elsewhere the parent's clock is all there is."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, limit in {
        "RLIMIT_AS": memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": _MAX_FILE,
        "RLIMIT_CORE": 0,
    }.items():
        try:
            which = getattr(resource, name)
            hard = resource.getrlimit(which)[1]
            if hard == resource.RLIM_INFINITY or limit < hard:
                resource.setrlimit(which, (limit, hard))
        except (AttributeError, OSError, ValueError):  # as on macOS, for memory
            pass


def _refuse(closed: list[str], allowed: str) -> None:
    """Keep the learner's code from other processes, and from reading the exercises' files."""
    folders = tuple(os.path.realpath(folder) + os.sep for folder in closed)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REFUSED:
            raise PermissionError(f"an exercise starts no other process ({event})")
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if path != allowed and path.startswith(folders):
                raise PermissionError("the files of the exercises are closed here")

    sys.addaudithook(hook)


def _load(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _public(module: Any) -> dict[str, Any]:
    """The functions that a module defines itself."""
    return {
        name: f
        for name, f in vars(module).items()
        if inspect.isfunction(f) and f.__module__ == module.__name__ and not name.startswith("_")
    }


def _parameters(probe: Any) -> list[str]:
    """Their names, without that of the learner's module."""
    return list(inspect.signature(probe).parameters)[1:]


class NodeBudget(Exception):
    """A backward pass went through more nodes than the exercise can need."""


class _Passes:
    """Watches the engine: counts the nodes that each backward pass goes through."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._number = self._count = self._first = 0
        self._over = True

    def recorded(self, _: Any) -> None:
        self._over = True

    def propagated(self, _node: Any, _gradient: float) -> None:
        if self._over:
            self._number, self._count, self._over = self._number + 1, 0, False
        self._count += 1
        if self._number == 1:
            self._first = self._count
        if self._count > self._budget:
            first = f" (pass 1: {self._first})" if self._number > 1 else ""
            raise NodeBudget(
                f"backward pass {self._number} goes through more than {self._budget} nodes{first}: "
                "is an old graph kept?"
            )


class _Learner:
    """The learner's module, and the probes that try it out."""

    def __init__(self, path: str, probes: dict[str, Any], node_budget: int) -> None:
        self.path, self.probes, self.node_budget = path, probes, node_budget
        self.module: Any = None

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        faulthandler.dump_traceback_later(question["seconds"], exit=True, file=2)
        try:
            if "name" not in question:
                self.module = _load("answer", self.path)
                return {"result": None}
            name, arguments = question["name"], decode(question["arguments"])
            with self._budgeted():
                if name in self.probes:
                    return {"result": encode(self.probes[name](self.module, *arguments))}
                return {"result": encode(getattr(self.module, name)(*arguments))}
        except BaseException as error:
            if isinstance(error, AttributeError) and error.obj is self.module is not None:
                return {"missing": error.name}
            if isinstance(error, MemoryError):
                _forget(error)
            return {"error": self._described(error)}
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _budgeted(self) -> contextlib.AbstractContextManager[Any]:
        if not self.node_budget:
            return contextlib.nullcontext()
        from autograd_engine.modes import mode_block

        return mode_block(watcher=_Passes(self.node_budget))

    def _described(self, error: BaseException) -> dict[str, Any]:
        """The error, and the learner's lines that led to it."""
        frames: list[tuple[int, str]] = []
        if isinstance(error, SyntaxError) and error.filename == self.path:
            frames.append((error.lineno or 1, ""))
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename == self.path:
                frames = [*frames[1 - _SHOWN_FRAMES :], (trace.tb_lineno, code.co_name)]
            trace = trace.tb_next
        message = error.msg if isinstance(error, SyntaxError) else _message(error)
        return {"type": type(error).__name__, "message": message, "lines": frames}


def _forget(error: BaseException) -> None:
    """Give back what the functions that led to an error hold."""
    trace = error.__traceback__
    while trace is not None:
        with contextlib.suppress(RuntimeError):  # of the one that is still running
            trace.tb_frame.clear()
        trace = trace.tb_next


def _message(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except Exception:
        return ""


def _main() -> None:
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    setup = json.loads(questions.readline())
    # Where faulthandler writes which line Python is at, when it crashes or time is up.
    os.dup2(os.open(setup["crashes"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    faulthandler.enable(2)
    sys.dont_write_bytecode = True
    sys.path.insert(_before_site_packages(), setup["root"])
    probes = _public(_load("probe", setup["probes"])) if setup["probes"] else {}
    sys.stdout = sys.stderr = _Output(setup["output"])
    learner = _Learner(setup["answer"], probes, setup["node_budget"])
    _refuse(setup["closed"], os.path.realpath(setup["probes"]))
    _limit(setup["memory"], setup["cpu_seconds"])
    calls = {name: [inspect.getdoc(f), _parameters(f)] for name, f in probes.items()}
    print(json.dumps({"id": setup["id"], "calls": calls}), file=answers, flush=True)
    try:
        for line in questions:
            question = json.loads(line)
            reply = learner.answer(question)
            print(json.dumps({"id": question["id"], **reply}), file=answers, flush=True)
    except MemoryError:  # too little is left for an answer
        os.write(2, b"MemoryError")
    os._exit(0)  # without the exit handlers and threads of the learner, and at once


def _before_site_packages() -> int:
    """Where in sys.path this package goes: after Python's own library."""
    ends = ("site-packages", "dist-packages")
    return next((i for i, path in enumerate(sys.path) if path.endswith(ends)), len(sys.path))


if __name__ == "__main__":
    _main()
