from autograd_engine import Value, graph
from autograd_engine.teach.testing import check, close, expect

NAMES = ("theta1", "theta2", "x", "y")
SLIDE = (2.0, -3.0, 4.0, 5.0)


def model(numbers):
    """The nodes of the graph by their names, after backward."""
    theta1, theta2, x, y = (Value(z, label=name) for z, name in zip(numbers, NAMES, strict=True))
    a = theta1 * theta2
    b = a * x
    c = b - y
    L = c**2
    a.label, b.label, c.label, L.label = "a", "b", "c", "L"
    L.backward()
    return {node.label: node for node in graph.nodes(L) if node.label}


def expect_gradients(got, numbers):
    nodes = model(numbers)
    right = {name: nodes[name].grad for name in ("c", "b", "y", "a", "x", "theta1", "theta2")}

    def times(name, factor):
        return lambda got: close(got[name], factor * right[name])

    expect(
        got,
        right,
        mistakes={
            "no_factor_2": times("c", 0.5),
            "multiplies_by_loss": times("c", nodes["c"].data),
            "sign_of_y": times("y", -1.0),
            "swapped": lambda got: close(got["theta1"], right["theta2"]),
        },
        figure={"numbers": numbers, "got": got},
    )


@check("forward, the numbers of the slide")
def forward_slide(run):
    expect(run.forward(*SLIDE), {"a": -6.0, "b": -24.0, "c": -29.0, "L": 841.0})


@check("forward, other numbers")
def forward_others(run):
    for _ in range(5):
        numbers = run.draws.numbers(4)
        nodes = model(numbers)
        expect(run.forward(*numbers), {name: nodes[name].data for name in ("a", "b", "c", "L")})


@check("backward, the numbers of the slide")
def backward_slide(run):
    expect_gradients(run.backward(*SLIDE), SLIDE)


@check("backward, other numbers")
def backward_others(run):
    for _ in range(20):
        numbers = run.draws.numbers(4)
        expect_gradients(run.backward(*numbers), numbers)
