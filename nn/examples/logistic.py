"""Logistic regression by maximum likelihood.

The probability of class 1 is the sigmoid of a weighted sum. The weights under which the data is
most probable have no closed form, as those of a straight line have, so gradient descent looks for
them. Minus the logarithm of the likelihood, divided by the number of points, is the binary
cross-entropy.

References
----------
Cox, The regression analysis of binary sequences, 1958.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import nn
from autograd_engine import sigmoid
from nn.examples.pictures import save_picture

__all__ = ["draw_data", "residuals", "run", "train"]

Labelled = Sequence[tuple[Sequence[float], int]]


def draw_data(n: int = 200, seed: int = 0) -> list[tuple[list[float], int]]:
    """Numbers from two normal distributions around -1 and 1, of standard deviation 1.

    By Bayes, the probability that x is from the second is the sigmoid of 2x.

    Parameters
    ----------
    n : int
        How many.
    seed : int

    Examples
    --------
    >>> sum(y for x, y in draw_data(10))
    5
    """
    return nn.data.gaussians(n, ((-1.0,), (1.0,)), ((1.0,),), seed=seed)


def train(data: Labelled, epochs: int = 150) -> tuple[nn.Neuron, nn.History]:
    """The neuron whose weights make the data most probable; its output is a logit.

    Parameters
    ----------
    data : list of ([x], y)
    epochs : int
        Steps, each of which sees all points.

    Returns
    -------
    Neuron, History
    """
    neuron = nn.Neuron(1, None, initialiser="zeros")
    history = nn.fit(
        neuron,
        data,
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.SGD(neuron.parameters(), lr=2.0),
        epochs=epochs,
        metrics=[nn.metrics.accuracy],
    )
    return neuron, history


def residuals(neuron: nn.Neuron, data: Labelled) -> tuple[float, float]:
    """The means of p - y and of (p - y) x, which are 0 where the likelihood is highest.

    Parameters
    ----------
    neuron : Neuron
        Its output is a logit.
    data : list of ([x], y)

    Returns
    -------
    float, float
        The first is how much more of class 1 the neuron expects than there is.
    """
    differences = [(x[0], sigmoid(neuron(x)).data - y) for x, y in data]
    count = len(differences)
    return (
        math.fsum(d for _, d in differences) / count,
        math.fsum(d * x for x, d in differences) / count,
    )


def run(picture: str = "logistic.png", seed: int = 0) -> None:
    """Fit 200 points and compare with the distributions they were drawn from.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the points.
    """
    data = draw_data(seed=seed)
    neuron, history = train(data)
    w, b = neuron.w[0].data, neuron.b.data
    print(history)
    print()
    print("                         w       b")
    print(f"most probable      {w:7.3f} {b:7.3f}")
    print(f"drawn with         {2.0:7.3f} {0.0:7.3f}")
    print()
    likelihood = -len(data) * history["loss"][-1]
    print(f"log-likelihood {likelihood:.3f}, that is -{len(data)} times the cross-entropy")
    print("means of p - y and (p - y) x: {:.1e}, {:.1e}".format(*residuals(neuron, data)))

    def draw(figure: Any) -> None:
        from visualize import plot_fit, plot_history

        figure.set_size_inches(11, 4.5)
        left, right = figure.subplots(1, 2)
        curves = {
            "fitted": lambda x: sigmoid(neuron([x])),
            "of the distributions": lambda x: sigmoid(2.0 * x),
        }
        plot_fit(curves, data, ax=left)
        left.set(title="probability of class 1", ylabel="P(class 1)")
        right.set_title("training")
        plot_history(history, ax=right)

    save_picture(picture, draw)
