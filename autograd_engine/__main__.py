"""The command line: an expression, its value, its derivatives and its diagram.

What an option needs is imported where it is used, so that the plain case stays fast.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TextIO

    from autograd_engine import Value
    from autograd_engine.explanation import Explanation
    from autograd_engine.expression import Expression

__all__ = ["main"]

_HELP = """\
usage: autograd EXPRESSION name=value ... [options]
       autograd
       autograd teach COMMAND ...

Computes an expression, its derivative with respect to every variable, and beside it the
derivative by central differences. Without arguments, opens a prompt;
with teach, gives exercises: see autograd teach --help.

  EXPRESSION      numbers, names, + - * / **, parentheses, functions, pi and e; in quotes
  name=value      a value for each variable: a number, or an expression such as pi/2

options:
  --graph FILE    draw the graph; the ending says how: .svg, .png, .pdf or .dot;
                  - writes SVG to standard output, and the rest to standard error
  --page FILE     write an .html page on which both passes are stepped through
  --explain NAME  show every path from this variable to the result
  --order N       higher derivatives, up to 10; from 2 on with the Hessian
  --format F      text, json or latex
  --version       print the version
  -h, --help      print this

examples:
  autograd "tanh(a*b + c)" a=2 b=-3 c=10 --graph graph.svg
  autograd "tanh(a*b) + a" a=2 b=-3 --page backprop.html
  autograd "x**2 * y" x=3 y=pi/2 --order 2 --explain x
  autograd "-log(sigmoid(x))" x=0.5 --format json

functions:
"""

_FORMATS = ("text", "json", "latex")
_PICTURES = ("svg", "png", "pdf", "dot")
_MAX_ORDER = 10
# Each order multiplies the operations by about five: beyond this, the next but one would take all
# the memory.
_MAX_NODES = 1_000_000


class _Refused(Exception):
    """Something is wrong with what was asked for; the message is for the user."""


@dataclass
class _Request:
    """What was asked for."""

    expression: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    graph: str | None = None
    page: str | None = None
    explain: str | None = None
    order: int = 1
    format: str = "text"


@dataclass
class _Result:
    """What is printed."""

    expression: Expression
    root: Value | float
    variables: dict[str, Value]
    differences: dict[str, tuple[float, float]]  # with their errors
    derivatives: dict[str, list[float]]  # of order 1, 2, ...
    hessian: dict[str, dict[str, float]] | None
    explanation: Explanation | None
    graph: str | None = None
    page: str | None = None

    @property
    def value(self) -> float:
        return self.root if isinstance(self.root, float) else self.root.data


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        The exit status: 0, 2 for anything wrong, 130 if interrupted.

    Examples
    --------
    >>> main(["x**2", "x=3"])
    x**2 = 9
    <BLANKLINE>
    variable  value  derivative  difference
    x             3           6           6
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] == ["teach"]:
            from autograd_engine.teach.__main__ import main as teach

            return teach(arguments[1:])
        status = _answer(arguments) if arguments else _prompt()
        print(end="", flush=True)  # so that what fails, fails here
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever was reading has read enough, as `head` does
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        print(f"autograd: cannot write: {error.strerror}", file=sys.stderr)
        return 2


def _discard_output() -> None:
    """Let Python's own flush at exit succeed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prompt() -> int:
    from autograd_engine.repl import run

    return run()


def _answer(arguments: list[str]) -> int:
    from autograd_engine.expression import ExpressionError

    try:
        request = _read(arguments)
        if request is None:
            return 0
        result = _compute(request)
    except (_Refused, ExpressionError) as error:
        _print(f"autograd: {error}", sys.stderr)
        return 2
    problem = picture = None
    try:
        if request.graph is not None:
            picture = _draw(result, request.graph)
        if request.page is not None:
            _write_page(result, request.page)
    except _Refused as error:  # the numbers are printed all the same
        problem = error
    text = _PRINTERS[request.format](result)
    if request.graph == "-":
        _print(text, sys.stderr)
        if picture is not None:
            _print(picture, sys.stdout)
    else:
        _print(text, sys.stdout)
    if problem is not None:
        print(end="", flush=True)  # the numbers first, where both go to the same place
        _print(f"autograd: {problem}", sys.stderr)
        return 2
    return 0


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream)
    except UnicodeEncodeError:  # a stream that has no Greek letters, as on Windows
        encoding = stream.encoding
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)


# --- what is asked for ---------------------------------------------------------------------------


def _read(arguments: list[str]) -> _Request | None:
    """What was asked for; None if it was help and is answered."""
    import re

    request = _Request()
    options: dict[str, str] = {}
    others: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        name, equals, value = argument.partition("=")
        if argument == "--":
            others += remaining
        elif name in ("--graph", "--page", "--explain", "--order", "--format"):
            if name in options:
                raise _Refused(f"{name} is given twice")
            given = value if equals else next(remaining, None)
            if not given:
                raise _Refused(f"{name} needs a value; see autograd --help")
            options[name] = given
        elif argument in ("-h", "--help"):
            _print(_help(), sys.stdout)
            return None
        elif argument == "--version":
            _print(_version(), sys.stdout)
            return None
        else:
            _refuse_misspelt_option(name)
            others.append(argument)  # which may begin with a minus sign
    assignment = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)(.*)", re.DOTALL)
    for argument in others:
        matched = assignment.fullmatch(argument)
        if matched:
            _add_value(request, *matched.groups())
        elif request.expression is None:
            request.expression = argument
        else:
            raise _Refused(
                f"{argument!r} is not of the form name=value; write the expression in quotes, and "
                "each value without spaces"
            )
    if request.expression is None:
        raise _Refused('there is no expression; write it first, as in autograd "a*b" a=2 b=3')
    request.graph = _checked_graph(options.get("--graph"))
    request.page = options.get("--page")
    if request.page is not None and not request.page.lower().endswith(".html"):
        raise _Refused(f"--page writes .html, got {request.page!r}")
    if "--explain" in options:
        request.explain = _normalised(options["--explain"])
    request.order = _checked_order(options.get("--order", "1"))
    request.format = options.get("--format", "text")
    if request.format not in _FORMATS:
        raise _Refused(f"--format is text, json or latex, got {request.format!r}")
    return request


def _refuse_misspelt_option(name: str) -> None:
    import difflib

    known = ["--graph", "--page", "--explain", "--order", "--format", "--help", "--version"]
    if name.startswith("--"):
        near = difflib.get_close_matches(name, known, n=1)
        if near:
            raise _Refused(f"there is no option {name}; did you mean {near[0]}?")


def _add_value(request: _Request, name: str, value: str) -> None:
    name = _normalised(name)
    if name in request.values:
        raise _Refused(f"{name} is given twice")
    if not value.strip():
        raise _Refused(f"{name}= lacks its value; write it without spaces, as in {name}=2")
    request.values[name] = value


def _normalised(name: str) -> str:
    """The name as Python's parser, and so an expression, spells it."""
    import unicodedata

    return unicodedata.normalize("NFKC", name)


def _checked_graph(graph: str | None) -> str | None:
    if graph is not None and graph != "-":
        ending = os.path.splitext(graph)[1][1:].lower()
        if ending not in _PICTURES:
            raise _Refused(f"--graph writes .svg, .png, .pdf or .dot, got {graph!r}")
    return graph


def _checked_order(order: str) -> int:
    if order not in map(str, range(1, _MAX_ORDER + 1)):
        raise _Refused(f"--order is a whole number from 1 to {_MAX_ORDER}, got {order!r}")
    return int(order)


def _help() -> str:
    import textwrap

    from autograd_engine.expression import FUNCTIONS

    indent = "  "
    return _HELP + textwrap.fill(
        " ".join(FUNCTIONS), width=88, initial_indent=indent, subsequent_indent=indent
    )


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"autograd {version('autograd_engine')}"
    except PackageNotFoundError:
        return "autograd, of a source tree that is not installed"


# --- computing -----------------------------------------------------------------------------------


def _compute(request: _Request) -> _Result:
    from autograd_engine import Value, gradient
    from autograd_engine.checking import central_difference, simple_difference
    from autograd_engine.explanation import explain
    from autograd_engine.expression import parse

    assert request.expression is not None
    expression = parse(request.expression)
    numbers = _numbers(expression, request.values)
    variables = {name: Value(x, label=name) for name, x in numbers.items()}
    if request.explain is not None and request.explain not in variables:
        raise _Refused(
            f"--explain {request.explain}: not a variable of the expression; {_those(expression)}"
        )
    root = expression(**variables)
    if isinstance(root, Value) and not root.label and "f" not in variables:
        root.label = "f"  # as the derivatives in print call it

    def along(name: str) -> Callable[[float], float]:
        return lambda x: float(expression(**{**numbers, name: x}))

    # The precise difference takes a hundred evaluations, for which a large expression is too long.
    difference = simple_difference if len(variables) > 20 else central_difference
    derivatives: dict[str, list[float]] = {}
    hessian = None
    if variables:
        root.backward()
        derivatives = {
            name: [variable.grad, *_higher(root, name, variable, request.order)]
            for name, variable in variables.items()
        }
    if variables and request.order > 1:
        slopes = gradient(root, variables, create_graph=True)
        hessian = {name: gradient(slope, variables) for name, slope in slopes.items()}
    return _Result(
        expression=expression,
        root=root,
        variables=variables,
        differences={name: difference(along(name), x) for name, x in numbers.items()},
        derivatives=derivatives,
        hessian=hessian,
        explanation=None if request.explain is None else explain(root, variables[request.explain]),
    )


def _higher(root: Value, name: str, variable: Value, order: int) -> Iterable[float]:
    """The derivatives from the second order on."""
    from autograd_engine import gradient, graph

    slope = root
    for n in range(1, order):
        slope = gradient(slope, variable, create_graph=True)
        if len(graph.made_nodes(slope)) > _MAX_NODES:
            raise _Refused(
                f"the derivative of order {n + 1} with respect to {name} takes millions of "
                f"operations; write --order {n}"
            )
        yield gradient(slope, variable)


def _numbers(expression: Expression, values: dict[str, str]) -> dict[str, float]:
    """The values of the variables, in the order of the expression."""
    from autograd_engine.expression import CONSTANTS, FUNCTIONS

    for name in values:
        if name in CONSTANTS:
            raise _Refused(f"{name} is the number {_number(CONSTANTS[name])} and takes no value")
        if name in FUNCTIONS:
            raise _Refused(f"{name} is a function and takes no value; choose another name")
        if name not in expression.variables:
            raise _Refused(f"{name} is not in the expression; {_those(expression)}")
    missing = [name for name in expression.variables if name not in values]
    if missing:
        verb = "has no value" if len(missing) == 1 else "have no values"
        add = " ".join(f"{name}=..." for name in missing)
        raise _Refused(f"{_listed(missing)} {verb}; add {add}")
    return {name: _number_of(name, values[name]) for name in expression.variables}


def _number_of(name: str, text: str) -> float:
    from autograd_engine.expression import ExpressionError, parse

    try:
        return float(text)
    except ValueError:
        pass
    try:
        expression = parse(text)
    except ExpressionError as error:
        raise _Refused(f"the value of {name} is no number: {error}") from None
    if expression.variables:
        raise _Refused(f"the value of {name} is no number: {text!r}")
    return float(expression())


def _those(expression: Expression) -> str:
    names = expression.variables
    if not names:
        return "it has no variables"
    return f"its variable{'s are' if len(names) > 1 else ' is'} {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _draw(result: _Result, graph: str) -> str | None:
    """Write the picture, or return it if it is to be printed."""
    with _refusals(result, graph) as root:
        from visualize import draw

        diagram = draw(root, local_derivatives=True)
        if graph == "-":
            return str(diagram.pipe(format="svg", encoding="utf-8"))
        diagram.write(graph)
    result.graph = graph
    return None


def _write_page(result: _Result, path: str) -> None:
    with _refusals(result, path) as root:
        from visualize import page

        page(root, path, title=result.expression.text)
    result.page = path


@contextmanager
def _refusals(result: _Result, path: str) -> Iterator[Value]:
    """The root to be drawn; whatever goes wrong is told."""
    from subprocess import CalledProcessError

    if isinstance(result.root, float):
        raise _Refused("an expression without variables has no graph to draw")
    try:
        yield result.root
    except OSError as error:
        raise _Refused(f"cannot write {path}: {error.strerror or error}") from None
    except (ImportError, ValueError, RuntimeError, CalledProcessError) as error:
        raise _Refused(" ".join(str(error).split())) from None


# --- printing ------------------------------------------------------------------------------------


def _number(x: float) -> str:
    return f"{x + 0.0:.10g}"  # which has no -0


def _meant(difference: tuple[float, float]) -> str:
    """A difference in the digits that its error leaves."""
    estimate, error = difference
    if error > 0.1 * abs(estimate) > 0.0:  # as at a kink: the differences have no limit
        return "?"
    if 0.0 < error < math.inf and math.isfinite(estimate):
        estimate = round(estimate, -math.floor(math.log10(error)))
    return _number(estimate)


def _table(rows: list[list[str]]) -> str:
    """Columns: the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _as_text(result: _Result) -> str:
    parts = [f"{' '.join(result.expression.text.split())} = {_number(result.value)}"]
    names = list(result.variables)
    order = max(map(len, result.derivatives.values()), default=1)
    if names:
        rows = [["variable", "value", "derivative", "difference"]]
        for name, variable in result.variables.items():
            numbers = [_number(variable.data), _number(result.derivatives[name][0])]
            rows.append([name, *numbers, _meant(result.differences[name])])
        parts.append(_table(rows))
    if order > 1:
        rows = [["variable", *(f"order {n}" for n in range(2, order + 1))]]
        rows += [[name, *map(_number, result.derivatives[name][1:])] for name in names]
        parts.append(_table(rows))
    if result.hessian is not None and len(names) > 1:
        rows = [["Hessian", *names]]
        rows += [[name, *map(_number, row.values())] for name, row in result.hessian.items()]
        parts.append(_table(rows))
    if result.explanation is not None:
        parts.append(str(result.explanation))
    if result.graph is not None:
        parts.append(f"wrote {result.graph}")
    if result.page is not None:
        parts.append(f"wrote {result.page}")
    return "\n\n".join(parts)


def _as_json(result: _Result) -> str:
    import json

    answer = {
        "expression": result.expression.text,
        "value": result.value,
        "variables": {
            name: {
                "value": variable.data,
                "derivative": result.derivatives[name][0],
                "difference": result.differences[name][0],
            }
            for name, variable in result.variables.items()
        },
        "derivatives": result.derivatives,
        "hessian": result.hessian,
        "explanation": None if result.explanation is None else result.explanation.to_dict(),
        "graph": result.graph,
        "page": result.page,
    }
    return json.dumps(_plain(answer), indent=2, sort_keys=True, allow_nan=False)


def _plain(data: Any) -> Any:
    """The data with inf and nan as strings, for JSON has none."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


def _as_latex(result: _Result) -> str:
    from autograd_engine.formulas import number, symbol

    symbols = {name: symbol(name) for name in result.variables}
    value = _latex_number(result.value)
    formula = number(result.expression(**symbols)).latex if symbols else value
    lines = [f"f &= {formula} = {value}" if symbols else f"f &= {value}"]
    for name, derivatives in result.derivatives.items():
        for n, derivative in enumerate(derivatives, 1):
            power = f"^{{{n}}}" if n > 1 else ""
            lines.append(
                rf"\frac{{\partial{power} f}}{{\partial {symbols[name].latex}{power}}} &= "
                f"{_latex_number(derivative)}"
            )
    if result.hessian is not None and len(symbols) > 1:
        rows = [" & ".join(map(_latex_number, row.values())) for row in result.hessian.values()]
        matrix = r" \\ ".join(rows)
        lines.append(rf"\nabla^2 f &= \begin{{pmatrix}} {matrix} \end{{pmatrix}}")
    parts = ["\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"]
    if result.explanation is not None:
        parts.append(f"\\[\n{result.explanation.latex}\n\\]")
    return "\n\n".join(parts)


def _latex_number(x: float) -> str:
    from autograd_engine.formulas import number

    digits, _, power = _number(x).partition("e")
    if power:
        return rf"{digits} \cdot 10^{{{int(power)}}}"
    return digits if math.isfinite(x) else number(x).latex


_PRINTERS: dict[str, Callable[[_Result], str]] = {
    "text": _as_text,
    "json": _as_json,
    "latex": _as_latex,
}

if __name__ == "__main__":
    sys.exit(main())
