"""Two spirals that wind into each other, by a deeper network.

References
----------
Lang and Witbrock, Learning to tell two spirals apart, 1988: three hidden layers of five units, with
connections that skip layers.
"""

from __future__ import annotations

from typing import Any

import nn
from autograd_engine import no_grad
from nn.examples.pictures import save_picture

__all__ = ["points", "run", "train"]


def points(seed: int = 0) -> tuple[nn.data.Labelled, nn.data.Labelled]:
    """200 points to train with, and 400 fresh ones to judge by.

    Parameters
    ----------
    seed : int

    Returns
    -------
    train, fresh : list of ([x1, x2], y)
    """
    rng = nn.init.generator(seed)
    return nn.data.spirals(200, seed=rng), nn.data.spirals(400, seed=rng)


def train(epochs: int = 60, seed: int = 0) -> tuple[nn.MLP, nn.History]:
    """Three hidden layers of twelve ReLUs, trained by Adam with a rate that falls to 0.

    Parameters
    ----------
    epochs : int
        Each has ten steps of 20 points.
    seed : int
        For the points, the weights and the order of the batches.

    Returns
    -------
    MLP, History
    """
    data, _ = points(seed)
    model = nn.MLP(2, [12, 12, 12, 1], "relu", seed=seed)
    optimizer = nn.Adam(model.parameters(), lr=0.02)
    history = nn.fit(
        model,
        data,
        loss="binary_cross_entropy_with_logits",
        optimizer=optimizer,
        epochs=epochs,
        batch_size=20,
        metrics=[nn.metrics.accuracy],
        schedule=nn.CosineAnnealingLR(optimizer, epochs),
        seed=seed,
    )
    return model, history


def run(picture: str = "spirals.png", seed: int = 0, epochs: int = 60) -> None:
    """Train the network and show where it draws the line.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the points, the weights and the order of the batches.
    epochs : int
        Fewer are quicker, and not enough.
    """
    model, history = train(epochs, seed)
    fresh = points(seed)[1]
    with no_grad():
        right = nn.metrics.accuracy([model(x) for x, _ in fresh], [y for _, y in fresh])
    print(history)
    print()
    print(model)
    print()
    print(f"right of 400 fresh points: {right:.4f}")

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary, plot_history

        figure.set_size_inches(11, 5)
        left, right = figure.subplots(1, 2)
        plot_decision_boundary(model, fresh, ax=left, padding=0.1)
        left.set_title("the network, on fresh points")
        left.set_aspect("equal")
        plot_history(history, ax=right)
        figure.axes[-1].get_legend().set_loc("center right")  # where no curve runs
        right.set_title("its training")

    save_picture(picture, draw)
