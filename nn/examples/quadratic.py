"""A parabola by two hidden layers of ten: what a network needs its activations for.

Without them the layers collapse into one straight line, and of a parabola around 0 the best line is
a constant.

References
----------
Cybenko, Approximation by superpositions of a sigmoidal function, 1989.
"""

from __future__ import annotations

from typing import Any

import nn
from autograd_engine import no_grad
from nn.examples.pictures import save_picture

__all__ = ["DATA", "best_constant", "line_of", "run", "train"]

DATA = nn.data.quadratic(11)


def best_constant() -> tuple[float, float]:
    """The mean of the targets, and its mean squared error, which is their variance.

    Examples
    --------
    >>> best_constant()
    (0.4, 0.1248)
    """
    targets = [y for _, y in DATA]
    mean = sum(targets) / len(targets)
    return mean, nn.mse([mean] * len(targets), targets)


def train(activation: str, seed: int = 0, steps: int = 120) -> tuple[nn.MLP, nn.History]:
    """A 1-10-10-1 network, trained on eleven points of the parabola.

    Parameters
    ----------
    activation : str
        Of the hidden layers, such as "tanh"; "identity" for none.
    seed : int
        For the weights it starts from.
    steps : int
        Each of which sees all points.

    Returns
    -------
    MLP, History
    """
    model = nn.MLP(1, [10, 10, 1], activation, seed=seed)
    optimizer = nn.Adam(model.parameters(), lr=0.02)
    return model, nn.fit(model, DATA, loss="mse", optimizer=optimizer, epochs=steps)


def line_of(model: nn.Module) -> tuple[float, float]:
    """Slope and intercept of what a network without activations computes.

    Parameters
    ----------
    model : Module
        Of one input and one output.

    Examples
    --------
    >>> model = nn.MLP(1, [1, 1], None)
    >>> model.set_parameters([2.0, 3.0, -1.5, 0.5])  # -1.5 (2x + 3) + 0.5
    >>> line_of(model)
    (-3.0, -4.0)
    """
    with no_grad():
        intercept: float = model([0.0]).data
        return model([1.0]).data - intercept, intercept


def run(picture: str = "quadratic.png", seed: int = 0) -> None:
    """Train with relu, with tanh and without an activation.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the weights that training starts from.
    """
    trained = {name: train(name, seed) for name in ("relu", "tanh", "identity")}
    mean, variance = best_constant()
    print("mean squared error")
    print("step         relu        tanh    identity")
    for step in (1, 2, 5, 10, 20, 40, 60, 80, 100, 120):
        losses = [history[step - 1]["loss"] for _, history in trained.values()]
        print(f"{step:4}" + "".join(f"  {loss:10.6f}" for loss in losses))
    print()
    slope, intercept = line_of(trained["identity"][0])
    print(f"identity:      a line of slope {slope:.4f} and intercept {intercept:.4f}")
    print(f"best constant: {mean:.4f}, with mean squared error {variance:.4f}")

    def draw(figure: Any) -> None:
        from visualize import plot_fit

        figure.set_size_inches(11, 4.5)
        left, right = figure.subplots(1, 2)
        plot_fit({name: model for name, (model, _) in trained.items()}, DATA, ax=left)
        left.set_title("$x^2$ at 11 points, by a 1-10-10-1 network")
        for line, (name, (_, history)) in zip(left.lines, trained.items(), strict=True):
            right.plot(
                history["epoch"],
                history["loss"],
                color=line.get_color(),
                linestyle=line.get_linestyle(),
                label=name,
            )
        right.axhline(variance, color="#475569", linewidth=0.8, label="best constant")
        right.set(title="training", xlabel="step", ylabel="mean squared error", yscale="log")
        right.legend()

    save_picture(picture, draw)
