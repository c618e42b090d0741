"""Functions of one number, as curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_engine import derivative, functions, no_grad
from visualize.plots.shared import (
    BLUE,
    COLORS,
    DASHES,
    INK,
    ORANGE,
    Model,
    axes_or_new,
    evenly,
    in_use,
    one_number,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn import Module

__all__ = [
    "plot_activation",
    "plot_bumps",
    "plot_fit",
    "plot_loss_curves",
    "plot_loss_slopes",
    "plot_pieces",
    "plot_posterior",
    "plot_relu_sum",
]

Function: TypeAlias = Callable[[Any], Any]
Interval: TypeAlias = tuple[float, float]

_PLACES = 401  # odd, so that 0 is one of them


def plot_activation(
    activation: str | Function | Mapping[str, Function],
    ax: Axes | None = None,
    between: Interval = (-5.0, 5.0),
    derivatives: bool = True,
) -> Axes:
    """Draw an activation, and its derivative as a broken line.

    Parameters
    ----------
    activation : str, callable, or mapping of str to callable
        The name of a function of the engine, such as "tanh"; a function written with those; or
        several by what the legend calls them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float
        From where to where.
    derivatives : bool
        Whether to draw them.

    Returns
    -------
    matplotlib Axes
        Its lines are each function, followed by its derivative.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there is no such function.

    Examples
    --------
    >>> from autograd_engine import sigmoid
    >>> ax = plot_activation("tanh")  # doctest: +SKIP
    >>> steep = {f"k = {k}": lambda x, k=k: sigmoid(k * x) for k in (1, 5, 50)}
    >>> ax = plot_activation(steep, derivatives=False)  # doctest: +SKIP
    """
    chosen = _named(activation)
    ax = axes_or_new(ax)
    xs = _places(between)
    for i, (name, function) in enumerate(chosen.items()):
        color = COLORS[i % len(COLORS)]
        ax.plot(xs, [one_number(function(x), name) for x in xs], color=color, label=name)
        if derivatives:
            slope = derivative(function)
            ax.plot(xs, [slope(x) for x in xs], "--", color=color, label=f"{name}'")
    _cross(ax)
    ax.set_xlabel("$x$")
    ax.legend()
    return ax


def _named(activation: str | Function | Mapping[str, Function]) -> Mapping[str, Function]:
    if isinstance(activation, Mapping):
        return activation
    if not isinstance(activation, str):
        return {getattr(activation, "__name__", "f"): activation}
    function = getattr(functions, activation, None)
    if activation not in functions.__all__:
        raise ValueError(f"the engine has no function {activation!r}")
    return {activation: function}  # type: ignore[dict-item]


def plot_loss_curves(ax: Axes | None = None) -> Axes:
    """Draw what the cross-entropy of two classes costs, by the probability given to class 1.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Its lines are the loss where the class is 1, and where it is 0.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> ax = plot_loss_curves()  # doctest: +SKIP
    """
    ax = axes_or_new(ax)
    ps = [i / 400 for i in range(2, 399)]
    ax.plot(ps, [-math.log(p) for p in ps], color=BLUE, label=r"$y = 1$: $-\log\,\hat{y}$")
    label = r"$y = 0$: $-\log(1 - \hat{y})$"
    ax.plot(ps, [-math.log(1.0 - p) for p in ps], "--", color=ORANGE, label=label)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, None)
    ax.set_xlabel(r"probability $\hat{y}$ of class 1")
    ax.set_ylabel("loss")
    ax.legend()
    return ax


def plot_loss_slopes(ax: Axes | None = None, between: Interval = (-6.0, 6.0)) -> Axes:
    """Draw how fast two losses of a sigmoid fall with its logit, where the class is 1.

    Where the sigmoid is certain and wrong, the slope of the squared error vanishes, and that of
    the cross-entropy does not.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float
        Of logits.

    Returns
    -------
    matplotlib Axes
        Its lines are the slopes of the squared error and of the cross-entropy.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> ax = plot_loss_slopes()  # doctest: +SKIP
    """
    losses = {
        "squared error": lambda z: (functions.sigmoid(z) - 1.0) ** 2,
        "cross-entropy": lambda z: -functions.logsigmoid(z),
    }
    ax = axes_or_new(ax)
    xs = _places(between)
    for i, (name, loss) in enumerate(losses.items()):
        slope = derivative(loss)
        ax.plot(xs, [slope(x) for x in xs], DASHES[i], color=COLORS[i], label=name)
    _cross(ax)
    ax.set_xlabel("logit $z$")
    ax.set_ylabel(r"$\partial L\,/\,\partial z$ where $y = 1$")
    ax.legend()
    return ax


def plot_posterior(
    mean0: float, mean1: float, deviation: float, prior: float = 0.5, ax: Axes | None = None
) -> Axes:
    """Draw two normal classes of one number, and how probable class 1 is by Bayes' rule.

    The probability is a sigmoid of the number: linear discriminant analysis is a neuron.

    Parameters
    ----------
    mean0, mean1 : float
    deviation : float
        The standard deviation of both.
    prior : float
        How probable class 1 is before the number is known.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Its lines are the density of class 0 and of class 1, and the probability of class 1.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the deviation is not above 0, or the prior not between 0 and 1.

    Examples
    --------
    >>> ax = plot_posterior(-1.0, 1.0, 0.8)  # doctest: +SKIP
    """
    if not deviation > 0.0:
        raise ValueError(f"deviation must be above 0, got {deviation!r}")
    if not 0.0 < prior < 1.0:
        raise ValueError(f"prior must be between 0 and 1, got {prior!r}")
    ax = axes_or_new(ax)
    xs = evenly([min(mean0, mean1) - 4 * deviation, max(mean0, mean1) + 4 * deviation], 401, 0.0)
    slope = (mean1 - mean0) / deviation**2
    start = (mean0**2 - mean1**2) / (2 * deviation**2) + math.log(prior / (1.0 - prior))
    for i, mean in enumerate((mean0, mean1)):
        density = [functions.normal_pdf((x - mean) / deviation) / deviation for x in xs]
        ax.plot(xs, density, color=COLORS[i], label=f"density of class {i}")
        ax.fill_between(xs, density, color=COLORS[i], alpha=0.15)
    posterior = [functions.sigmoid(slope * x + start) for x in xs]
    ax.plot(xs, posterior, "--", color=INK, label="$P(1\\,|\\,x)$, a sigmoid")
    ax.set_xlabel("$x$")
    ax.set_ylim(0.0, None)
    ax.legend()
    return ax


def plot_relu_sum(
    function: Function,
    n: int,
    ax: Axes | None = None,
    between: Interval = (0.0, 2.0 * math.pi),
    shown: int | None = None,
) -> Axes:
    """Draw a function, and the sum of ReLUs that meets it at evenly spaced places.

    Parameters
    ----------
    function : callable
        From a float to a float.
    n : int
        How many ReLUs it takes.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float
    shown : int, optional
        How many of them are added up, from the left; all if not given. One more in each frame
        shows the sum growing.

    Returns
    -------
    matplotlib Axes
        Its lines are the function, the sum, and each of the weighted ReLUs.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> import math
    >>> ax = plot_relu_sum(math.sin, 8)  # doctest: +SKIP
    >>> from visualize import animate
    >>> animate(  # doctest: +SKIP
    ...     lambda ax, k: plot_relu_sum(math.sin, 8, ax, shown=k), range(9), "sum.gif"
    ... )
    """
    from nn.examples.universal import relu_interpolant

    network = relu_interpolant(function, *between, n)
    weights = network.layers[-1].neurons[0].w
    kinks = [-neuron.b.data for neuron in network.layers[0].neurons]
    for weight in weights[n if shown is None else shown :]:
        weight.data = 0.0
    terms = [(weight.data, kink) for weight, kink in zip(weights, kinks, strict=True)]
    xs = _places(between)
    with no_grad():
        sums = [network([x]).data for x in xs]
    each = [[weight * max(x - kink, 0.0) for x in xs] for weight, kink in terms if weight]
    return _draw_sum(axes_or_new(ax), function, xs, sums, each, "sum of ReLUs")


def plot_bumps(
    function: Function,
    n: int,
    ax: Axes | None = None,
    between: Interval = (0.0, 2.0 * math.pi),
    shown: int | None = None,
    steepness: float = 20.0,
) -> Axes:
    """Draw a function, and the sum of bumps that meets it in the middle of each.

    A bump is the difference of two sigmoids, one for each of its ends: two units make one bump as
    high as is wanted, and so one hidden layer makes any function, nearly.

    Parameters
    ----------
    function : callable
        From a float to a float.
    n : int
        How many bumps there are.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float
    shown : int, optional
        How many of them are added up, from the left; all if not given.
    steepness : float
        The slope of the sigmoids' argument, where a bump is 1 wide: the larger, the more
        rectangular.

    Returns
    -------
    matplotlib Axes
        Its lines are the function, the sum, and each of the bumps.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If n is not a whole number from 1 on.

    Examples
    --------
    >>> import math
    >>> ax = plot_bumps(math.sin, 12)  # doctest: +SKIP
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n is a whole number of bumps from 1 on, got {n!r}")
    xs = _places(between)
    low, width = between[0], (between[1] - between[0]) / n
    each = []
    for i in range(n if shown is None else min(shown, n)):
        height = one_number(function(low + (i + 0.5) * width), "the function")
        ends = [[steepness * ((x - low) / width - end) for x in xs] for end in (i, i + 1)]
        each.append(
            [
                height * (functions.sigmoid(up) - functions.sigmoid(down))
                for up, down in zip(*ends, strict=True)
            ]
        )
    sums = [math.fsum(heights) for heights in zip(*each, strict=True)] or [0.0] * len(xs)
    return _draw_sum(axes_or_new(ax), function, xs, sums, each, "sum of bumps")


def _draw_sum(
    ax: Axes,
    function: Function,
    xs: list[float],
    sums: list[float],
    each: list[list[float]],
    name: str,
) -> Axes:
    """A function, a sum, and its terms."""
    heights = [one_number(function(x), "the function") for x in xs]
    ax.plot(xs, heights, color=BLUE, label="function")
    ax.plot(xs, sums, color=ORANGE, linewidth=2, label=name)
    for term in each:
        ax.plot(xs, term, color=ORANGE, linewidth=0.8, alpha=0.35)
    margin = 0.35 * (max(heights) - min(heights) or 1.0)
    ax.set_ylim(min(heights) - margin, max(heights) + margin)
    ax.set_xlim(xs[0], xs[-1])
    ax.set_xlabel("$x$")
    ax.legend(loc="upper right")
    return ax


def plot_pieces(model: Module, ax: Axes | None = None, between: Interval = (0.0, 1.0)) -> Axes:
    """Draw the straight pieces of a network of ReLUs with one input, in alternating colours.

    Parameters
    ----------
    model : Module
        Of one input and one output.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of float

    Returns
    -------
    matplotlib Axes
        A line for each piece; the title says how many there are.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    References
    ----------
    Montúfar, Pascanu, Cho and Bengio, On the number of linear regions of deep neural networks,
    2014.

    Examples
    --------
    >>> from nn.examples.universal import tent_network
    >>> ax = plot_pieces(tent_network(3))  # doctest: +SKIP
    """
    from nn.examples.universal import kinks

    ax = axes_or_new(ax)
    with in_use(model):
        places = [between[0], *kinks(model, *between), between[1]]
        heights = [one_number(model([x]), "the model") for x in places]
    for i in range(len(places) - 1):
        ax.plot(places[i : i + 2], heights[i : i + 2], color=COLORS[i % 2], linewidth=2)
    ax.plot(places[1:-1], heights[1:-1], "o", color=INK, markersize=4)
    pieces = len(places) - 1
    ax.set_title(f"{pieces} pieces" if pieces > 1 else "1 piece")
    ax.set_xlabel("$x$")
    return ax


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

    points = [(one_number(x, "a point"), one_number(y, "a target")) for x, y in data]
    if not points:
        raise ValueError("there are no points to draw")
    ax = axes_or_new(ax)
    xs = evenly([x for x, _ in points], 200, 0.0)
    for i, (name, function) in enumerate(functions.items()):
        with in_use(function):
            outputs = [function([x] if isinstance(function, Module) else x) for x in xs]
        ax.plot(
            xs,
            [one_number(output, name) for output in outputs],
            DASHES[i % len(DASHES)],
            color=COLORS[i % len(COLORS)],
            label=name,
        )
    ax.scatter(
        [x for x, _ in points],
        [y for _, y in points],
        s=28,
        color=INK,
        label="data",
        zorder=3,
    )
    ax.set_xlabel("$x$")
    ax.set_ylabel("$y$")
    ax.legend()
    return ax


def _places(between: Interval) -> list[float]:
    low, high = between
    if not low < high:
        raise ValueError(f"between must be (low, high) with low < high, got {between!r}")
    return [low + (high - low) * i / (_PLACES - 1) for i in range(_PLACES)]


def _cross(ax: Axes) -> None:
    """Thin lines through the origin."""
    ax.axhline(0.0, color=INK, linewidth=0.6)
    ax.axvline(0.0, color=INK, linewidth=0.6)
