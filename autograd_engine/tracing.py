"""What a function is given while it is recorded: inputs that refuse to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_engine.functions import dot
from autograd_engine.value import Value

__all__ = ["Index", "Input", "pick"]


class Input(Value):
    """A number of the example that is being recorded; another example has another number."""

    __slots__ = ()

    def _refuse(self, what: str, instead: str) -> Any:
        raise TypeError(
            f"{what} of an input is another in every example, and the program is recorded once: "
            f"{instead}"
        )

    @property  # type: ignore[misc]
    def data(self) -> float:
        """Refused."""
        number: float = self._refuse("the .data", "compute with the input itself")
        return number

    def __bool__(self) -> bool:
        return bool(self._refuse("the truth", "write where(condition, a, b) in place of if"))

    def _compared(self, other: Any) -> bool:
        return bool(
            self._refuse("a comparison", "write where, maximum, minimum, relu or step instead")
        )

    __lt__ = __le__ = __gt__ = __ge__ = _compared
    __eq__ = __ne__ = _compared
    __hash__ = Value.__hash__


class Index:
    """An integer of the example that is being recorded: a token, or a label.

    It can only choose, with `pick`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.chosen: list[Input] = []  # 1 for the one that is chosen, 0 for the others

    def among(self, count: int) -> list[Input]:
        """A number for each of so many choices."""
        if not self.chosen:
            self.chosen = [Input(float(i == self.number)) for i in range(count)]
        if len(self.chosen) != count:
            raise ValueError(
                f"an index chooses from {len(self.chosen)} values in one place and from {count} in "
                "another; give it twice, as two arguments"
            )
        return self.chosen

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(
            "an integer of the example is another in every example, and the program is recorded "
            "once: write pick(index, values) in place of values[index]"
        )

    __index__ = __int__ = __float__ = __bool__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse


def pick(index: Any, values: Sequence[Any]) -> Any:
    """values[index], in a way that can be compiled.

    Parameters
    ----------
    index : int
        Which one; while a function is compiled, an integer of its example.
    values : list of Value, number, or of lists of them
        A row of a table is a list.

    Returns
    -------
    Value, number, or list

    Raises
    ------
    IndexError
        If there is no such value.

    Examples
    --------
    >>> pick(1, [10.0, 20.0, 30.0])
    20.0
    """
    if not isinstance(index, Index):
        if not 0 <= index < len(values):
            raise IndexError(f"there are {len(values)} values, and no number {index}")
        return values[index]
    chosen = index.among(len(values))
    if isinstance(values[0], (list, tuple)):
        return [dot(chosen, column) for column in zip(*values, strict=True)]
    return dot(chosen, list(values))
