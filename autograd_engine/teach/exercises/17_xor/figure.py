"""The losses of a line, of two ReLUs and of eight tanh units; or what a learner's model gave."""

import nn
from autograd_engine.teach.pictures import curves

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]


def figure(details):
    if details and "losses" in details:
        return curves(
            {"yours": list(enumerate(details["losses"]))},
            x_label="step",
            y_label="mean squared error",
        )
    if details:
        return curves(
            {"yours": list(enumerate(details["outputs"]))},
            points={"XOR": list(enumerate(map(float, Y)))},
            x_label="row",
            y_label="output",
        )
    return curves(
        {
            "line": _losses(nn.MLP(2, [1], seed=0)),
            "2 ReLUs": _losses(nn.MLP(2, [2, 1], "relu", seed=0)),
            "8 tanh": _losses(nn.MLP(2, [8, 1], "tanh", seed=0)),
        },
        x_label="step of Adam, rate 0.1",
        y_label="mean squared error",
    )


def _losses(model):
    adam = nn.Adam(model.parameters(), lr=0.1)
    data = list(zip(X, Y, strict=True))
    return list(enumerate(nn.fit(model, data, optimizer=adam, epochs=60, progress=False)["loss"]))
