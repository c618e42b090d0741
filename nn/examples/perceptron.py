"""The perceptron's learning rule: it learns OR, AND and NAND, and never comes to rest on XOR.

References
----------
Rosenblatt, The perceptron: a probabilistic model for information storage and organization in the
brain, 1958.
Novikoff, On convergence proofs on perceptrons, 1962: where a line separates the classes, the
number of updates is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from nn.examples.gates import steep
from nn.examples.pictures import save_picture

__all__ = ["learn", "run", "updates_by_epoch"]

Data = Sequence[tuple[Sequence[float], float]]


def learn(data: Data, max_epochs: int = 100) -> tuple[nn.Perceptron, nn.perceptron.PerceptronFit]:
    """A perceptron that was shown the data, and how that went.

    Parameters
    ----------
    data : list of ([x1, x2], y)
    max_epochs : int
        When to give up.

    Examples
    --------
    >>> perceptron, record = learn(nn.data.boolean("or"))
    >>> record
    PerceptronFit(converged=True, epochs=4, updates=5)
    >>> [parameter.data for parameter in perceptron.parameters()]
    [1.0, 1.0, -1.0]
    """
    perceptron = nn.Perceptron(2)
    return perceptron, perceptron.fit(data, max_epochs=max_epochs)


def updates_by_epoch(data: Data, epochs: int = 12) -> list[int]:
    """How many examples were wrong, and corrected, in each epoch.

    Parameters
    ----------
    data : list of ([x1, x2], y)
    epochs : int

    Examples
    --------
    >>> updates_by_epoch(nn.data.boolean("or"), 5)
    [2, 2, 1, 0, 0]
    """
    perceptron = nn.Perceptron(2)
    return [perceptron.fit(data, max_epochs=1).updates for _ in range(epochs)]


def run(picture: str = "perceptron.png", seed: int = 0) -> None:
    """Show four gates, and two clouds of points, to a perceptron.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the clouds.
    """
    # Shows itself on a terminal only.
    from tqdm import tqdm

    sets: dict[str, Data] = {name: nn.data.boolean(name) for name in ("or", "and", "nand", "xor")}
    sets["clouds"] = nn.data.blobs(60, ((0.0, 0.0), (2.0, 1.5)), noise=0.3, seed=seed)
    learned = {
        name: learn(data)
        for name, data in tqdm(sets.items(), unit="dataset", leave=False, disable=None)
    }
    print("data    learned  epochs  updates      w1      w2       b")
    for name, (perceptron, record) in learned.items():
        numbers = "  ".join(f"{parameter.data:6.2f}" for parameter in perceptron.parameters())
        print(
            f"{name:<6}  {'yes' if record.converged else 'no':>7}  {record.epochs:6}"
            f"  {record.updates:7}  {numbers}"
        )

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary

        figure.set_size_inches(11, 7.5)
        *panels, last = figure.subplots(2, 3).flat
        for ax, (name, data) in zip(panels, sets.items(), strict=True):
            perceptron, record = learned[name]
            plot_decision_boundary(steep(perceptron), data, ax=ax)
            ax.get_legend().remove()
            state = "learned" if record.converged else "not learned"
            ax.set_title(f"{name}: {state}, {record.updates} updates")
            ax.set_aspect("equal")
        colors = ("#2563eb", "#0d9488", "#9333ea", "#ea580c", "#475569")
        dashes = ("-", "--", "-.", "-", ":")
        for (name, data), color, dash in zip(sets.items(), colors, dashes, strict=True):
            counts = updates_by_epoch(data)
            last.plot(range(1, len(counts) + 1), counts, dash, color=color, label=name)
        last.set(title="only XOR never comes to rest", xlabel="epoch", ylabel="updates")
        last.set(xticks=range(2, 13, 2), yticks=range(5))
        last.legend()

    save_picture(picture, draw)
