"""Pictures for the exercises' `figure.py`, as SVG: curves, and graphs with wrong gradients in red.

Curves are drawn here, in little more than a polyline each, so that no exercise needs a plotting
library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_engine import Value
    from autograd_engine.teach.programs import Program

__all__ = ["curves", "gradients", "program_gradients"]

_COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea")
_WIDTH, _HEIGHT, _MARGIN = 520, 340, 56


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x_label: str = "",
    y_label: str = "",
    log: bool = False,
    points: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> str:
    """Draw curves.

    Parameters
    ----------
    lines : mapping
        From the name of a curve to its points; what is not finite is left out.
    x_label, y_label : str
        What the axes show.
    log : bool
        Both axes logarithmic; then what is not positive is left out, too.
    points : mapping, optional
        What to draw as dots instead.

    Returns
    -------
    str
        The SVG.

    Examples
    --------
    >>> curves({"line": [(0.0, 0.0), (1.0, 2.0)]}).count("<polyline")
    1
    """
    dots = points or {}

    def scaled(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        if log:
            pairs = [(math.log10(x), math.log10(y)) for x, y in pairs if x > 0.0 and y > 0.0]
        return [(x, y) for x, y in pairs if math.isfinite(x) and math.isfinite(y)]

    series = {name: scaled(pairs) for name, pairs in {**lines, **dots}.items()}
    everything = [pair for pairs in series.values() for pair in pairs] or [(0.0, 0.0)]
    (left, right), (low, high) = (_range([pair[axis] for pair in everything]) for axis in (0, 1))

    def place(x: float, y: float) -> tuple[float, float]:
        across = _MARGIN + (x - left) / (right - left) * (_WIDTH - 2 * _MARGIN)
        return across, _HEIGHT - _MARGIN - (y - low) / (high - low) * (_HEIGHT - 2 * _MARGIN)

    def text(x: float, y: float, content: str, more: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(content)}</text>'

    def tick(value: float) -> str:
        return f"1e{value:.3g}" if log else f"{value:.3g}"

    middle, end = 'text-anchor="middle"', 'text-anchor="end"'
    bottom = _HEIGHT - _MARGIN
    body = [
        f'<path d="M{_MARGIN} {_MARGIN}V{bottom}H{_WIDTH - _MARGIN}" fill="none" stroke="#475569"/>'
    ]
    for step in range(5):
        x, y = left + (right - left) * step / 4, low + (high - low) * step / 4
        body.append(text(place(x, low)[0], bottom + 18, tick(x), middle))
        body.append(text(_MARGIN - 6, place(left, y)[1] + 4, tick(y), end))
    body.append(text(_WIDTH / 2, _HEIGHT - 12, x_label, middle))
    body.append(text(_MARGIN, _MARGIN - 34, y_label))
    for i, (name, pairs) in enumerate(series.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        placed = [place(x, y) for x, y in pairs]
        if name in lines:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
            body.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        else:
            body += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in placed
            ]
        body.append(
            text(_MARGIN + 8 + 130 * i, _MARGIN - 12, name, f'fill="{colour}" font-weight="bold"')
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="Helvetica, sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(body)}</svg>\n'
    )


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def gradients(root: Value, got: Mapping[str, object] | None = None) -> str:
    """Draw a graph; where a learner's gradient is wrong, it stands there in red.

    Parameters
    ----------
    root : Value
        The result, after `backward`: its graph has the right gradients.
    got : mapping, optional
        The learner's gradients by the labels of the nodes.

    Returns
    -------
    str
        The SVG.

    Raises
    ------
    visualize.RendererNotFound
        If there is nothing to lay the graph out with.
    """
    from visualize import draw

    diagram = draw(root, local_derivatives=True)
    diagram.body += wrong_gradients(root, got or {})
    return str(diagram.pipe(format="svg", encoding="utf-8"))


def program_gradients(
    program: Program, inputs: Mapping[str, float], got: Mapping[str, object] | None = None
) -> str:
    """Draw the graph of a program; where a learner's gradient is wrong, it stands there in red.

    Parameters
    ----------
    program : Program
    inputs : mapping
        From names to numbers.
    got : mapping, optional
        The learner's gradients by the names of the inputs and steps.

    Returns
    -------
    str
        The SVG.

    Raises
    ------
    visualize.RendererNotFound
        If there is nothing to lay the graph out with.
    """
    from autograd_engine import Value
    from autograd_engine.teach.programs import run

    nodes = run(program, {name: Value(x) for name, x in inputs.items()})
    for name, node in nodes.items():
        node.label = name
    root = list(nodes.values())[-1]
    root.backward()
    return gradients(root, got)


def wrong_gradients(root: Value, got: Mapping[str, object]) -> list[str]:
    """The lines of DOT that paint over the nodes with a wrong gradient.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a = Value(2.0, label="a")
    >>> y = a * a
    >>> y.backward()
    >>> wrong_gradients(y, {"a": 4.0})
    []
    >>> print(*wrong_gradients(y, {"a": 2.0}))
    n0 [color="#dc2626" fillcolor="#fee2e2" penwidth=2.5 label="a | data 2 | yours 2 | must be 4"]
    """
    from autograd_engine import graph
    from autograd_engine.teach.testing import close

    lines = []
    for i, node in enumerate(graph.nodes(root)):
        if node.label in got and not close(got[node.label], node.grad):
            mine = got[node.label]
            number = f"{mine:.6g}" if isinstance(mine, (int, float)) else _word(mine)
            text = f"{node.label} | data {node.data:.6g} | yours {number} | must be {node.grad:.6g}"
            style = 'color="#dc2626" fillcolor="#fee2e2" penwidth=2.5'
            lines.append(f'\tn{i} [{style} label="{text}"]\n')
    return lines


def _word(data: object) -> str:
    """What there is to say of something that is no number."""
    return str(data) if data in ("NaN", "Infinity", "-Infinity") else type(data).__name__
