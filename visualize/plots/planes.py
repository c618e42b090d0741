"""What a model of two numbers says about a plane of points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_engine import sigmoid, softmax
from visualize.plots.shared import (
    COLORS,
    MARKERS,
    Model,
    as_numbers,
    axes_or_new,
    evenly,
    in_use,
    one_number,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_decision_boundary"]

# Below this a difference of probabilities is rounding, which would draw boundaries of noise.
_ROUNDING = 1e-9


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
    places = [as_numbers(x) for x, _ in points]
    ax = axes_or_new(ax)
    xs = evenly([x for x, _ in places], resolution, padding)
    ys = evenly([y for _, y in places], resolution, padding)
    with in_use(model):
        outputs = [[as_numbers(model([x, y])) for x in xs] for y in ys]
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
            color=COLORS[k % len(COLORS)],
            marker=MARKERS[k % len(MARKERS)],
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
        if len(as_numbers(x)) != 2:
            raise ValueError(f"a plane has points of 2 numbers, got {x!r} in point {i}")
        try:
            target = one_number(y, "a target")
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

    colors = LinearSegmentedColormap.from_list("class", ["white", COLORS[k % len(COLORS)]])
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
