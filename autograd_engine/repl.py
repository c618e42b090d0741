"""The prompt: Python with the engine at hand, where Values take the names of their variables."""

from __future__ import annotations

import code
import codeop
import contextlib
import os
import re
import sys
from importlib.util import find_spec
from typing import Any

from autograd_engine.value import Value

__all__ = ["Namespace", "namespace", "run"]

_BANNER = """\
autograd_engine: Value, tanh, explain, draw ... are here, and help(explain) says more
    a, b = Value(2.0), Value(-3.0)
    y = tanh(a * b + 7); y.backward()
    explain(y, a)
    draw(y).write("graph.svg")"""

_HISTORY = os.path.join("~", ".autograd_history")


class Namespace(dict[str, Any]):
    """The variables of a prompt: a Value without a label is given the name it is bound to.

    Examples
    --------
    >>> variables = Namespace()
    >>> variables["a"] = Value(2.0)
    >>> variables["b"] = variables["a"]  # a label once given stays
    >>> variables["b"]
    Value(data=2.0, label='a')
    """

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Value) and not value.label and not name.startswith("_"):
            value.label = name
        super().__setitem__(name, value)


def namespace() -> Namespace:
    """The variables that a prompt starts with: all of autograd_engine, and `draw`."""
    variables = Namespace(__name__="__main__", __doc__=None)
    exec("from autograd_engine import *", variables)
    variables["draw"] = draw
    return variables


def draw(root: Any, **options: Any) -> Any:
    """Draw how a Value was computed; write("graph.svg") of the result saves it.

    Parameters
    ----------
    root : Value or list of Value
    **options
        Those of `visualize.draw`, such as ``local_derivatives=True``.

    Returns
    -------
    visualize.Diagram
    """
    from visualize import draw  # when it is first used: the import takes a while

    return draw(root, **options)


def run() -> int:
    """Open a prompt: IPython if it is installed, else Python's own; or read from a pipe.

    Returns
    -------
    int
        The exit status.
    """
    variables = namespace()
    if not sys.stdin.isatty():
        return _run_piped(variables)
    if sys.stdout.isatty() and find_spec("IPython") is not None:
        _run_ipython(variables)
    else:
        _run_console(variables)
    return 0


def _run_ipython(variables: Namespace) -> None:
    from IPython import start_ipython
    from traitlets.config import Config

    config = Config()
    config.TerminalInteractiveShell.banner1 = _BANNER + "\n"
    start_ipython(argv=[], user_ns=variables, config=config)


def _run_console(variables: Namespace) -> None:
    with _history(variables):
        code.InteractiveConsole(variables).interact(banner=_BANNER, exitmsg="")


@contextlib.contextmanager
def _history(variables: Namespace) -> Any:
    """Editing with history and completion, where Python has readline."""
    try:
        import readline
        import rlcompleter
    except ImportError:  # as on Windows
        yield
        return
    readline.set_completer(rlcompleter.Completer(variables).complete)
    editline = "libedit" in (readline.__doc__ or "")  # as on macOS
    readline.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")
    path = os.path.expanduser(_HISTORY)
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    try:
        yield
    finally:
        readline.set_history_length(1000)
        with contextlib.suppress(OSError):
            readline.write_history_file(path)


class _PipedConsole(code.InteractiveConsole):
    """A console without prompts, which ends when nobody reads what it prints."""

    failed = False

    def showtraceback(self) -> None:
        error = sys.exception()
        if isinstance(error, BrokenPipeError):
            raise error
        self.failed = True
        super().showtraceback()

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        self.failed = True
        super().showsyntaxerror(*args, **kwargs)


def _run_piped(variables: Namespace) -> int:
    """Run statements as their lines arrive; a block ends where the next statement begins.

    A failed statement does not keep the others from running, and makes the exit status 1.
    """
    console = _PipedConsole(variables)
    statement = ""
    for line in sys.stdin:
        if statement and _is_complete(statement.rstrip() + "\n") and not _continues(line):
            _run_statement(console, statement)
            statement = ""
        statement += line
        if _is_complete(statement.rstrip()):  # never so for a block, which may go on
            _run_statement(console, statement)
            statement = ""
    _run_statement(console, statement)
    return int(console.failed)


def _is_complete(source: str) -> bool:
    """Whether Python would run this at once; also when it is wrong already."""
    try:
        return codeop.compile_command(source) is not None
    except (SyntaxError, ValueError, OverflowError):
        return True


def _continues(line: str) -> bool:
    return re.match(r"\s|#|(else|elif|except|finally)\b", line) is not None


def _run_statement(console: _PipedConsole, statement: str) -> None:
    if console.runsource(statement.rstrip() + "\n", "<stdin>"):
        console.failed = True
        print("SyntaxError: the input ends within a statement", file=sys.stderr)
    sys.stdout.flush()
