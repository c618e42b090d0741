"""The examples, and the line or the curve of probabilities that was fitted to them."""

import math

from autograd_engine.teach.pictures import curves

LECTURE = {
    "xs": [-2, -1, 0, 1, 2],
    "ys": [-3.1, -0.9, 1.2, 2.8, 5.1],
    "got": {"w": 2.01, "b": 1.02},
    "kind": "line",
}


def figure(details):
    shown = details or LECTURE
    xs, ys, got = shown["xs"], shown["ys"], shown["got"]
    places = [min(xs) + (max(xs) - min(xs)) * k / 100 for k in range(101)]
    fitted = {}
    if isinstance(got, dict) and all(isinstance(got.get(name), (int, float)) for name in "wb"):
        sums = [got["w"] * x + got["b"] for x in places]
        line = shown["kind"] == "line"
        heights = sums if line else [(1 + math.tanh(z / 2)) / 2 for z in sums]
        fitted = {"fitted": list(zip(places, heights))}
    return curves(fitted, points={"examples": list(zip(xs, ys))}, x_label="x", y_label="y")
