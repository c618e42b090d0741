"""Going down: a loss over its parameters, and the paths of gradient descent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_engine import derivative
from visualize.plots.shared import (
    BLUE,
    COLORS,
    DASHES,
    INK,
    MARKERS,
    ORANGE,
    axes_or_new,
    evenly,
    one_number,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["descend", "plot_descent", "plot_loss_1d", "plot_paths_2d"]

Function: TypeAlias = Callable[[Any], Any]


def descend(loss: Function, start: float, rate: float, steps: int) -> list[float]:
    """The places to which gradient descent goes from a start.

    Parameters
    ----------
    loss : callable
        Of one number, written with the functions of the engine.
    start : float
    rate : float
        By which the derivative is multiplied.
    steps : int

    Returns
    -------
    list of float
        The start and one place more for each step, unless a step leads to infinity.

    Examples
    --------
    >>> descend(lambda x: x**2, 1.0, 0.25, 3)
    [1.0, 0.5, 0.25, 0.125]
    """
    slope = derivative(loss)
    path = [float(start)]
    for _ in range(steps):
        place = path[-1] - rate * slope(path[-1])
        if not math.isfinite(place):
            break
        path.append(place)
    return path


def plot_loss_1d(
    loss: Function,
    ax: Axes | None = None,
    between: tuple[float, float] = (-2.0, 2.0),
    tried: Sequence[float] = (),
) -> Axes:
    """Draw a loss over its one parameter, with places that were tried; the best is marked.

    Parameters
    ----------
    loss : callable
        Of one number.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float
        Values of the parameter.
    tried : list of float
        Values to mark.

    Returns
    -------
    matplotlib Axes
        Its first line is the loss, its second what was tried, its third the best of it.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> ax = plot_loss_1d(lambda x: (x - 1) ** 2, tried=[-1.5, 0.0, 1.5])  # doctest: +SKIP
    """
    ax = axes_or_new(ax)
    _curve(ax, loss, between)
    if tried:
        losses = [one_number(loss(x), "the loss") for x in tried]
        ax.plot(tried, losses, "o", color=ORANGE, label="tried")
        best = min(range(len(losses)), key=losses.__getitem__)
        ax.plot(tried[best], losses[best], "*", color=INK, markersize=14, label="the best of them")
        ax.legend()
    return ax


def plot_descent(
    loss: Function,
    path: Sequence[float],
    ax: Axes | None = None,
    between: tuple[float, float] | None = None,
    rate: float | None = None,
) -> Axes:
    """Draw a loss over its one parameter, and a path over it.

    Parameters
    ----------
    loss : callable
        Of one number, written with the functions of the engine.
    path : list of float
        As `descend` gives it. Of a path of n frames, ``path[:k]`` is frame k.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float, optional
        Values of the parameter; a little more than the path if not given.
    rate : float, optional
        Draw what a step of this rate minimises, too: the tangent at the last place plus a
        parabola, with its lowest point where the step ends.

    Returns
    -------
    matplotlib Axes
        Its first line is the loss, its second the path.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the path is empty.

    Examples
    --------
    >>> def loss(x):
    ...     return x**4 - 3 * x**2 + x
    >>> ax = plot_descent(loss, descend(loss, 2.0, 0.05, 8))  # doctest: +SKIP
    """
    if not path:
        raise ValueError("the path has no places to draw")
    ax = axes_or_new(ax)
    shown = evenly(list(path), 2, 0.15)
    low, high = between or (shown[0], shown[-1])
    heights = _curve(ax, loss, (low, high))
    margin = 0.1 * (max(heights) - min(heights) or 1.0)
    places = [place for place in path if low <= place <= high]
    ax.plot(
        places,
        [one_number(loss(x), "the loss") for x in places],
        "o-",
        color=ORANGE,
        markersize=5,
        linewidth=1.2,
        label=f"descent, {len(path) - 1} steps",
    )
    if rate is not None and places:
        here = places[-1]
        value, slope = one_number(loss(here), "the loss"), derivative(loss)(here)
        xs = evenly([low, high], 201, 0.0)
        local = [value + slope * (x - here) + (x - here) ** 2 / (2.0 * rate) for x in xs]
        ax.plot(xs, local, "--", color=INK, linewidth=1.0, label="what the next step minimises")
        following = here - rate * slope
        ax.plot(following, value - rate * slope**2 / 2.0, "v", color=INK)
    ax.set_ylim(min(heights) - margin, max(heights) + margin)
    ax.legend()
    return ax


def plot_paths_2d(
    loss: Callable[[float, float], Any],
    paths: Mapping[str, Sequence[tuple[float, float]]],
    ax: Axes | None = None,
    padding: float = 0.3,
    resolution: int = 60,
) -> Axes:
    """Draw a loss over its two parameters as contours, and paths over them.

    Parameters
    ----------
    loss : callable
        Of two numbers.
    paths : mapping of str to list of (float, float)
        By what the legend calls them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    padding : float
        How far the picture goes beyond the paths, as a part of their range.
    resolution : int
        At how many places along each axis the loss is computed.

    Returns
    -------
    matplotlib Axes
        Its lines are the paths, in order.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there is no place on any path.

    Examples
    --------
    >>> path = [(2.0, 1.0), (1.0, 0.1), (0.5, 0.0)]
    >>> ax = plot_paths_2d(lambda a, b: a**2 + 5 * b**2, {"batch": path})  # doctest: +SKIP
    """
    places = [place for path in paths.values() for place in path]
    if not places:
        raise ValueError("the paths have no places to draw")
    ax = axes_or_new(ax)
    xs = evenly([a for a, _ in places], resolution, padding)
    ys = evenly([b for _, b in places], resolution, padding)
    heights = [[one_number(loss(x, y), "the loss") for x in xs] for y in ys]
    low, high = min(map(min, heights)), max(map(max, heights))
    # Closer together near the bottom, where the paths end.
    levels = [low + (high - low) * (i / 14) ** 2 for i in range(1, 15)]
    if high > low:
        ax.contour(xs, ys, heights, levels=levels, colors="#94a3b8", linewidths=0.8)
    for i, (name, path) in enumerate(paths.items()):
        ax.plot(
            [a for a, _ in path],
            [b for _, b in path],
            DASHES[i % len(DASHES)],
            marker=MARKERS[i % len(MARKERS)],
            markersize=3,
            linewidth=1.2,
            color=COLORS[i % len(COLORS)],
            label=name,
        )
    ax.set_xlabel(r"$\theta_1$")
    ax.set_ylabel(r"$\theta_2$")
    ax.legend()
    return ax


def _curve(ax: Axes, loss: Function, between: tuple[float, float]) -> list[float]:
    low, high = between
    if not low < high:
        raise ValueError(f"between must be (low, high) with low < high, got {between!r}")
    xs = evenly([low, high], 401, 0.0)
    heights = [one_number(loss(x), "the loss") for x in xs]
    ax.plot(xs, heights, color=BLUE, label="loss")
    ax.set_xlabel(r"$\theta$")
    ax.set_ylabel("loss")
    return heights
