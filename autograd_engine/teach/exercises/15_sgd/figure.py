"""The paths of batch descent and of SGD over the plane of w and b."""

from random import Random

from autograd_engine import grad
from autograd_engine.teach.pictures import curves

EXAMPLES = [(-2.0, -3.1), (-1.0, -0.9), (0.0, 1.2), (1.0, 2.8), (2.0, 5.1)]


def figure(details):
    paths = {"batch": descent(len(EXAMPLES), 0.05, 60)}
    if details:
        paths["yours"] = [tuple(wb) for wb in details["path"]]
    else:
        paths["one by one"] = descent(1, 0.05, 12)
    return curves(paths, points={"best": [(2.01, 1.02)]}, x_label="w", y_label="b")


def descent(size, lr, epochs):
    rng, wb = Random(0), [0.0, 0.0]
    path = [tuple(wb)]
    for _ in range(epochs):
        order = rng.sample(EXAMPLES, len(EXAMPLES))
        for start in range(0, len(order), size):
            slopes = grad(loss(order[start : start + size]))(wb)
            wb = [x - lr * slope for x, slope in zip(wb, slopes)]
            path.append(tuple(wb))
    return path


def loss(examples):
    return lambda wb: sum((y - (wb[0] * x + wb[1])) ** 2 for x, y in examples) / len(examples)
