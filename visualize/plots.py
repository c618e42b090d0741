"""Curves and surfaces of what was trained, on matplotlib's axes.

matplotlib is loaded by the first plot, not with this module. Blue and orange, the first two
colours, are told apart by the colour-blind; with more of them, shapes and dashes differ as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_engine import Value, no_grad, sigmoid, softmax
from autograd_engine.convert import as_float

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn.history import History

__all__ = ["plot_decision_boundary", "plot_fit", "plot_history"]

Model: TypeAlias = Callable[[Any], Any]

_BLUE, _ORANGE = "#2563eb", "#ea580c"
_COLORS = (_BLUE, _ORANGE, "#0d9488", "#9333ea", "#ca8a04", "#be185d", "#475569", "#65a30d")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES = ("-", "--", "-.", ":")

# Below this a difference of probabilities is rounding, which would draw boundaries of noise.
_ROUNDING = 1e-9


# --- training ------------------------------------------------------------------------------------


def plot_history(history: History, ax: Axes | None = None) -> Axes:
    """Draw losses and metrics by epoch.

    Training is blue, validation orange. The loss is a full line; metrics are broken lines, on an
    axis of their own at the right.

    Parameters
    ----------
    history : History
        What `nn.fit` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        That of the losses, logarithmic if they are positive and span two decades or more.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the history has no epochs.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
    >>> history = nn.fit(model, nn.data.boolean("xor"), epochs=10)
    >>> ax = plot_history(history)  # doctest: +SKIP
    >>> ax.figure.savefig("history.png")  # doctest: +SKIP
    """
    if not len(history):
        raise ValueError("the history has no epochs to draw")
    ax = _axes(ax)
    from matplotlib.ticker import MaxNLocator

    losses = [name for name in history.columns if name in ("loss", "val_loss")]
    metrics = [name for name in history.columns if name not in ("epoch", "lr", *losses)]
    for name in losses:
        _draw_column(ax, history, name, "-")
    numbers = [x for name in losses for x in history[name]]
    if all(0.0 < x < math.inf for x in numbers) and max(numbers) >= 100.0 * min(numbers):
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("loss")
    handles = list(ax.lines)
    if metrics:
        right = ax.twinx()
        quantities = list(dict.fromkeys(name.removeprefix("val_") for name in metrics))
        for name in metrics:
            dashes = 1 + quantities.index(name.removeprefix("val_")) % (len(_DASHES) - 1)
            _draw_column(right, history, name, _DASHES[dashes])
        right.set_ylabel(", ".join(quantities))
        handles += right.lines
    # The axes at the right lie above, and so the legend must be theirs to hide no line.
    (right if metrics else ax).legend(handles=handles)
    return ax


def _draw_column(ax: Axes, history: History, name: str, dashes: str) -> None:
    color = _ORANGE if name.startswith("val_") else _BLUE
    single = "o" if len(history) == 1 else ""  # a line of one point would not be seen
    ax.plot(history["epoch"], history[name], dashes, marker=single, color=color, label=name)


# --- classes in the plane ------------------------------------------------------------------------


def plot_decision_boundary(
    model: Model,
    data: Iterable[tuple[Sequence[float], float]],
    ax: Axes | None = None,
    resolution: int = 80,
    padding: float = 0.2,
    logits: bool = True,
) -> Axes:
    """Draw which class a model of two inputs chooses where, and the points it should know.

    Each place has the colour of the class that is most probable there, the paler the less it is
    preferred to the others. Black lines are where the choice changes.

    Parameters
    ----------
    model : callable
        Called with [x1, x2], recording no graph; a module as in use, not as in training. One
        output is for class 1, several are one for each class.
    data : list of ([x1, x2], y)
        y is the number of a class, or -1 and 1 for class 0 and 1.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    resolution : int
        At how many places along each axis the model is called.
    padding : float
        How far the picture goes beyond the points, as a part of their range.
    logits : bool
        True if one output is to go through a sigmoid, or several through a softmax; False if
        outputs are probabilities already: what is below 0 or above 1 counts as 0 or 1. Outputs
        that are all exactly 0 or 1, as of a threshold unit, are classes either way; unless all
        are 0, which are the logits of a model that has not learned.

    Returns
    -------
    matplotlib Axes
        Its first collections hold the probability of each class where it is the highest.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there are no points, or points not of two numbers and the number of a class that the
        model has.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
    >>> ax = plot_decision_boundary(model, nn.data.moons(seed=0))  # doctest: +SKIP
    """
    if isinstance(resolution, bool) or not isinstance(resolution, int) or resolution < 2:
        raise ValueError(f"resolution must be 2, 3, 4, ..., got {resolution!r}")
    if not padding >= 0.0:
        raise ValueError(f"padding must not be negative, got {padding!r}")
    points = list(data)
    classes, names = _classes(points)
    places = [_numbers(x) for x, _ in points]
    ax = _axes(ax)
    xs = _spread([x for x, _ in places], resolution, padding)
    ys = _spread([y for _, y in places], resolution, padding)
    with _in_use(model):
        outputs = [[_numbers(model([x, y])) for x in xs] for y in ys]
    if {number for row in outputs for numbers in row for number in numbers} in ({1.0}, {0.0, 1.0}):
        logits = False
    surface = [[_probabilities(numbers, logits) for numbers in row] for row in outputs]
    count = len(surface[0][0])
    if max(classes) >= count:
        raise ValueError(
            f"the data has class {max(classes)}, and the model outputs for {count} classes"
        )
    for k in range(count):
        _draw_region(ax, xs, ys, surface, k)
    for k in range(1, count):
        _draw_boundary(ax, xs, ys, surface, k)
    for k in sorted(set(classes)):
        mine = [place for place, own in zip(places, classes, strict=True) if own == k]
        ax.scatter(
            [x for x, _ in mine],
            [y for _, y in mine],
            s=28,
            color=_COLORS[k % len(_COLORS)],
            marker=_MARKERS[k % len(_MARKERS)],
            edgecolors="white",
            linewidths=0.8,
            label=f"class {names[k]}",
            zorder=3,
        )
    ax.set_xlim(xs[0], xs[-1])
    ax.set_ylim(ys[0], ys[-1])
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    ax.legend()
    return ax


def _classes(points: Sequence[tuple[Any, Any]]) -> tuple[list[int], Mapping[int, int]]:
    """The class of each point, counted from 0, and what the data calls it."""
    if not points:
        raise ValueError("there are no points to draw")
    targets = []
    for i, (x, y) in enumerate(points):
        if len(_numbers(x)) != 2:
            raise ValueError(f"a plane has points of 2 numbers, got {x!r} in point {i}")
        try:
            target = _only(y, "a target")
        except (TypeError, ValueError):
            target = math.nan
        if not target.is_integer() or target < -1.0:
            raise ValueError(f"the target of point {i} is {y!r}, not the number of a class")
        targets.append(int(target))
    if -1 not in targets:
        return targets, {k: k for k in targets}
    if not {-1, 1}.issuperset(targets):
        raise ValueError(f"targets must be 0, 1, ..., or -1 and 1, got {sorted(set(targets))}")
    return [int(y > 0) for y in targets], {0: -1, 1: 1}


def _probabilities(numbers: list[float], logits: bool) -> list[float]:
    """Of each class; one output is for class 1 of two."""
    if not logits:
        numbers = [min(max(number, 0.0), 1.0) for number in numbers]
    elif len(numbers) == 1:
        numbers = [sigmoid(numbers[0])]
    else:
        numbers = softmax(numbers)
    return [1.0 - numbers[0], numbers[0]] if len(numbers) == 1 else numbers


def _lead(probabilities: list[float], k: int) -> float:
    """By how much class k is more probable than the best of the others."""
    return probabilities[k] - max(p for i, p in enumerate(probabilities) if i != k)


def _draw_region(
    ax: Axes, xs: list[float], ys: list[float], surface: list[list[list[float]]], k: int
) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colors = LinearSegmentedColormap.from_list("class", ["white", _COLORS[k % len(_COLORS)]])
    ax.pcolormesh(
        xs,
        ys,
        [[ps[k] if _lead(ps, k) >= 0.0 else math.nan for ps in row] for row in surface],
        shading="nearest",
        cmap=colors,
        vmin=1.0 / len(surface[0][0]),
        vmax=1.0,
        alpha=0.4,
        linewidth=0.0,
        rasterized=True,  # thousands of cells would make a vector format large and slow
    )


def _draw_boundary(
    ax: Axes, xs: list[float], ys: list[float], surface: list[list[list[float]]], k: int
) -> None:
    leads = [[_lead(probabilities, k) for probabilities in row] for row in surface]
    if any(x < -_ROUNDING for row in leads for x in row) and any(
        x > _ROUNDING for row in leads for x in row
    ):
        ax.contour(xs, ys, leads, levels=[0.0], colors="black", linewidths=1.2)


# --- functions of one number ---------------------------------------------------------------------


def plot_fit(
    functions: Mapping[str, Model],
    data: Iterable[tuple[Any, float]],
    ax: Axes | None = None,
) -> Axes:
    """Draw functions of one number as curves, with the points they should meet.

    Parameters
    ----------
    functions : mapping of str to callable
        What the legend calls them; a module is called with [x], any other function with x.
    data : list of ([x], y) or (x, y)
        The curves go from the lowest x to the highest.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Its lines are the curves, of 200 places each; its first collection are the points.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there are no points, or points not of one number; or if a function returns several.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(1, [10, 10, 1], "tanh", seed=0)
    >>> functions = {"untrained": model, "$x^2$": lambda x: x**2}
    >>> ax = plot_fit(functions, nn.data.quadratic())  # doctest: +SKIP
    """
    from nn import Module

    points = [(_only(x, "a point"), _only(y, "a target")) for x, y in data]
    if not points:
        raise ValueError("there are no points to draw")
    ax = _axes(ax)
    xs = _spread([x for x, _ in points], 200, 0.0)
    for i, (name, function) in enumerate(functions.items()):
        with _in_use(function):
            outputs = [function([x] if isinstance(function, Module) else x) for x in xs]
        ax.plot(
            xs,
            [_only(output, name) for output in outputs],
            _DASHES[i % len(_DASHES)],
            color=_COLORS[i % len(_COLORS)],
            label=name,
        )
    ax.scatter(
        [x for x, _ in points],
        [y for _, y in points],
        s=28,
        color="#111827",
        label="data",
        zorder=3,
    )
    ax.set_xlabel("$x$")
    ax.set_ylabel("$y$")
    ax.legend()
    return ax


# --- what they share -----------------------------------------------------------------------------


def _axes(ax: Axes | None) -> Axes:
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
def _in_use(model: Model) -> Iterator[None]:
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


def _spread(numbers: list[float], count: int, padding: float) -> list[float]:
    """Evenly spaced numbers over a range that is wider by a padding at each end."""
    low, high = min(numbers), max(numbers)
    margin = padding * (high - low) if high > low else 0.5
    low, high = low - margin, high + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def _numbers(output: Any) -> list[float]:
    """The numbers of an output, which is one or a list or array of them."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    outputs = output if isinstance(output, (list, tuple)) else [output]
    return [x.data if isinstance(x, Value) else as_float(x, "what is drawn") for x in outputs]


def _only(given: Any, what: str) -> float:
    numbers = _numbers(given)
    if len(numbers) != 1:
        raise ValueError(f"a curve needs one number, got {len(numbers)} of {what}")
    return numbers[0]
