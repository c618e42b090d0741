"""A network as its neurons and weights: a column for each layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd_engine import Value
from autograd_engine.convert import as_float
from visualize.diagram import Diagram
from visualize.dot import TEXT
from visualize.plots.shared import as_numbers, in_use
from visualize.themes import STYLES, THEMES, Palette, palette
from visualize.view import check, check_digits

if TYPE_CHECKING:
    import nn

__all__ = ["draw_network", "neurons_of", "stages"]

# Distances in inches.
_BETWEEN_COLUMNS, _BETWEEN_ROWS, _NEURON = 2.4, 0.72, 0.56


@dataclass
class _Column:
    """The neurons of a layer, or the inputs.

    Attributes
    ----------
    name, said : str
        What stands above it.
    size : int
    neurons : list of nn.Neuron
        Empty for the inputs.
    numbers : list of float
        What comes out, if the inputs are given.
    """

    name: str
    said: str
    size: int
    neurons: Sequence[nn.Neuron] = ()
    numbers: Sequence[float] = ()


def draw_network(
    model: nn.Module,
    inputs: Sequence[Any] | None = None,
    *,
    max_neurons: int = 10,
    digits: int = 2,
    style: str = "plain",
    theme: str = "light",
    format: str = "svg",
) -> Diagram:
    """Draw the neurons and weights of a network.

    A weight is a line, blue if it is positive and orange if it is negative, wide and dark in
    proportion to its absolute value, compared with the largest of its layer. If inputs are given,
    a neuron bears its output and is coloured by it in the same way.

    Parameters
    ----------
    model : nn.Module
        An MLP, a layer, a neuron, or a Sequential of these and of functions.
    inputs : list of numbers, optional
        An example for which the outputs of all neurons are shown.
    max_neurons : int
        The most that are drawn of a layer; the middle of a wider one is left out.
    digits : int
        Significant digits of the numbers.
    style, theme, format
        As for `draw`.

    Returns
    -------
    Diagram

    Raises
    ------
    TypeError
        If model is none of these.
    ValueError
        If the inputs are not as many as the model has, or an option is not one of its choices.

    Examples
    --------
    >>> import nn
    >>> diagram = draw_network(nn.MLP(3, [2, 1], "tanh", seed=0), [1.0, 0.5, -1.0])
    >>> diagram.source.count('class="neuron '), diagram.source.count('class="weight ')
    (6, 8)
    """
    check("style", style, STYLES)
    check("theme", theme, THEMES)
    if not isinstance(max_neurons, int) or max_neurons < 2:
        raise ValueError(f"max_neurons is a whole number from 2 on, got {max_neurons!r}")
    check_digits(digits)
    columns = _columns(model, inputs)
    writer = _Writer(columns, palette(style, theme), f".{digits}g", max_neurons)
    return Diagram(engine="neato", format=format, **writer.attributes(), body=[*writer.body()])


# --- what there is to draw -----------------------------------------------------------------------


def _columns(model: nn.Module, inputs: Sequence[Any] | None) -> list[_Column]:
    import nn

    found = [*stages(model)]
    if not found or not isinstance(found[0][1], (nn.Layer, nn.Neuron)):
        raise TypeError(
            "draw_network draws an MLP, a Layer, a Neuron or a Sequential that begins with one, "
            f"got {model!r}"
        )
    width = len(neurons_of(found[0][1])[0].w)
    numbers: list[float] = []
    if inputs is not None:
        numbers = [x.data if isinstance(x, Value) else as_float(x, "an input") for x in inputs]
        if len(numbers) != width:
            raise ValueError(f"the model has {width} inputs, got {len(numbers)}")
    columns = [_Column("inputs", str(width), width, numbers=numbers)]
    with in_use(model):
        for name, stage in found:
            if numbers:
                numbers = as_numbers(nn.Sequential(stage)(numbers))
            if isinstance(stage, (nn.Layer, nn.Neuron)):
                neurons = neurons_of(stage)
                given, expected = columns[-1].size, len(neurons[0].w)
                if given != expected:
                    raise ValueError(f"{name} has {expected} inputs, and before it are {given}")
                said = f"{len(neurons)} × {_activation(neurons[0])}"
                columns.append(_Column(name, said, len(neurons), neurons, numbers))
            else:
                columns[-1].said += f", {_name_of(stage)}"
                columns[-1].numbers = numbers
    return columns


def stages(stage: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What a model does one after the other: layers, neurons and functions, with their names."""
    import nn

    if isinstance(stage, (nn.MLP, nn.Sequential)):
        for i, inner in enumerate(stage.layers):
            yield from stages(inner, f"{name}.layers.{i}".lstrip("."))
    else:
        yield name or type(stage).__name__, stage


def neurons_of(stage: nn.Layer | nn.Neuron) -> list[nn.Neuron]:
    """The neurons of a layer, or the one."""
    import nn

    return [stage] if isinstance(stage, nn.Neuron) else stage.neurons


def _activation(neuron: nn.Neuron) -> str:
    return "linear" if neuron._activation is None else _name_of(neuron._activation)


def _name_of(stage: Callable[..., Any]) -> str:
    import nn

    return stage._name() if isinstance(stage, nn.Module) else getattr(stage, "__name__", "function")


# --- the drawing ---------------------------------------------------------------------------------


class _Writer:
    def __init__(
        self, columns: Sequence[_Column], colours: Palette, number: str, max_neurons: int
    ) -> None:
        self.columns, self.colours, self.number = columns, colours, number
        self.shown = [_shown(column.size, max_neurons) for column in columns]

    def attributes(self) -> dict[str, dict[str, str]]:
        """What the drawing, its neurons and its weights have in common."""
        text = {"fontname": "Helvetica", "fontcolor": self.colours.text}
        graph = text | {"bgcolor": self.colours.background, "outputorder": "edgesfirst"}
        node = text | {
            "shape": "circle",
            "style": "filled",
            "fixedsize": "true",
            "width": str(_NEURON),
            "fontsize": "11",
            "color": self.colours.border,
            "fillcolor": self.colours.fills["value"],
        }
        return {"graph_attr": graph, "node_attr": node, "edge_attr": {"arrowhead": "none"}}

    def body(self) -> Iterator[str]:
        """The statements: neurons, then weights."""
        top = max(map(len, self.shown)) / 2 * _BETWEEN_ROWS + 0.3
        for c, (column, shown) in enumerate(zip(self.columns, self.shown, strict=True)):
            x = c * _BETWEEN_COLUMNS
            yield _text(f"c{c}", column.name, x, top + 0.28, 12)
            yield _text(f"c{c}_said", column.said, x, top, 10)
            for row, i in enumerate(shown):
                y = ((len(shown) - 1) / 2 - row) * _BETWEEN_ROWS
                if i is None:
                    for dot in (-1, 0, 1):
                        place = f"{x:.2f},{y - 0.15 * dot:.2f}!"
                        yield (
                            f"\tc{c}_more{dot + 1} [class=more shape=point width=0.06 "
                            f'fillcolor="{self.colours.text}" pos="{place}"]\n'
                        )
                else:
                    yield self._neuron(c, i, x, y)
        for c in range(1, len(self.columns)):
            yield from self._weights(c)

    def _neuron(self, c: int, i: int, x: float, y: float) -> str:
        column = self.columns[c]
        kind = "input" if c == 0 else "output" if c == len(self.columns) - 1 else "hidden"
        text = f"x{i + 1}" if c == 0 else ""
        tooltip = f"input {i + 1}" if c == 0 else f"bias {column.neurons[i].b.data!r}"
        fill = self.colours.fills["input" if c == 0 else "output" if kind == "output" else "value"]
        if column.numbers:
            number = column.numbers[i]
            text = f"{number:{self.number}}"
            tooltip += f", output {number!r}" if c else f": {number!r}"
            largest = max(map(abs, column.numbers))
            fill = self._coloured(number, largest, 0.75)
        size = f" fontsize={max(6, 11 - max(0, len(text) - 4) * 1.2):.1f}"
        bold = " penwidth=2" if kind == "output" else ""
        return (
            f'\tc{c}n{i} [id=c{c}n{i} class="neuron {kind}" pos="{x:.2f},{y:.2f}!" '
            f'fillcolor="{fill}"{size}{bold} label="{text}" tooltip="{tooltip}"]\n'
        )

    def _weights(self, c: int) -> Iterator[str]:
        neurons = self.columns[c].neurons
        largest = max((abs(w.data) for neuron in neurons for w in neuron.w), default=0.0)
        for i in self.shown[c]:
            for j in self.shown[c - 1]:
                if i is None or j is None:
                    continue
                w = neurons[i].w[j].data
                sign = "positive" if w > 0 else "negative" if w < 0 else "zero"
                yield (
                    f'\tc{c - 1}n{j} -> c{c}n{i} [id=c{c}n{i}_w{j} class="weight {sign}" '
                    f'color="{self._coloured(w, largest, 0.85)}" '
                    f'penwidth={0.4 + 3.0 * _share(w, largest):.2f} tooltip="weight {w!r}"]\n'
                )

    def _coloured(self, number: float, largest: float, most: float) -> str:
        """Blue or orange, the more opaque the larger it is compared with the largest."""
        if math.isnan(number):
            return self.colours.undefined
        colour = self.colours.positive if number >= 0.0 else self.colours.negative
        return f"{colour}{round(255 * (0.1 + most * _share(number, largest))):02x}"


def _share(number: float, largest: float) -> float:
    """How large a number is, from 0 to 1 for the largest."""
    size = abs(number)
    if not size < math.inf:
        return 1.0
    return min(size / largest, 1.0) if 0.0 < largest < math.inf else 0.0


def _shown(size: int, most: int) -> list[int | None]:
    """Which neurons of a layer are drawn, with None for those that are left out."""
    if size <= most:
        return list(range(size))
    last = (most - 1) // 2
    return [*range(most - 1 - last), None, *range(size - last, size)]


def _text(name: str, text: str, x: float, y: float, size: int) -> str:
    label = text.translate(TEXT)
    return (
        f'\t{name} [id={name} class=text shape=plaintext style="" fixedsize=false '
        f'pos="{x:.2f},{y:.2f}!" fontsize={size} label="{label}"]\n'
    )
