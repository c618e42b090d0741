"""What all plots share: axes, colours, and the numbers of what is drawn.

matplotlib is loaded by the first plot, not with this module. Blue and orange, the first two
colours, are told apart by the colour-blind; with more of them, shapes and dashes differ as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_engine import Value, no_grad
from autograd_engine.convert import as_float

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "BLUE",
    "COLORS",
    "DASHES",
    "INK",
    "MARKERS",
    "ORANGE",
    "Model",
    "as_numbers",
    "axes_or_new",
    "evenly",
    "in_use",
    "one_number",
]

Model: TypeAlias = Callable[[Any], Any]

BLUE, ORANGE, INK = "#2563eb", "#ea580c", "#111827"
COLORS = (BLUE, ORANGE, "#0d9488", "#9333ea", "#ca8a04", "#be185d", "#475569", "#65a30d")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")


def axes_or_new(ax: Axes | None) -> Axes:
    """The given axes, or those of a new figure."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'autograd_engine[plot]'", name="matplotlib"
        ) from error
    return pyplot.subplots(layout="constrained")[1]


@contextmanager
def in_use(model: Model) -> Iterator[None]:
    """Record no graph, and have a module behave as in use, whatever it did before."""
    from nn import Module

    modes = [(part, part.training) for part in model.modules()] if isinstance(model, Module) else []
    try:
        for part, _ in modes:
            part.training = False
        with no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def evenly(numbers: list[float], count: int, padding: float) -> list[float]:
    """Evenly spaced numbers over a range that is wider by a padding at each end."""
    low, high = min(numbers), max(numbers)
    margin = padding * (high - low) if high > low else 0.5
    low, high = low - margin, high + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def as_numbers(output: Any) -> list[float]:
    """The numbers of an output, which is one or a list or array of them."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    outputs = output if isinstance(output, (list, tuple)) else [output]
    return [x.data if isinstance(x, Value) else as_float(x, "what is drawn") for x in outputs]


def one_number(given: Any, what: str) -> float:
    numbers = as_numbers(given)
    if len(numbers) != 1:
        raise ValueError(f"a curve needs one number, got {len(numbers)} of {what}")
    return numbers[0]
