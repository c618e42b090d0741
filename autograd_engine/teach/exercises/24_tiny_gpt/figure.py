"""Why scores are divided by the root of the head size; or the losses of a training."""

import math

from autograd_engine import softmax
from autograd_engine.teach.pictures import curves
from autograd_engine.teach.testing import Draws


def figure(details):
    if details:
        losses = details["losses"]
        return curves(
            {
                "loss": list(enumerate(losses)),
                "only the first letter unknown": [
                    (0, math.log(2) / 5),
                    (len(losses) - 1, math.log(2) / 5),
                ],
            },
            x_label="step",
            y_label="loss",
        )
    sizes = [1, 2, 4, 8, 16, 32, 64]
    return curves(
        {
            "scaled": [(d, largest_weight(d, d**-0.5)) for d in sizes],
            "not scaled": [(d, largest_weight(d, 1.0)) for d in sizes],
        },
        x_label="head size",
        y_label="largest of 6 weights, mean of 200 random queries",
    )


def largest_weight(d, scale):
    draws = Draws(d)
    total = 0.0
    for _ in range(200):
        query = [draws.normal() for _ in range(d)]
        keys = [[draws.normal() for _ in range(d)] for _ in range(6)]
        scores = [scale * sum(q * k for q, k in zip(query, key, strict=True)) for key in keys]
        total += max(softmax(scores))
    return total / 200
