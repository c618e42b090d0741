"""How gradients vanish on their way down a deep network, and which start keeps their size.

References
----------
Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, 1991. Glorot and Bengio, Understanding
the difficulty of training deep feedforward neural networks, 2010. He, Zhang, Ren and Sun, Delving
deep into rectifiers, 2015.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

import nn
from autograd_engine import Value, gradient
from nn.examples.pictures import save_picture
from nn.layers import Activation, function_named

__all__ = [
    "STARTS",
    "chain_bound",
    "chain_gradients",
    "deep_network",
    "gradient_rms_per_layer",
    "run",
    "same_rows",
]

# What is compared: a name, the activation, and how the weights are drawn.
STARTS = (
    ("sigmoid, U(-1, 1)", "sigmoid", "uniform(-1.0, 1.0)"),
    ("sigmoid, Xavier", "sigmoid", "xavier_uniform"),
    ("tanh, Xavier", "tanh", "xavier_uniform"),
    ("ReLU, He", "relu", "he_uniform"),
    ("tanh, N(0, 0.01²)", "tanh", "normal(0.01)"),
)


# --- a chain of single units ---------------------------------------------------------------------


def chain_gradients(
    weights: Sequence[float], x: float = 1.0, activation: Activation = "sigmoid"
) -> tuple[float, list[float]]:
    """The output f(w_L ... f(w_2 f(w_1 x))) of a chain, and its derivative by every weight.

    Parameters
    ----------
    weights : list of float
        From the input's to the output's.
    x : float
    activation : str, callable or None

    Returns
    -------
    output : float
    gradients : list of float
        In the order of the weights.

    Examples
    --------
    >>> output, gradients = chain_gradients([1.0, 1.0, 1.0])
    >>> output
    0.662630226519
    >>> [round(g, 9) for g in gradients]
    [0.009641585, 0.035850129, 0.150905591]
    """
    function = function_named(activation)
    ws = [Value(w) for w in weights]
    y: Any = Value(x)
    for w in ws:
        y = w * y if function is None else function(w * y)
    return y.data, gradient(y, ws)


def chain_bound(weights: Sequence[float], x: float = 1.0) -> float:
    """What the derivative of a chain of sigmoids by its first weight cannot exceed.

    A sigmoid is nowhere steeper than 1/4, so that each of the L units lets at most a quarter
    through: it is (1/4)**L times the absolute values of x and of all weights but the first.

    Parameters
    ----------
    weights : list of float
    x : float

    Examples
    --------
    >>> chain_bound([1.0, 1.0, 1.0])
    0.015625
    """
    return 0.25 ** len(weights) * abs(x) * math.prod(map(abs, weights[1:]))


# --- layers --------------------------------------------------------------------------------------


def deep_network(activation: Activation, initialiser: str, seed: int = 0) -> nn.MLP:
    """Eight hidden layers of eight units, on two inputs, with one output that is a logit.

    Parameters
    ----------
    activation : str, callable or None
    initialiser : str
    seed : int
    """
    return nn.MLP(2, [8] * 8 + [1], activation, initialiser=initialiser, seed=seed)


def gradient_rms_per_layer(
    model: nn.MLP, data: Iterable[tuple[Sequence[float], float]]
) -> list[float]:
    """The root mean square of the weights' gradients, layer by layer, before any training.

    Parameters
    ----------
    model : MLP
        With one output, the logit of class 1.
    data : list of (x, y)
        y is 0 or 1.

    Returns
    -------
    list of float
        One for each layer, from the inputs' to the outputs'; biases do not count.
    """
    examples = list(data)
    model.zero_grad()
    predictions = [model(x) for x, _ in examples]
    nn.binary_cross_entropy_with_logits(predictions, [y for _, y in examples]).backward()
    sizes = []
    for layer in model.layers:
        squares = [w.grad * w.grad for neuron in layer.neurons for w in neuron.w]
        sizes.append(math.sqrt(math.fsum(squares) / len(squares)))
    model.zero_grad()
    return sizes


def same_rows(model: nn.MLP) -> bool:
    """Whether all neurons of the first layer have the same parameters, to the last bit.

    Neurons that start equal get equal gradients, and stay equal however long they are trained: the
    layer is no better than one neuron.

    Parameters
    ----------
    model : MLP

    Examples
    --------
    >>> same_rows(nn.MLP(2, [3, 1], initialiser="constant(0.5)")), same_rows(nn.MLP(2, [3, 1]))
    (True, False)
    """
    rows = {tuple(p.data for p in neuron.parameters()) for neuron in model.layers[0].neurons}
    return len(rows) == 1


# --- what is shown -------------------------------------------------------------------------------


def run(picture: str = "vanishing.png", seed: int = 0, seeds: int = 10) -> None:
    """Show gradients in chains and in deep networks, and neurons that stay equal.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        The first seed for the weights, and the one for the points.
    seeds : int
        How many networks there are of each kind; the median is shown.
    """
    depths = (1, 2, 3, 5, 10, 15, 20)
    chains = {name: _first_gradients(name, depths) for name in ("sigmoid", "tanh", "relu")}
    bounds = [chain_bound([1.0] * depth) for depth in depths]
    print("chain of single units, all weights and x 1: derivative by the first weight")
    print("depth    sigmoid  bound (1/4)^L       tanh  ReLU")
    for i, depth in enumerate(depths):
        print(
            f"{depth:5}  {chains['sigmoid'][i]:9.3e}  {bounds[i]:13.3e}  {chains['tanh'][i]:9.3e}"
            f"  {chains['relu'][i]:4.1f}"
        )
    data = nn.data.moons(20, seed=seed)
    layers = range(1, 10)
    print()
    print(f"eight hidden layers of eight: rms of the weights' gradients, median of {seeds}")
    print("layer" + "".join(f"{name:>19}" for name, _, _ in STARTS))
    sizes: dict[str, list[float]] = {}
    for name, activation, initialiser in STARTS:
        measured = [
            gradient_rms_per_layer(deep_network(activation, initialiser, seed + i), data)
            for i in range(seeds)
        ]
        sizes[name] = [statistics.median(layer) for layer in zip(*measured, strict=True)]
    for i in layers:
        print(f"{i:5}" + "".join(f"{sizes[name][i - 1]:19.2e}" for name, _, _ in STARTS))
    ratios = "".join(f"{sizes[name][-1] / sizes[name][0]:19.2g}" for name, _, _ in STARTS)
    print(f" 9/1:{ratios}")
    print()
    _tell_equal(seed)

    def draw(figure: Any) -> None:
        figure.set_size_inches(11, 4.5)
        left, right = figure.subplots(1, 2)
        for (name, values), marker in zip(chains.items(), "os^", strict=True):
            label = {"relu": "ReLU"}.get(name, name)
            left.plot(depths, values, marker=marker, color=_COLORS[name], label=label)
        left.plot(depths, bounds, "--", color=_COLORS["sigmoid"], label="bound $(1/4)^L$")
        left.set_xlabel("depth L of a chain, all weights 1")
        left.set_ylabel("derivative by the first weight")
        left.set_xticks(depths)
        for (name, activation, _), (marker, dashes) in zip(STARTS, _STYLES, strict=True):
            right.plot(
                layers,
                sizes[name],
                dashes,
                marker=marker,
                color=_COLORS[activation],
                label=name,
            )
        right.set_xlabel("layer, from the inputs to the output")
        right.set_ylabel("rms of the weights' gradients")
        right.set_xticks(layers)
        for ax, title in ((left, "chains of single units"), (right, "eight hidden layers of 8")):
            ax.set_yscale("log")
            ax.set_title(title)
            ax.grid(alpha=0.3)
            ax.legend()

    save_picture(picture, draw)


# Of an activation one colour; of a start its own marker and dashes.
_COLORS = {"sigmoid": "#ea580c", "tanh": "#2563eb", "relu": "#0d9488"}
_STYLES = (("o", "-"), ("s", "--"), ("o", "-"), ("^", "-"), ("s", "--"))


def _first_gradients(activation: str, depths: Sequence[int]) -> list[float]:
    """Of chains of weights 1, the derivative by the first weight."""
    return [chain_gradients([1.0] * depth, activation=activation)[1][0] for depth in depths]


def _tell_equal(seed: int) -> None:
    """Train XOR from equal and from random weights, and say what became of the neurons."""
    xor = nn.data.boolean("xor")
    print("tanh 2-3-1 on XOR, 200 steps   neurons of layer 1    loss")
    for name, initialiser in (("all weights 0.5", "constant(0.5)"), ("random", "he_uniform")):
        model = nn.MLP(2, [3, 1], "tanh", initialiser=initialiser, seed=seed)
        history = nn.fit(
            model,
            xor,
            loss="binary_cross_entropy_with_logits",
            optimizer=nn.SGD(model.parameters(), lr=1.0),
            epochs=200,
        )
        state = "bit-identical" if same_rows(model) else "different"
        print(f"{name:<29}  {state:<18}  {history['loss'][-1]:6.4f}")
