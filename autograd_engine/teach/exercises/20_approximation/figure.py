"""The sum of ReLUs, and the knots that it must meet."""

import math

from autograd_engine.teach.pictures import curves


def figure(details):
    if details:
        pairs, knots, must = details["pairs"], details["knots"], details["must"]
    else:
        knots = [math.tau * i / 8 for i in range(9)]
        must = [math.sin(x) for x in knots]
        pairs, before = [], 0.0
        for i in range(8):
            slope = (must[i + 1] - must[i]) / (knots[i + 1] - knots[i])
            pairs.append((slope - before, -knots[i]))
            before = slope
    low, high = knots[0], knots[-1]
    places = [low + (high - low) * i / 200 for i in range(201)]
    return curves(
        {"sum": [(x, sum(w * max(x + bias, 0.0) for w, bias in pairs)) for x in places]},
        points={"f": list(zip(knots, must, strict=True))},
        x_label="x",
    )
