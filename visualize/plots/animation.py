"""Plots that move, as GIF or HTML."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from autograd_engine.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["animate"]


def animate(
    draw: Callable[[Axes, Any], Any],
    frames: Iterable[Any],
    path: str | os.PathLike[str],
    fps: int = 4,
) -> None:
    """Write plots that follow each other to a file.

    Parameters
    ----------
    draw : callable
        ``draw(ax, frame)`` draws one of them on empty axes.
    frames : iterable
        What it is called with, in order.
    path : path
        Ends in .gif, or in .html for a page with a slider and buttons.
    fps : int
        Frames per second.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there is no frame, or the path ends otherwise.

    Examples
    --------
    >>> from visualize import descend, plot_descent
    >>> path = descend(lambda x: x**2, 1.0, 0.9, 8)
    >>> animate(  # doctest: +SKIP
    ...     lambda ax, k: plot_descent(lambda x: x**2, path[:k], ax), range(1, 9), "descent.gif"
    ... )
    """
    path = Path(path)
    if path.suffix not in (".gif", ".html"):
        raise ValueError(f"an animation is a .gif or a .html file, got {path.name!r}")
    shown = list(frames)
    if not shown:
        raise ValueError("an animation needs at least one frame")
    try:
        from matplotlib.animation import FuncAnimation, PillowWriter
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'autograd_engine[plot]'", name="matplotlib"
        ) from error
    figure = Figure(layout="constrained")
    ax = figure.subplots()

    def one(frame: Any) -> list[Any]:
        ax.clear()
        draw(ax, frame)
        return []

    animation = FuncAnimation(figure, one, shown, init_func=list, cache_frame_data=False)
    if path.suffix == ".html":
        write_atomically(path, animation.to_jshtml(fps=fps).encode())
        return
    with TemporaryDirectory() as directory:
        made = Path(directory, path.name)
        animation.save(made, PillowWriter(fps=fps))
        write_atomically(path, made.read_bytes())
