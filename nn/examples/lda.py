"""Linear discriminant analysis as a neuron, beside logistic regression.

If the classes are normal with the same covariance, then the probability of a class is, by Bayes,
the sigmoid of a weighted sum. LDA reads the weights off means and covariance; logistic regression
learns them and assumes less.

References
----------
Fisher, The use of multiple measurements in taxonomic problems, 1936.
Efron, The efficiency of logistic regression compared to normal discriminant analysis, 1975.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import nn
from autograd_engine import no_grad
from nn.examples.pictures import save_picture

__all__ = ["estimate", "lda_neuron", "logistic_regression", "posterior", "run", "solve"]

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]
Labelled = Sequence[tuple[Vector, int]]

MEAN0, MEAN1 = (0.0, 0.0), (2.0, 1.0)
COVARIANCE = ((1.0, 0.5), (0.5, 2.0))
PRIOR = 0.3


def solve(matrix: Matrix, vector: Vector) -> list[float]:
    """The x with ``matrix @ x == vector``, by elimination.

    Parameters
    ----------
    matrix : list of rows
        Symmetric and positive definite, as a covariance is: no rows need to be exchanged.
    vector : list of float

    Raises
    ------
    ValueError
        If the matrix is not positive definite.

    Examples
    --------
    >>> solve([[1.0, 0.5], [0.5, 2.0]], [2.0, 1.0])
    [2.0, 0.0]
    """
    rows = [[*row, right] for row, right in zip(matrix, vector, strict=True)]
    for i, pivot in enumerate(rows):
        if not pivot[i] > 0.0:
            raise ValueError(f"covariance must be positive definite, got {matrix!r}")
        for row in rows[i + 1 :]:
            factor = row[i] / pivot[i]
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    x: list[float] = []
    for i, row in reversed([*enumerate(rows)]):
        known = math.fsum(a * b for a, b in zip(row[i + 1 : -1], x, strict=True))
        x.insert(0, (row[-1] - known) / row[i])
    return x


def lda_neuron(mean0: Vector, mean1: Vector, covariance: Matrix, prior: float) -> nn.Neuron:
    """The neuron whose output is the probability of class 1.

    Parameters
    ----------
    mean0, mean1 : list of float
        The means of the classes.
    covariance : list of rows
        That of both classes.
    prior : float
        The probability of class 1 before anything is measured.

    Returns
    -------
    Neuron
        With the weights S⁻¹(m₁ - m₀), the bias (m₀·S⁻¹m₀ - m₁·S⁻¹m₁)/2 + log(prior/(1 - prior)),
        and a sigmoid.

    Raises
    ------
    ValueError
        If the prior is not between 0 and 1, or the covariance not positive definite.

    Examples
    --------
    >>> neuron = lda_neuron(MEAN0, MEAN1, COVARIANCE, PRIOR)
    >>> [parameter.data for parameter in neuron.parameters()]
    [2.0, 0.0, -2.8472978603872]
    >>> neuron([1.0, 1.0]).data  # as far from one mean as from the other: the prior decides
    0.3
    """
    if not 0.0 < prior < 1.0:
        raise ValueError(f"prior must be between 0 and 1, got {prior!r}")
    w = solve(covariance, [b - a for a, b in zip(mean0, mean1, strict=True)])
    b = 0.5 * (
        _product(mean0, solve(covariance, mean0)) - _product(mean1, solve(covariance, mean1))
    )
    neuron = nn.Neuron(len(w), "sigmoid", initialiser="zeros")
    neuron.set_parameters([*w, b + math.log(prior / (1.0 - prior))])
    return neuron


def posterior(x: Vector, mean0: Vector, mean1: Vector, covariance: Matrix, prior: float) -> float:
    """The probability of class 1 at x, by Bayes: its density times its prior, as a part of both.

    Parameters
    ----------
    x : list of float
    mean0, mean1, covariance, prior
        As for `lda_neuron`.

    Examples
    --------
    >>> posterior([1.0, 1.0], MEAN0, MEAN1, COVARIANCE, PRIOR)
    0.3
    """
    shares = []
    for mean, weight in ((mean0, 1.0 - prior), (mean1, prior)):
        away = [a - b for a, b in zip(x, mean, strict=True)]
        # Both densities have the same factor in front.
        shares.append(weight * math.exp(-0.5 * _product(away, solve(covariance, away))))
    return shares[1] / (shares[0] + shares[1])


def _product(a: Vector, b: Vector) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def estimate(data: Labelled) -> tuple[list[float], list[float], list[list[float]], float]:
    """Means, common covariance and prior, as the data shows them.

    Parameters
    ----------
    data : list of (x, y)
        y is 0 or 1.

    Returns
    -------
    mean0, mean1, covariance, prior
        What `lda_neuron` takes.

    Examples
    --------
    >>> estimate([([0.0], 0), ([2.0], 0), ([4.0], 1), ([8.0], 1)])
    ([1.0], [6.0], [[5.0]], 0.5)
    """
    members = [[x for x, y in data if y == k] for k in (0, 1)]
    means = [[math.fsum(c) / len(own) for c in zip(*own, strict=True)] for own in members]
    away = [[a - m for a, m in zip(x, means[y], strict=True)] for x, y in data]
    columns = [*zip(*away, strict=True)]
    # Two means were estimated, which leaves n - 2 of n measurements for the covariance.
    covariance = [[_product(a, b) / (len(data) - 2) for b in columns] for a in columns]
    return means[0], means[1], covariance, len(members[1]) / len(data)


def logistic_regression(data: Labelled) -> tuple[nn.Neuron, nn.History]:
    """A neuron with the weights under which the data is most probable.

    Parameters
    ----------
    data : list of (x, y)

    Returns
    -------
    Neuron, History
        The neuron's output is the logit of class 1.
    """
    neuron = nn.Neuron(len(data[0][0]), None, initialiser="zeros")
    history = nn.fit(
        neuron,
        data,
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(neuron.parameters(), lr=0.1),
        epochs=150,
        metrics=[nn.metrics.accuracy],
    )
    return neuron, history


def run(picture: str = "lda.png", seed: int = 0) -> None:
    """Compare LDA with logistic regression on points drawn from two normal distributions.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the points.
    """
    data = nn.data.gaussians(400, (MEAN0, MEAN1), COVARIANCE, PRIOR, seed=seed)
    fresh = nn.data.gaussians(2000, (MEAN0, MEAN1), COVARIANCE, PRIOR, seed=seed + 1)
    true = lda_neuron(MEAN0, MEAN1, COVARIANCE, PRIOR)
    estimated = lda_neuron(*estimate(data))
    logistic, history = logistic_regression(data)
    print(history)
    print()
    print("                            w1      w2       b  right of 2000 fresh points")
    neurons = (
        ("LDA, true distributions", true, 0.5),
        ("LDA, estimated", estimated, 0.5),
        ("logistic regression", logistic, 0.0),
    )
    for name, neuron, threshold in neurons:
        numbers = "  ".join(f"{parameter.data:6.3f}" for parameter in neuron.parameters())
        with no_grad():
            right = nn.metrics.accuracy(
                [neuron(x) for x, _ in fresh], [y for _, y in fresh], threshold
            )
        print(f"{name:<24}  {numbers}  {right:.4f}")
    print()
    print(f"P(class 1) halfway between the means: {true([1.0, 0.5]).data:.4f}, which is the prior")

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary

        figure.set_size_inches(7, 6)
        ax = figure.subplots()
        plot_decision_boundary(true, data, ax=ax, padding=0.05, logits=False)
        for mean, color in ((MEAN0, "#1e3a8a"), (MEAN1, "#7c2d12")):
            ax.plot(*zip(*_ellipse(mean, 2.0), strict=True), color=color, linewidth=1.5)
            ax.plot(*mean, "P", color=color, markersize=12, markeredgecolor="white", zorder=4)
        lines = (("estimated LDA", estimated, "--"), ("logistic regression", logistic, ":"))
        for name, neuron, dashes in lines:
            w, b = [weight.data for weight in neuron.w], neuron.b.data
            nearest = [-b * x / _product(w, w) for x in w]  # where the line is nearest to 0
            ax.axline(
                nearest,
                [nearest[0] - w[1], nearest[1] + w[0]],
                color="black",
                linestyle=dashes,
                label=name,
            )
        ax.set_title("black: LDA's boundary; ellipses: 2 standard deviations")
        ax.set_aspect("equal")
        ax.legend()

    save_picture(picture, draw)


def _ellipse(mean: Vector, radius: float) -> list[tuple[float, float]]:
    """The points whose Mahalanobis distance from the mean is the radius."""
    points = []
    for i in range(101):
        direction = (math.cos(math.tau * i / 100), math.sin(math.tau * i / 100))
        length = radius / math.sqrt(_product(direction, solve(COVARIANCE, direction)))
        points.append((mean[0] + length * direction[0], mean[1] + length * direction[1]))
    return points
