"""The graph that a formula leaves behind."""

from autograd_engine import Value
from autograd_engine.teach.pictures import gradients


def figure(details):
    w, x, q = (Value(z, label=name) for z, name in ((2.0, "w"), (3.0, "x"), (1.0, "q")))
    a = w * x
    y = a + q
    a.label, y.label = "a", "y"
    y.backward()
    return gradients(y)
