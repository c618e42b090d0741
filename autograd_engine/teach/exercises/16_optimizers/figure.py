"""Plain descent, momentum and Adam in a narrow valley."""

import nn
from autograd_engine import Value
from autograd_engine.teach.pictures import curves

OPTIMIZERS = {
    "descent": lambda p: nn.SGD(p, lr=0.07),
    "momentum": lambda p: nn.SGD(p, lr=0.1111, momentum=0.4444),
    "Adam": lambda p: nn.Adam(p, lr=0.1),
}


def figure(details):
    paths = {name: descent(make, 25) for name, make in OPTIMIZERS.items()}
    if details:
        paths["yours"] = [tuple(point) for point in details["path"]]
    return curves(paths, points={"lowest": [(0.0, 0.0)]}, x_label="x", y_label="y")


def descent(make, steps):
    x, y = Value(1.0), Value(1.0)
    optimizer = make([x, y])
    path = [(x.data, y.data)]
    for _ in range(steps):
        optimizer.zero_grad()
        ((x**2 + 25 * y**2) / 2).backward()
        optimizer.step()
        path.append((x.data, y.data))
    return path
