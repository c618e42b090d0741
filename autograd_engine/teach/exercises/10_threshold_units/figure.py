"""The corners of XOR, which no line separates, or those of OR with the line of its unit."""

from autograd_engine.teach.pictures import curves


def figure(details):
    table = details["table"] if details else [0, 1, 1, 1]
    places = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
    points = {
        "1": [place for place, value in zip(places, table, strict=True) if value],
        "0": [place for place, value in zip(places, table, strict=True) if not value],
    }
    lines = {"OR's line": [(-0.25, 0.75), (0.75, -0.25)]}
    if details:
        lines = {"OR": lines["OR's line"], "AND": [(0.25, 1.25), (1.25, 0.25)]}
    return curves(lines, points=points, x_label="a", y_label="b")
