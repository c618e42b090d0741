"""What a training run has recorded: per epoch the losses, the metrics and the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["History", "Record"]


class Record:
    """The parameters of a model in the course of its training.

    Attributes
    ----------
    model : Module
    data : sequence of (x, y)
        What it was trained on.
    loss : callable
        What of it was made small.
    parameters : list of list of float
        Before training, and after each epoch.
    """

    def __init__(
        self, model: Module, data: Sequence[tuple[Any, Any]], loss: Callable[..., Any]
    ) -> None:
        self.model = model
        self.data = data
        self.loss = loss
        self.parameters: list[list[float]] = []
        self.add()

    def add(self) -> None:
        """Keep the parameters as they are."""
        self.parameters.append([parameter.data for parameter in self.model.parameters()])


class History:
    """The record of a training run, one row for each epoch.

    Prints as a table. ``history["loss"]`` is a column, ``history[-1]`` the last row,
    ``history.plot()`` the curves.

    Attributes
    ----------
    rows : list of dict
        With ``epoch``, ``loss``, the metrics, ``val_...`` for the validation data, and ``lr``.
    stopped : str
        Why training ended before its last epoch; empty if it did not.
    note : str
        How the steps were computed, if not one node at a time.
    record : Record or None
        The parameters in the course of training, if ``fit`` was told to keep them.

    Examples
    --------
    >>> history = History()
    >>> history.append({"epoch": 1, "loss": 0.5, "lr": 0.1})
    >>> history.append({"epoch": 2, "loss": 0.25, "lr": 0.1})
    >>> history["loss"]
    [0.5, 0.25]
    >>> history
    epoch  loss   lr
        1   0.5  0.1
        2  0.25  0.1
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.stopped = ""
        self.note = ""
        self.record: Record | None = None

    def append(self, row: dict[str, float]) -> None:
        """Add an epoch."""
        self.rows.append(row)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.rows[-1]) if self.rows else []

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, str):
            if self.rows and key not in self.columns:
                raise KeyError(f"no column {key!r}; there are {', '.join(self.columns)}")
            return [row.get(key) for row in self.rows]
        return self.rows[key]

    def __repr__(self) -> str:
        if not self.rows:
            return f"History of no epochs{': ' if self.stopped else ''}{self.stopped}"
        shown: list[dict[str, float] | None] = list(self.rows)
        if len(shown) > _LONGEST:
            shown = [*shown[: _LONGEST // 2], None, *shown[-_LONGEST // 2 :]]
        table = [self.columns]
        table += [
            [_number(row[c]) if c in row else "" for c in self.columns]
            if row
            else ["..."] * len(self.columns)
            for row in shown
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        ]
        return "\n".join([*lines, self.stopped] if self.stopped else lines)

    def plot(self, ax: Any = None) -> Any:
        """Draw the curves of losses and metrics with `visualize.plot_history`."""
        from visualize import plot_history

        return plot_history(self, ax=ax)


# Of a longer table, the beginning and the end are printed.
_LONGEST = 20


def _number(x: float) -> str:
    return f"{x:.4g}" if isinstance(x, float) else str(x)
