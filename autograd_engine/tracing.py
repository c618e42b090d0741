"""What a function is given while it is recorded: numbers that refuse to be looked at.

A program is recorded once and run on other numbers. Whatever looks at one while it is recorded, to
branch on it or to take it as a float, would fix it; so the inputs, what is computed from them, and
the parameters raise an error that says what to write instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd_engine import modes
from autograd_engine.anomaly import place
from autograd_engine.functions import dot
from autograd_engine.value import Value

__all__ = ["Index", "Input", "Recorder", "Traced", "draw", "held", "mode_of", "pick"]

# --- numbers that cannot be looked at ------------------------------------------------------------


class Traced(Value):
    """A number that is another when the program runs."""

    __slots__ = ()
    _changes = ""

    def _refuse(self, what: str, instead: str) -> Any:
        raise TypeError(
            f"{what} of {self._changes}, and the program is recorded once: {instead}{place()}"
        )

    @property
    def data(self) -> float:
        """Refused."""
        number: float = self._refuse("the .data", "compute with the Value itself")
        return number

    @data.setter
    def data(self, data: Any) -> None:
        self._refuse("the .data", "change it after the call")

    @property
    def grad(self) -> float:
        """Refused."""
        number: float = self._refuse("the .grad", "read it after the call")
        return number

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._refuse("the .grad", "change it after the call")

    def __bool__(self) -> bool:
        return bool(self._refuse("the truth", "write where(condition, a, b) in place of if"))

    def _compared(self, other: Any) -> bool:
        return bool(
            self._refuse("a comparison", "write where, maximum, minimum, relu or step instead")
        )

    __lt__ = __le__ = __gt__ = __ge__ = _compared
    __eq__ = __ne__ = _compared
    __hash__ = Value.__hash__

    def __float__(self) -> float:
        number: float = self._refuse(
            "the float",
            "compute with the Value itself, by autograd_engine.exp and its like in place of those "
            "of math",
        )
        return number

    __int__ = __complex__ = __trunc__ = __floor__ = __ceil__ = __float__

    def __round__(self, digits: int | None = None) -> float:
        number: float = self._refuse("the rounded number", "compute with the Value itself")
        return number

    def __index__(self) -> int:
        return int(
            self._refuse(
                "the index",
                "give what chooses as integers, and write pick(index, values) in place of "
                "values[index]",
            )
        )


class Input(Traced):
    """A number of the example that is being recorded."""

    __slots__ = ()
    _changes = "an input is another in every example"


class Computed(Traced):
    """What the function has computed from its inputs and parameters."""

    __slots__ = ()
    _changes = "what the function computes is another in every call"


class Parameter(Traced):
    """A parameter, while a function that uses it is recorded."""

    __slots__ = ()
    _changes = "a parameter is another after every step"
    # In eager code too it is a Value, and equal to itself alone.
    __eq__, __ne__, __hash__ = Value.__eq__, Value.__ne__, Value.__hash__  # type: ignore[assignment]


@contextmanager
def held(parameters: Iterable[Value]) -> Iterator[None]:
    """A block in which these Values cannot be looked at."""
    changed = [parameter for parameter in parameters if parameter.__class__ is Value]
    try:
        for parameter in changed:
            parameter.__class__ = Parameter
        yield
    finally:
        for parameter in changed:
            parameter.__class__ = Value


class Index:
    """An integer of the example that is being recorded: a token, or a label.

    It can only choose, with `pick`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.chosen: list[Input] = []  # 1 for the one that is chosen, 0 for the others

    def among(self, count: int) -> list[Input]:
        """A number for each of so many choices."""
        if not 0 <= self.number < count:
            raise IndexError(f"there are {count} values, and no number {self.number}")
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
            "once: write pick(index, values) in place of values[index], and give numbers to "
            f"compute with as floats{place()}"
        )

    __index__ = __int__ = __float__ = __bool__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __pow__ = __rpow__ = _refuse


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
    if isinstance(index, Traced):
        raise TypeError("pick chooses by an integer, got a float: give an array of integers")
    if not isinstance(index, Index):
        if not 0 <= index < len(values):
            raise IndexError(f"there are {len(values)} values, and no number {index}")
        return values[index]
    chosen = index.among(len(values))
    if isinstance(values[0], (list, tuple)):
        return [dot(chosen, column) for column in zip(*values, strict=True)]
    return dot(chosen, list(values))


# --- recording -----------------------------------------------------------------------------------


class Recorder:
    """Watches a function while it is recorded.

    Parameters
    ----------
    places : bool
        Whether to note which line asked for each operation, which takes its time.

    Attributes
    ----------
    start : int
        What is created later was created by the function.
    draws : list of (Input, callable)
        The random numbers that it took, and where others come from.
    modes : dict of int to (object, bool)
        What it asked whether it is in training, by identity, and the answer.
    places : dict of int to str
        By the order of creation, counted from the start.
    """

    def __init__(self, places: bool = False) -> None:
        self.start = Value(0.0)._index
        self.draws: list[tuple[Input, Callable[[], float]]] = []
        self.modes: dict[int, tuple[Any, bool]] = {}
        self.places: dict[int, str] = {}
        self._notes_places = places
        self._random = random.Random(0)  # nobody else's generator moves on

    def recorded(self, node: Value) -> None:
        """See a node, which from now on cannot be looked at."""
        node.__class__ = Computed
        if self._notes_places:
            self.places[node._index - self.start] = place()

    def propagated(self, node: Value, gradient: float) -> None:
        """See nothing: a backward pass within the function is its own affair."""

    def draw(self, sample: Callable[[], float]) -> Input:
        """An input in place of a random number."""
        drawn = Input(self._random.random())
        self.draws.append((drawn, sample))
        return drawn


def _recorder() -> Recorder | None:
    watcher = modes.current.get().watcher if modes.open_blocks else None
    return watcher if isinstance(watcher, Recorder) else None


def draw(sample: Callable[[], float]) -> Any:
    """A random number, in a way that can be compiled: the program draws anew for every example.

    Parameters
    ----------
    sample : callable
        Returns the number.

    Returns
    -------
    float, or Value while a function is recorded
    """
    recorder = _recorder()
    return sample() if recorder is None else recorder.draw(sample)


def mode_of(thing: Any, training: bool) -> bool:
    """Whether something is in training; a program that is recorded now holds for this mode alone.

    Parameters
    ----------
    thing : object
        Whose ``training`` is asked for.
    training : bool
        The answer.
    """
    recorder = _recorder()
    if recorder is not None:
        recorder.modes[id(thing)] = thing, training
    return training
