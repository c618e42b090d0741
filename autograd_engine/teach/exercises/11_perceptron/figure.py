"""The points, and the line at which the perceptron changes its mind."""

from autograd_engine.teach.pictures import curves


def figure(details):
    if details:
        X, y, got = details["X"], details["y"], details["got"]
        (w1, w2), b = got["weights"], got["bias"]
    else:
        X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 0, 0, 1]
        (w1, w2), b = (2.0, 1.0), -3.0
    places = [tuple(x) for x in X]
    lines = {}
    if w2:
        left, right = (end(x for x, _ in places) for end in (min, max))
        lines["line"] = [(x, -(w1 * x + b) / w2) for x in (left, right)]
    elif w1:
        low, high = (end(z for _, z in places) for end in (min, max))
        lines["line"] = [(-b / w1, z) for z in (low, high)]
    points = {
        str(k): [place for place, wanted in zip(places, y, strict=True) if wanted == k]
        for k in (0, 1)
    }
    return curves(lines, points=points, x_label="x1", y_label="x2")
