"""How training went: losses and metrics by epoch, and by what was varied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from visualize.plots.shared import BLUE, DASHES, ORANGE, as_numbers, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn.history import History

__all__ = ["plot_history", "plot_sweep", "plot_training_log"]


def plot_history(history: History, ax: Axes | None = None) -> Axes:
    """Draw losses and metrics by epoch.

    Training is blue, validation orange. The loss is a full line; metrics are broken lines, on an
    axis of their own at the right.

    Parameters
    ----------
    history : History
        What `nn.fit` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        That of the losses, logarithmic if they are positive and span two decades or more.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the history has no epochs.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
    >>> history = nn.fit(model, nn.data.boolean("xor"), epochs=10)
    >>> ax = plot_history(history)  # doctest: +SKIP
    >>> ax.figure.savefig("history.png")  # doctest: +SKIP
    """
    if not len(history):
        raise ValueError("the history has no epochs to draw")
    ax = axes_or_new(ax)
    from matplotlib.ticker import MaxNLocator

    losses = [name for name in history.columns if name in ("loss", "val_loss")]
    metrics = [name for name in history.columns if name not in ("epoch", "lr", *losses)]
    for name in losses:
        _draw_column(ax, history, name, "-")
    numbers = [x for name in losses for x in history[name]]
    if all(0.0 < x < math.inf for x in numbers) and max(numbers) >= 100.0 * min(numbers):
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("loss")
    handles = list(ax.lines)
    if metrics:
        right = ax.twinx()
        quantities = list(dict.fromkeys(name.removeprefix("val_") for name in metrics))
        for name in metrics:
            dashes = 1 + quantities.index(name.removeprefix("val_")) % (len(DASHES) - 1)
            _draw_column(right, history, name, DASHES[dashes])
        right.set_ylabel(", ".join(quantities))
        handles += right.lines
    # The axes at the right lie above, and so the legend must be theirs to hide no line.
    (right if metrics else ax).legend(handles=handles)
    return ax


def _draw_column(ax: Axes, history: History, name: str, dashes: str) -> None:
    color = ORANGE if name.startswith("val_") else BLUE
    single = "o" if len(history) == 1 else ""  # a line of one point would not be seen
    ax.plot(history["epoch"], history[name], dashes, marker=single, color=color, label=name)


def plot_training_log(log: Mapping[str, Sequence[float]], ax: Axes | None = None) -> Axes:
    """Draw a log of training that somebody else printed: a loss and metrics by epoch.

    Parameters
    ----------
    log : mapping of str to list of float
        A number for each epoch; "loss" and what starts with "val_" are drawn as those of a
        `History`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        That of the losses.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the columns are not equally long, or empty.

    Examples
    --------
    >>> log = {"loss": [0.5003, 0.3782], "accuracy": [0.8238, 0.8643]}
    >>> ax = plot_training_log(log)  # doctest: +SKIP
    """
    from nn.history import History

    if len({len(column) for column in log.values()}) > 1:
        lengths = ", ".join(f"{name} has {len(column)}" for name, column in log.items())
        raise ValueError(f"a log has a number for each epoch in every column, but {lengths}")
    history = History()
    for epoch, row in enumerate(zip(*log.values(), strict=True), 1):
        history.append({"epoch": epoch, **dict(zip(log, row, strict=True))})
    return plot_history(history, ax)


def plot_sweep(
    scores: Mapping[Any, float | Sequence[float]],
    ax: Axes | None = None,
    varied: str = "hidden layers",
    score: str = "accuracy",
) -> Axes:
    """Draw how a score depends on what was varied, such as the depth of a network.

    Parameters
    ----------
    scores : mapping of number to number or list of number
        By what was varied; a list is of several runs, such as from different seeds.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    varied, score : str
        What stands at the axes.

    Returns
    -------
    matplotlib Axes
        Its line is the mean of the runs, its collection are the runs.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there are no scores.

    Examples
    --------
    >>> ax = plot_sweep({1: [0.8, 0.9], 2: [0.9, 0.94], 3: [0.97, 0.95]})  # doctest: +SKIP
    """
    runs = {x: as_numbers(given) for x, given in sorted(scores.items())}
    if not runs or not all(runs.values()):
        raise ValueError(f"there must be a score of each thing that was varied, got {scores!r}")
    ax = axes_or_new(ax)
    means = [math.fsum(numbers) / len(numbers) for numbers in runs.values()]
    ax.plot(list(runs), means, "o-", color=BLUE, label="mean")
    every = [(x, number) for x, numbers in runs.items() for number in numbers]
    ax.scatter(*zip(*every, strict=True), color=ORANGE, marker="_", label="each run")
    if all(isinstance(x, int) for x in runs):
        ax.set_xticks(list(runs))
    ax.set_xlabel(varied)
    ax.set_ylabel(score)
    ax.legend()
    return ax
