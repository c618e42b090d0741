"""What goes on inside a network: gradients by layer, what each unit separates, probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from visualize.plots.shared import (
    BLUE,
    COLORS,
    DASHES,
    ORANGE,
    Model,
    as_numbers,
    axes_or_new,
    evenly,
    in_use,
    one_number,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn import Module

__all__ = ["plot_gradient_histograms", "plot_half_spaces", "plot_probabilities", "plot_surface"]


def plot_gradient_histograms(
    layers: Module | Mapping[str, Iterable[Any]], ax: Axes | None = None, bins: int = 31
) -> Axes:
    """Draw how the gradients of each layer are spread, one curve a layer.

    Parameters
    ----------
    layers : Module, or mapping of str to numbers
        A module with layers, after `backward`: the gradients of their weights. Or numbers by what
        the legend calls them.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    bins : int
        Into how many parts the range of all of them is divided; 0 is in the middle of it.

    Returns
    -------
    matplotlib Axes
        A line for each layer, the share of its gradients in each part.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there is no layer, or no number in one.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 8, 8, 1], "sigmoid", seed=0)
    >>> nn.mse([model(x) for x, _ in nn.data.moons()], [y for _, y in nn.data.moons()]).backward()
    >>> ax = plot_gradient_histograms(model)  # doctest: +SKIP
    """
    if isinstance(layers, Mapping):
        gradients = {name: as_numbers(list(numbers)) for name, numbers in layers.items()}
    else:
        gradients = {
            f"layer {i}": [w.grad for neuron in layer.neurons for w in neuron.w]
            for i, layer in enumerate(getattr(layers, "layers", []), 1)
        }
    if not gradients or not all(gradients.values()):
        raise ValueError("a histogram needs layers with at least one gradient each")
    ax = axes_or_new(ax)
    high = max(abs(x) for numbers in gradients.values() for x in numbers)
    low, width = -high, 2.0 * high / bins or 1.0
    middles = [low + width * (i + 0.5) for i in range(bins)]
    for i, (name, numbers) in enumerate(gradients.items()):
        shares = [0.0] * bins
        for x in numbers:
            shares[min(int((x - low) / width), bins - 1)] += 1.0 / len(numbers)
        color, dashes = COLORS[i % len(COLORS)], DASHES[i % len(DASHES)]
        ax.plot(middles, shares, dashes, color=color, label=name)
    ax.set_xlabel("gradient of a weight")
    ax.set_ylabel("share of the layer")
    ax.legend()
    return ax


def plot_half_spaces(
    layer: Any,
    ax: Axes | None = None,
    between: tuple[tuple[float, float], tuple[float, float]] = ((-2.0, 2.0), (-2.0, 2.0)),
) -> Axes:
    """Draw the line where each unit of two inputs changes its mind, shaded where it is active.

    Parameters
    ----------
    layer : Layer, Neuron, ThresholdUnit, or list of them
        Units with weights `w` and a bias `b`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    between : pair of pairs of float
        The ranges of the inputs.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If a unit has not two inputs.

    Examples
    --------
    >>> import nn
    >>> ax = plot_half_spaces(nn.Layer(2, 3, "relu", seed=0))  # doctest: +SKIP
    """
    units = getattr(layer, "neurons", layer if isinstance(layer, list) else [layer])
    for unit in units:
        if len(unit.w) != 2:
            raise ValueError(f"a plane is divided by units of 2 inputs, got one of {len(unit.w)}")
    ax = axes_or_new(ax)
    xs, ys = (evenly(list(ends), 120, 0.0) for ends in between)
    for i, unit in enumerate(units):
        (w1, w2), b = as_numbers(list(unit.w)), one_number(unit.b, "a bias")
        heights = [[w1 * x + w2 * y + b for x in xs] for y in ys]
        color = COLORS[i % len(COLORS)]
        if max(map(max, heights)) > 0.0:
            top = max(map(max, heights))
            ax.contourf(xs, ys, heights, levels=[0.0, top], colors=[color], alpha=0.15)
        if min(map(min, heights)) < 0.0 < max(map(max, heights)):
            ax.contour(xs, ys, heights, levels=[0.0], colors=[color], linewidths=1.6)
        ax.plot([], [], color=color, label=f"unit {i + 1}")
    ax.set_xlim(*between[0])
    ax.set_ylim(*between[1])
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    ax.legend()
    return ax


def plot_probabilities(
    probabilities: Sequence[Any] | Mapping[str, Any],
    ax: Axes | None = None,
    truth: int | str | None = None,
) -> Axes:
    """Draw how probable each class is, as bars.

    Parameters
    ----------
    probabilities : list, or mapping of str, to numbers
        As a softmax gives them; by the names of the classes.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    truth : int or str, optional
        Which class it is; drawn in another colour.

    Returns
    -------
    matplotlib Axes
        Its patches are the bars, the first class on top.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If a number is not from 0 to 1, or `truth` is no class.

    Examples
    --------
    >>> from autograd_engine import softmax
    >>> names = ["dog", "cat", "bird"]
    >>> ax = plot_probabilities(  # doctest: +SKIP
    ...     dict(zip(names, softmax([1.0, 2.0, 3.0]))), truth="bird"
    ... )
    """
    if not isinstance(probabilities, Mapping):
        probabilities = {str(i): p for i, p in enumerate(probabilities)}
    names = list(probabilities)
    numbers = as_numbers(list(probabilities.values()))
    for name, number in zip(names, numbers, strict=True):
        if not 0.0 <= number <= 1.0:
            raise ValueError(f"the probability of {name} must be from 0 to 1, got {number!r}")
    if truth is not None and str(truth) not in names:
        raise ValueError(f"truth must be one of {', '.join(names)}, got {truth!r}")
    ax = axes_or_new(ax)
    colors = [ORANGE if truth is not None and name == str(truth) else BLUE for name in names]
    ax.barh(names, numbers, color=colors)
    for i, number in enumerate(numbers):
        ax.text(number + 0.01, i, f"{number:.3f}", va="center", fontsize="small")
    ax.invert_yaxis()
    ax.set_xlim(0.0, 1.12)
    ax.set_xlabel("probability")
    return ax


def plot_surface(
    model: Model,
    data: Iterable[tuple[Sequence[float], float]] = (),
    ax: Any = None,
    between: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 1.0), (0.0, 1.0)),
    resolution: int = 30,
) -> Any:
    """Draw what a model of two inputs returns as a surface above the plane, with points.

    Parameters
    ----------
    model : callable
        Called with [x1, x2], recording no graph.
    data : list of ([x1, x2], y)
        Points to draw at the height y.
    ax : matplotlib Axes3D, optional
        Where to draw; a new figure if not given.
    between : pair of pairs of float
        The ranges of the inputs.
    resolution : int
        At how many places along each axis the model is called.

    Returns
    -------
    matplotlib Axes3D

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If `ax` is flat.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [1], seed=0)
    >>> ax = plot_surface(model, nn.data.boolean("xor"))  # doctest: +SKIP
    """
    if ax is None:
        flat = axes_or_new(None)
        ax = flat.figure.add_subplot(flat.get_subplotspec(), projection="3d")
        flat.remove()
    if not hasattr(ax, "plot_surface"):
        raise ValueError("a surface needs axes with projection='3d'")
    import numpy as np

    xs, ys = (evenly(list(ends), resolution, 0.0) for ends in between)
    with in_use(model):
        heights = [[one_number(model([x, y]), "the model") for x in xs] for y in ys]
    grid = np.meshgrid(xs, ys)
    ax.plot_surface(*grid, np.array(heights), color=BLUE, alpha=0.35, linewidth=0.0)
    points = [(*as_numbers(x), one_number(y, "a target")) for x, y in data]
    for k, target in enumerate(sorted({y for *_, y in points})):
        mine = [point for point in points if point[2] == target]
        color = COLORS[(k + 1) % len(COLORS)]
        ax.scatter(*zip(*mine, strict=True), color=color, depthshade=False, s=40)
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    ax.set_zlabel("output")
    return ax
