"""Pictures of what the engine recorded, and plots of what was trained.

>>> from autograd_engine import Value
>>> from visualize import draw
>>> a, b = Value(2.0), Value(-3.0)
>>> c = a * b
>>> c.backward()
>>> diagram = draw(c, labels=locals())  # a notebook shows it; diagram.write("c.svg") saves it

How a diagram is made: `folding` finds what belongs together in a graph, `units` decides what is
drawn as one box, `view` says what is drawn, and `dot` and `text` write it down.
"""

from visualize.diagram import Diagram, draw, to_dot
from visualize.document import Document
from visualize.latex import derivative_latex, to_latex
from visualize.network import draw_network
from visualize.plots import (
    animate,
    descend,
    plot_activation,
    plot_bumps,
    plot_decision_boundary,
    plot_descent,
    plot_fit,
    plot_gradient_histograms,
    plot_half_spaces,
    plot_history,
    plot_loss_1d,
    plot_loss_curves,
    plot_loss_slopes,
    plot_paths_2d,
    plot_pieces,
    plot_posterior,
    plot_probabilities,
    plot_relu_sum,
    plot_surface,
    plot_sweep,
    plot_training_log,
)
from visualize.program import draw_program
from visualize.renderers import RendererNotFound
from visualize.stepper import page
from visualize.text import print_tree, to_mermaid
from visualize.training import training_page

__all__ = [
    "Diagram",
    "Document",
    "RendererNotFound",
    "animate",
    "derivative_latex",
    "descend",
    "draw",
    "draw_network",
    "draw_program",
    "page",
    "plot_activation",
    "plot_bumps",
    "plot_decision_boundary",
    "plot_descent",
    "plot_fit",
    "plot_gradient_histograms",
    "plot_half_spaces",
    "plot_history",
    "plot_loss_1d",
    "plot_loss_curves",
    "plot_loss_slopes",
    "plot_paths_2d",
    "plot_pieces",
    "plot_posterior",
    "plot_probabilities",
    "plot_relu_sum",
    "plot_surface",
    "plot_sweep",
    "plot_training_log",
    "print_tree",
    "to_dot",
    "to_latex",
    "to_mermaid",
    "training_page",
]
