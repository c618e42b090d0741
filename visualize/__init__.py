"""Pictures of what the engine recorded, and plots of what was trained.

>>> from autograd_engine import Value
>>> from visualize import draw
>>> a, b = Value(2.0), Value(-3.0)
>>> c = a * b
>>> c.backward()
>>> diagram = draw(c, labels=locals())  # a notebook shows it; diagram.write("c.svg") saves it
"""

from visualize.diagram import Diagram, draw
from visualize.plots import plot_decision_boundary, plot_fit, plot_history
from visualize.renderers import RendererNotFound

__all__ = [
    "Diagram",
    "RendererNotFound",
    "draw",
    "plot_decision_boundary",
    "plot_fit",
    "plot_history",
]
