"""The loss of XOR while three hidden neurons learn it, from an equal and from a random start."""

import nn
from autograd_engine.teach.pictures import curves

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0, 1, 1, 0]


def figure(details):
    equal = nn.MLP(2, [3, 1], "tanh", initialiser="zeros")
    equal.set_parameters([0.5, 0.5, 0.1] * 3 + [0.5] * 3 + [0.1])
    random = nn.MLP(2, [3, 1], "tanh", initialiser=nn.init.uniform(-1.0, 1.0), seed=0)
    return curves(
        {"equal start": _losses(equal), "random start": _losses(random)},
        x_label="step",
        y_label="log loss of XOR, three hidden neurons",
    )


def _losses(model):
    history = nn.fit(
        model,
        list(zip(X, Y, strict=True)),
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.SGD(model.parameters(), lr=1.0),
        epochs=200,
        progress=False,
    )
    return list(enumerate(history["loss"]))
