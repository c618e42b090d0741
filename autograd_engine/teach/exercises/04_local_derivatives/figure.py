"""The slopes of three activation functions."""

from autograd_engine import derivative, leaky_relu, sigmoid, tanh
from autograd_engine.teach.pictures import curves


def figure(details):
    functions = {"tanh'": tanh, "sigmoid'": sigmoid, "leaky'": lambda x: leaky_relu(x, 0.1)}
    places = [k / 20 for k in range(-80, 81)]
    lines = {name: [(x, derivative(f)(x)) for x in places] for name, f in functions.items()}
    return curves(lines, x_label="x", y_label="slope")
