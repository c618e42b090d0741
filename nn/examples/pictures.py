"""Saving an example's picture, where matplotlib is installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

__all__ = ["save_picture"]


def save_picture(path: str, draw: Callable[[Any], None]) -> None:
    """Save what is drawn on a figure, or say what is missing.

    Parameters
    ----------
    path : str
        The ending says the format: .png, .svg or .pdf.
    draw : callable
        Takes a matplotlib Figure.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs matplotlib, pip install 'autograd_engine[plot]'")
        return
    # Without pyplot, which would look for a screen.
    figure = Figure(layout="constrained")
    draw(figure)
    figure.savefig(path)
    print(f"wrote {os.fspath(path)}")
