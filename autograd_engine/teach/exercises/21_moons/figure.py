"""The points, and where a network changes its mind."""

import nn
from autograd_engine.teach.pictures import curves


def figure(details):
    if details:
        data = details["data"]
        model = nn.MLP(2, [8, 1], "tanh")
        model.set_parameters(details["parameters"])
    else:
        data = nn.data.moons(200, 0.05, seed=0)
        model = nn.MLP(2, [8, 1], "tanh", seed=0)
        nn.fit(
            model,
            data,
            loss="binary_cross_entropy_with_logits",
            optimizer=nn.Adam(model.parameters(), lr=0.05),
            epochs=20,
            batch_size=16,
            seed=0,
            progress=False,
            compiled=False,
        )
    classes = {f"y = {k}": [tuple(x) for x, y in data if y == k] for k in (0, 1)}
    edge = boundary(model, [x for x, _ in data])
    return curves({}, points={**classes, "boundary": edge}, x_label="x1", y_label="x2")


def boundary(model, points, cells=60):
    """The places on vertical lines where the logit changes its sign."""
    (left, right), (low, high) = ((min(z), max(z)) for z in zip(*points, strict=True))
    found = []
    for i in range(cells + 1):
        x1 = left + (right - left) * i / cells
        heights = [low + (high - low) * j / cells for j in range(cells + 1)]
        above = [model([x1, x2]).data > 0 for x2 in heights]
        found += [
            (x1, (heights[j] + heights[j + 1]) / 2)
            for j in range(cells)
            if above[j] != above[j + 1]
        ]
    return found
