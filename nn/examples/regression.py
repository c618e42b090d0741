"""A straight line, by the closed form and by gradient descent: in batches and one point at a time.

References
----------
Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.
Robbins and Monro, A stochastic approximation method, 1951.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import nn
from autograd_engine import no_grad
from nn.examples.pictures import save_picture

__all__ = ["DATA", "Place", "closed_form", "descend", "loss_at", "run"]

Measured = Sequence[tuple[Sequence[float], float]]

DATA: list[tuple[list[float], float]] = [
    ([-2.0], -3.1),
    ([-1.0], -0.9),
    ([0.0], 1.2),
    ([1.0], 2.8),
    ([2.0], 5.1),
]


@dataclass(frozen=True)
class Place:
    """Where gradient descent is.

    Attributes
    ----------
    slope, intercept : float
    loss : float
        The mean squared error over all points.
    """

    slope: float
    intercept: float
    loss: float


def closed_form(data: Measured = DATA) -> Place:
    """The line where both derivatives of the mean squared error are 0.

    Parameters
    ----------
    data : list of ([x], y)

    Examples
    --------
    >>> closed_form()
    Place(slope=2.01, intercept=1.02, loss=0.0214)
    """
    xs, ys = [x[0] for x, _ in data], [y for _, y in data]
    x_mean, y_mean = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    covariance = math.fsum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    slope = covariance / math.fsum((x - x_mean) ** 2 for x in xs)
    intercept = y_mean - slope * x_mean
    return Place(slope, intercept, loss_at(slope, intercept, data))


def loss_at(slope: float, intercept: float, data: Measured = DATA) -> float:
    """The mean squared error of a line.

    Parameters
    ----------
    slope, intercept : float
    data : list of ([x], y)

    Examples
    --------
    >>> loss_at(2.0, 1.0)
    0.022
    """
    return math.fsum((slope * x[0] + intercept - y) ** 2 for x, y in data) / len(data)


def descend(
    batch_size: int = len(DATA),
    steps: int = 200,
    lr: float = 0.1,
    seed: int = 0,
    data: Measured = DATA,
) -> tuple[nn.Neuron, list[Place]]:
    """Gradient descent from 0, in a loop written by hand.

    Parameters
    ----------
    batch_size : int
        How many points each step sees: all for batch, 1 for stochastic gradient descent.
    steps : int
    lr : float
    seed : int
        For the order of the points.
    data : list of ([x], y)

    Returns
    -------
    Neuron, list of Place
        The places before the first step and after each.

    Examples
    --------
    >>> neuron, path = descend()
    >>> path[-1]
    Place(slope=2.01, intercept=1.02, loss=0.0214)
    """
    # Shows itself on a terminal only.
    from tqdm import tqdm

    neuron = nn.Neuron(1, None, initialiser="zeros")
    optimizer = nn.SGD(neuron.parameters(), lr=lr)
    rng = random.Random(seed)
    path = [Place(0.0, 0.0, loss_at(0.0, 0.0, data))]
    batches = (batch for _ in itertools.count() for batch in nn.data.batches(data, batch_size, rng))
    for _ in tqdm(range(steps), unit="step", leave=False, disable=None):
        batch = next(batches)
        loss = nn.mse([neuron(x) for x, _ in batch], [y for _, y in batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slope, intercept = neuron.w[0].data, neuron.b.data
        path.append(Place(slope, intercept, loss_at(slope, intercept, data)))
    return neuron, path


def run(picture: str = "regression.png", seed: int = 0) -> None:
    """Compare the closed form with batch and stochastic gradient descent.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the order of the points.
    """
    best = closed_form()
    neuron, batch = descend(seed=seed)
    _, stochastic = descend(batch_size=1, seed=seed)
    print("            closed form             batch        stochastic")
    print("step     slope  interc.    slope  interc.    slope  interc.")
    for step in (0, 1, 2, 5, 10, 20, 50, 100, 200):
        places = (best, batch[step], stochastic[step])
        print(f"{step:4}" + " ".join(f"  {p.slope:7.4f}  {p.intercept:7.4f}" for p in places))
    with no_grad():
        r2 = nn.metrics.r2([neuron(x) for x, _ in DATA], [y for _, y in DATA])
    print()
    print(
        f"mean squared error: closed form {best.loss:.4f}, batch {batch[-1].loss:.4f}, "
        f"stochastic {stochastic[-1].loss:.4f}"
    )
    print(f"steps that made it worse: batch {_rises(batch)}, stochastic {_rises(stochastic)}")
    print(f"part of the variance explained: {r2:.4f}")

    def draw(figure: Any) -> None:
        from visualize import plot_fit

        figure.set_size_inches(11, 4.8)
        left, right = figure.subplots(1, 2)
        lines: dict[str, Callable[[Any], Any]] = {
            "gradient descent": neuron,
            "closed form": lambda x: best.slope * x + best.intercept,
        }
        plot_fit(lines, DATA, ax=left)
        left.set_title(f"y = {best.slope:.2f} x + {best.intercept:.2f}")
        slopes = [-0.2 + 3.4 * i / 60 for i in range(61)]
        intercepts = [-0.4 + 2.4 * i / 60 for i in range(61)]
        losses = [[loss_at(slope, intercept) for slope in slopes] for intercept in intercepts]
        levels = [0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 7.0]
        contours = right.contour(slopes, intercepts, losses, levels, colors="#94a3b8")
        right.clabel(contours)
        paths = (("stochastic", stochastic, "#ea580c", 1.0), ("batch", batch, "#2563eb", 2.0))
        for name, path, color, width in paths:
            right.plot(
                [place.slope for place in path],
                [place.intercept for place in path],
                ".-",
                color=color,
                linewidth=width,
                label=name,
            )
        right.plot(best.slope, best.intercept, "k*", markersize=12, label="closed form", zorder=3)
        right.set(title="mean squared error, 200 steps", xlabel="slope", ylabel="intercept")
        right.legend(loc="lower right")

    save_picture(picture, draw)


def _rises(path: Sequence[Place]) -> int:
    """How many steps made the loss larger."""
    # At the end of a descent the last digit goes up and down.
    return sum(b.loss > a.loss + 1e-12 for a, b in itertools.pairwise(path))
