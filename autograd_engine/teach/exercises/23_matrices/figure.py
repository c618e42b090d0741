"""The size of the scalar graph beside the number of matrix operations; or wrong entries."""

from autograd_engine import Value, graph, sigmoid
from autograd_engine.teach.pictures import curves


def figure(details):
    if details:
        got, must = flat(details["got"]), flat(details["must"])
        ends = [(min(must), min(must)), (max(must), max(must))]
        return curves(
            {"right": ends},
            points={"yours": list(zip(must, got, strict=False))},
            x_label="must be",
            y_label="got",
        )
    widths = range(1, 9)
    return curves(
        {
            "nodes of the graph": [(n, nodes(n)) for n in widths],
            # Forward Z and A, backward G of A and of Z, of W and of b.
            "matrix operations": [(n, 6) for n in widths],
        },
        x_label="inputs and units of a layer, for one example",
    )


def nodes(n):
    """How many nodes a layer of that width has, with its loss."""
    W = [[Value(0.1) for _ in range(n)] for _ in range(n)]
    b = [Value(0.0) for _ in range(n)]
    A = [sigmoid(sum(w for w in row) + z) for row, z in zip(W, b, strict=True)]
    return len(graph.nodes(sum(a * a for a in A)))


def flat(data):
    """The numbers of nested lists, in order."""
    if isinstance(data, (list, tuple)):
        return [x for item in data for x in flat(item)]
    return [data] if isinstance(data, (int, float)) else []
