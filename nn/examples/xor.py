"""XOR three ways: a linear model cannot, given weights do, and training finds weights of its own.

References
----------
Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.1, has the given weights.
"""

from __future__ import annotations

from typing import Any

import nn
from autograd_engine import no_grad, sigmoid
from nn.examples.pictures import save_picture

__all__ = ["XOR", "gradients", "lecture_network", "linear_model", "run", "train"]

XOR = nn.data.boolean("xor")


def linear_model(seed: int = 0) -> nn.MLP:
    """The best linear model, found by gradient descent: it says 1/2 whatever it is given.

    Parameters
    ----------
    seed : int
        Where the descent starts; as the loss is convex, it ends at the same place.

    Examples
    --------
    >>> [round(parameter.data, 9) + 0.0 for parameter in linear_model().parameters()]
    [0.0, 0.0, 0.5]
    """
    model = nn.MLP(2, [1], seed=seed)
    nn.fit(model, XOR, loss="mse", optimizer=nn.SGD(model.parameters(), lr=0.5), epochs=250)
    return model


def lecture_network() -> nn.MLP:
    """Two hidden ReLUs and one output, with weights that solve XOR exactly.

    Examples
    --------
    >>> network = lecture_network()
    >>> [network(x).data for x, _ in XOR]
    [0.0, 1.0, 1.0, 0.0]
    """
    network = nn.MLP(2, [2, 1], "relu")
    # Both hidden units add the inputs; their biases are 0 and -1.
    network.set_parameters([1.0, 1.0, 0.0, 1.0, 1.0, -1.0, 1.0, -2.0, 0.0])
    return network


def gradients(model: nn.Module) -> list[float]:
    """The gradient of the mean squared error by every parameter.

    Parameters
    ----------
    model : Module

    Examples
    --------
    >>> gradients(lecture_network())  # a minimum: gradient descent stays there
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    model.zero_grad()
    nn.mse([model(x) for x, _ in XOR], [y for _, y in XOR]).backward()
    return [parameter.grad for parameter in model.parameters()]


def train(seed: int = 0) -> tuple[nn.MLP, nn.History]:
    """A network of eight tanh units, trained for 150 steps on the logit of XOR.

    Parameters
    ----------
    seed : int
        For the weights it starts from.

    Returns
    -------
    MLP, History
    """
    model = nn.MLP(2, [8, 1], "tanh", seed=seed)
    history = nn.fit(
        model,
        XOR,
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=150,
        metrics=[nn.metrics.accuracy],
    )
    return model, history


def run(picture: str = "xor.png", seed: int = 0) -> None:
    """Compare the three.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        For the weights that training starts from.
    """
    linear, given = linear_model(seed), lecture_network()
    trained, history = train(seed)
    print(history)
    print()
    print("x1  x2  xor  linear  given weights  trained: P(1)")
    with no_grad():
        for (x1, x2), y in XOR:
            p = sigmoid(trained([x1, x2])).data
            print(
                f"{x1:2.0f}  {x2:2.0f}  {y:3}  {linear([x1, x2]).data:6.3f}"
                f"  {given([x1, x2]).data:13.3f}  {p:13.3f}"
            )
        targets = [y for _, y in XOR]
        errors = [nn.mse([model(x) for x, _ in XOR], targets).data for model in (linear, given)]
    largest = max(map(abs, gradients(given)))
    count = len(given.parameters())
    print()
    print(f"linear model:   mean squared error {errors[0]:.4f}, the best there is")
    print(
        f"given weights:  mean squared error {errors[1]:.4f}, "
        f"largest of {count} gradients {largest:.4f}"
    )
    print(f"trained:        accuracy {history['accuracy'][-1]:.2f}, loss {history['loss'][-1]:.4f}")

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary

        figure.set_size_inches(11, 4)
        panels = (
            ("linear: undecided everywhere", linear, False),
            ("given weights", given, False),
            ("trained", trained, True),
        )
        for ax, (title, model, logits) in zip(figure.subplots(1, 3), panels, strict=True):
            plot_decision_boundary(model, XOR, ax=ax, logits=logits)
            ax.set_title(title)
            ax.set_aspect("equal")
            if model is linear:
                ax.legend(loc="center")
            else:  # which would hide what there is to see
                ax.get_legend().remove()

    save_picture(picture, draw)
