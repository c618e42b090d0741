"""Plots of what was trained, on matplotlib's axes; a file for each subject."""

from visualize.plots.animation import animate
from visualize.plots.curves import (
    plot_activation,
    plot_bumps,
    plot_fit,
    plot_loss_curves,
    plot_loss_slopes,
    plot_pieces,
    plot_posterior,
    plot_relu_sum,
)
from visualize.plots.descents import descend, plot_descent, plot_loss_1d, plot_paths_2d
from visualize.plots.networks import (
    plot_gradient_histograms,
    plot_half_spaces,
    plot_probabilities,
    plot_surface,
)
from visualize.plots.planes import plot_decision_boundary
from visualize.plots.training import plot_history, plot_sweep, plot_training_log

__all__ = [
    "animate",
    "descend",
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
]
