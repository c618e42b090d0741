"""Any continuous function as a sum of ReLUs: a network that is set, not trained, and its error.

What is continuous on a closed interval can be met as closely as is wanted; the sum has a constant
of its own, an output bias. That a network can approximate a function does not say that training
finds it.

References
----------
Cybenko, Approximation by superpositions of a sigmoidal function, 1989. Hornik, Approximation
capabilities of multilayer feedforward networks, 1991. Montúfar, Pascanu, Cho and Bengio, On the
number of linear regions of deep neural networks, 2014. Telgarsky, Representation benefits of deep
feedforward networks, 2015, has the tent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import nn
from autograd_engine import Value, jvp, no_grad
from autograd_engine.graph import nodes
from nn.examples.pictures import save_picture

__all__ = ["count_pieces", "kinks", "max_error", "relu_interpolant", "run", "tent_network"]

Function = Callable[[float], float]


def relu_interpolant(f: Function, a: float, b: float, n: int) -> nn.MLP:
    """The network of n hidden ReLUs that meets f at n + 1 evenly spaced places from a to b.

    Each unit bends the sum at one of these places, to the slope that f has on average up to the
    next: its weight is the change of slope. The output bias is f(a).

    Parameters
    ----------
    f : callable
        From a float to a float.
    a, b : float
        Where it starts and ends; on either side the network is a line.
    n : int
        How many units, and pieces, there are.

    Returns
    -------
    MLP

    Raises
    ------
    ValueError
        If b is not above a.

    Examples
    --------
    >>> network = relu_interpolant(lambda x: x * x, -2.0, 2.0, 4)
    >>> [network([x]).data for x in (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0)]
    [4.0, 1.0, 0.0, 0.5, 1.0, 4.0]
    """
    if not a < b:
        raise ValueError(f"the interval must have a < b, got {a!r} and {b!r}")
    network = nn.MLP(1, [n, 1], "relu", initialiser="zeros")
    knots = [a + (b - a) * i / n for i in range(n + 1)]
    values = [f(x) for x in knots]
    slope = 0.0
    changes = []
    for i in range(n):
        before, slope = slope, (values[i + 1] - values[i]) / (knots[i + 1] - knots[i])
        changes.append(slope - before)
    hidden = [number for x in knots[:-1] for number in (1.0, -x)]
    network.set_parameters([*hidden, *changes, values[0]])
    return network


def max_error(network: nn.Module, f: Function, a: float, b: float, places: int = 1024) -> float:
    """The largest difference from f at evenly spaced places.

    Parameters
    ----------
    network : Module
    f : callable
    a, b : float
    places : int
        Into how many parts the interval is divided; a multiple of twice a network's pieces looks
        at their middles too.

    Examples
    --------
    >>> def square(x):
    ...     return x * x
    >>> max_error(relu_interpolant(square, -2.0, 2.0, 4), square, -2.0, 2.0)
    0.25
    """
    with no_grad():
        xs = [a + (b - a) * i / places for i in range(places + 1)]
        differences: list[float] = [network([x]).data - f(x) for x in xs]
    return max(map(abs, differences))


# --- depth ---------------------------------------------------------------------------------------


def tent_network(depth: int) -> nn.MLP:
    """The tent map 2 relu(x) - 4 relu(x - 1/2), applied so many times, as one network.

    On [0, 1] the tent goes up to 1 and down to 0 again; each further one folds what was there, so
    that 2 units more double the pieces.

    Parameters
    ----------
    depth : int
        How many hidden layers of two ReLUs there are.

    Examples
    --------
    >>> [tent_network(2)([x]).data for x in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 1.0, 0.0, 1.0, 0.0]
    """
    network = nn.MLP(1, [2] * depth + [1], "relu", initialiser="zeros")
    first = [1.0, 0.0, 1.0, -0.5]
    further = [2.0, -4.0, 0.0, 2.0, -4.0, -0.5]
    network.set_parameters([*first, *further * (depth - 1), 2.0, -4.0, 0.0])
    return network


def kinks(network: nn.Module, low: float, high: float) -> list[float]:
    """Where a network of ReLUs with one input and one output changes its slope, in order.

    It walks from place to place. Just right of one, the recorded graph holds the number that each
    ReLU is given, and forward mode how fast it moves: the next place is where the first of them
    is 0.

    Parameters
    ----------
    network : Module
        Called with a list of one number.
    low, high : float
        Between which to look. Pieces shorter than a billionth of it are not seen.

    Examples
    --------
    >>> kinks(tent_network(2), 0.0, 1.0)
    [0.25, 0.5, 0.75]
    """
    nudge = 1e-9 * (high - low)
    found, place, slope = [], low, math.nan
    while place < high - nudge:
        x = place + nudge
        given, moves = jvp(lambda t: _given_to_relus(network, t), (x,), (1.0,))
        if not math.isclose(moves[-1], slope, rel_tol=1e-6, abs_tol=1e-9):
            found.append(place)
            slope = moves[-1]
        zeros = [x - z / move for z, move in zip(given[:-1], moves[:-1], strict=True) if move]
        place = min([zero for zero in zeros if zero > x], default=high)
    return found[1:]


def count_pieces(network: nn.Module, low: float, high: float) -> int:
    """How many straight pieces a network of ReLUs with one input and one output has.

    Parameters
    ----------
    network : Module
        Called with a list of one number.
    low, high : float
        Where to count. Pieces shorter than a billionth of it are not seen.

    Examples
    --------
    >>> count_pieces(tent_network(5), 0.0, 1.0)
    32
    """
    return len(kinks(network, low, high)) + 1


def _given_to_relus(network: nn.Module, x: Any) -> list[Value]:
    """What each ReLU is given at x, and last what the network returns."""
    output = network([x])
    return [node.parents[0] for node in nodes(output) if node.op == "relu"] + [output]


# --- what is shown -------------------------------------------------------------------------------


def run(picture: str = "universal.png", seed: int = 0) -> None:
    """Show the errors of sums of ReLUs, what depth adds, and a sum that grows.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        Nothing is random here; taken because every example has one.
    """
    # Shows itself on a terminal only.
    from tqdm import tqdm

    sizes = (4, 8, 16, 32, 64)
    depths = tqdm(range(1, 7), unit="network", leave=False, disable=None)
    pieces = {depth: count_pieces(tent_network(depth), 0.0, 1.0) for depth in depths}
    errors = {
        "sin": _errors(math.sin, 0.0, math.tau, sizes),
        "square": _errors(_square, -2.0, 2.0, sizes),
    }
    # A function whose second derivative is at most c is within c h**2/8 of its chords.
    bounds = {
        "sin": [(math.tau / n) ** 2 / 8 for n in sizes],
        "square": [2 * (4.0 / n) ** 2 / 8 for n in sizes],
    }
    print("largest error of a sum of n ReLUs; h is the distance of the kinks")
    print(" n  sin on [0, 2π]     h²/8  x² on [-2, 2]     h²/4")
    for i, n in enumerate(sizes):
        print(
            f"{n:2}  {errors['sin'][i]:14.6f}  {bounds['sin'][i]:7.6f}"
            f"  {errors['square'][i]:12.6f}  {bounds['square'][i]:7.6f}"
        )
    print()
    print("tent map applied L times; one hidden layer would need a ReLU for each of 2^L - 1 kinks")
    print("L  ReLUs  pieces on [0, 1]")
    for depth, count in pieces.items():
        print(f"{depth}  {2 * depth:5}  {count:16}")

    def draw(figure: Any) -> None:
        figure.set_size_inches(13, 6.5)
        axes = figure.subplots(2, 3)
        for ax, k in zip(axes.flat, (1, 2, 4, 6, 8), strict=False):
            _draw_sum(ax, k)
        axes[0][0].legend(loc="lower left")
        ax = axes[1][2]
        for name, label, marker, color in (
            ("sin", "sin on [0, 2π]", "o", _BLUE),
            ("square", "x² on [-2, 2]", "s", _ORANGE),
        ):
            ax.plot(sizes, errors[name], marker, color=color, label=label)
            ax.plot(sizes, bounds[name], "--", color=color, label="its bound")
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xticks(sizes, [str(n) for n in sizes])
        ax.set_xlabel("ReLUs")
        ax.set_ylabel("largest error")
        ax.set_title("twice the ReLUs, a quarter of the error")
        ax.grid(alpha=0.3)
        ax.legend()

    save_picture(picture, draw)


_BLUE, _ORANGE = "#2563eb", "#ea580c"


def _square(x: float) -> float:
    return x * x


def _errors(f: Function, a: float, b: float, sizes: tuple[int, ...]) -> list[float]:
    return [max_error(relu_interpolant(f, a, b, n), f, a, b) for n in sizes]


def _draw_sum(ax: Any, k: int) -> None:
    """The sine, and the first k of the eight ReLUs that meet it."""
    network = relu_interpolant(math.sin, 0.0, math.tau, 8)
    for weight in network.layers[-1].neurons[0].w[k:]:
        weight.data = 0.0
    xs = [math.tau * i / 400 for i in range(401)]
    with no_grad():
        sums = [network([x]).data for x in xs]
        kinks = [math.tau * i / 8 for i in range(k)]
        ax.plot(xs, [math.sin(x) for x in xs], color=_BLUE, label="sin x")
        ax.plot(xs, sums, color=_ORANGE, linewidth=2, label="the sum")
        ax.plot(kinks, [network([x]).data for x in kinks], "o", color=_ORANGE, label="its kinks")
    ax.set_ylim(-1.6, 1.6)
    ax.set_xlim(0.0, math.tau)
    ax.set_xlabel("x")
    ax.set_title(f"{k} of 8 ReLUs" if k > 1 else "1 of 8 ReLUs")
    ax.grid(alpha=0.3)
