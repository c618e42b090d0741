"""The size of the gradients in each layer of a deep network, for sigmoids and for ReLUs."""

import math

import nn
from autograd_engine.teach.pictures import curves


def figure(details):
    lines = details or {
        "sigmoid": _gradients("sigmoid", "xavier_uniform"),
        "tanh": _gradients("tanh", "xavier_uniform"),
        "relu": _gradients("relu", "he_uniform"),
    }
    return curves(
        {
            name: [(i + 1, math.log10(rms)) for i, rms in enumerate(sizes) if rms > 0]
            for name, sizes in lines.items()
        },
        x_label="layer",
        y_label="log10 of the root mean square of its weights' gradients",
    )


def _gradients(activation, initialiser):
    model = nn.MLP(8, [8] * 8 + [1], activation, initialiser=initialiser, seed=0)
    rng = nn.init.generator(1)
    X = [[rng.uniform(-1.0, 1.0) for _ in range(8)] for _ in range(4)]
    nn.mse([model(x) for x in X], [rng.uniform(-1.0, 1.0) for _ in X]).backward()
    sizes = []
    for layer in model.layers:
        gradients = [w.grad for neuron in layer.neurons for w in neuron.w]
        sizes.append(math.hypot(*gradients) / math.sqrt(len(gradients)))
    return sizes
