"""Two half moons: a straight line parts most of the points, a network of two layers nearly all.

References
----------
Karpathy, micrograd, 2020, whose demo separates the same shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from nn.examples.pictures import save_picture

__all__ = ["points", "run", "train"]

NOISE = 0.05


def points(seed: int = 0) -> tuple[nn.data.Labelled, nn.data.Labelled]:
    """160 points to train with, and 400 fresh ones to judge by.

    Parameters
    ----------
    seed : int

    Returns
    -------
    train, fresh : list of ([x1, x2], y)
    """
    rng = nn.init.generator(seed)
    return nn.data.moons(160, NOISE, rng), nn.data.moons(400, NOISE, rng)


def train(widths: Sequence[int] = (8, 1), seed: int = 0) -> tuple[nn.MLP, nn.History]:
    """A network with tanh units, trained by 300 steps of Adam on batches of 16.

    Parameters
    ----------
    widths : list of int
        Of its layers; (1,) is a straight line.
    seed : int
        For the points, the weights and the order of the batches.

    Returns
    -------
    MLP, History
        The validation columns are of the fresh points, from which nothing is learned.
    """
    data, fresh = points(seed)
    model = nn.MLP(2, widths, "tanh", seed=seed)
    history = nn.fit(
        model,
        data,
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), lr=0.05),
        epochs=30,
        batch_size=16,
        validation=fresh,
        metrics=[nn.metrics.accuracy],
        seed=seed,
    )
    return model, history


def run(picture: str = "moons.png", seed: int = 0) -> None:
    """Compare a network of two layers with a straight line.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the points, the weights and the order of the batches.
    """
    line, of_line = train((1,), seed)
    network, of_network = train((8, 1), seed)
    print(of_network)
    print()
    print("                    parameters  right of 400 fresh points")
    for name, model, history in (
        ("a straight line", line, of_line),
        ("8 tanh, 1 output", network, of_network),
    ):
        count = len(model.parameters())
        print(f"{name:<18}  {count:10}  {history['val_accuracy'][-1]:.4f}")

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary, plot_history

        figure.set_size_inches(13, 4)
        left, middle, right = figure.subplots(1, 3)
        fresh = points(seed)[1]
        panels = ((left, "a straight line", line), (middle, "a network of two layers", network))
        for ax, title, model in panels:
            plot_decision_boundary(model, fresh, ax=ax)
            ax.set_title(f"{title}, on fresh points")
            ax.set_aspect("equal")
        plot_history(of_network, ax=right)
        figure.axes[-1].get_legend().set_loc("center right")  # where no curve runs
        right.set_title("training of the network")

    save_picture(picture, draw)
