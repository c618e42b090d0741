"""A function and its first two derivatives."""

from autograd_engine import derivative, exp, sigmoid, sin, tanh
from autograd_engine.teach.pictures import curves

FUNCTIONS = {
    "x * x * x": lambda x: x * x * x,
    "tanh(x)": tanh,
    "sigmoid(x)": sigmoid,
    "exp(x) * sin(3 * x)": lambda x: exp(x) * sin(3.0 * x),
}


def figure(details):
    name = details["function"] if details else "tanh(x)"
    middle = details["x"] if details else 0.0
    xs = [middle - 2.0 + i / 20 for i in range(81)]
    lines = {name: 0, "slope": 1, "second": 2}
    f = FUNCTIONS[name]
    return curves(
        {text: [(x, derivative(f, order)(x)) for x in xs] for text, order in lines.items()},
        x_label="x",
    )
