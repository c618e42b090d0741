"""The graph of the model with its gradients; a learner's wrong ones in red."""

from autograd_engine import Value
from autograd_engine.teach.pictures import gradients


def figure(details):
    numbers = details["numbers"] if details else (2.0, -3.0, 4.0, 5.0)
    names = ("theta1", "theta2", "x", "y")
    theta1, theta2, x, y = (Value(z, label=name) for z, name in zip(numbers, names, strict=True))
    a = theta1 * theta2
    b = a * x
    c = b - y
    L = c**2
    a.label, b.label, c.label, L.label = "a", "b", "c", "L"
    L.backward()
    got = details["got"] if details else {}
    return gradients(L, got if isinstance(got, dict) else {})
