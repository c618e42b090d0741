"""What the author of an exercise writes its checks with.

A check is a function in `check.py`. It runs in the runner's process, where the learner's code never
is, and asks for numbers: ``run.NAME(...)`` calls NAME in the learner's process, a probe of the
exercise or else the learner's own function, and returns plain data.

    @check("fan-out")
    def fan_out(run):
        expect(run.gradient_of_sum(3.0), 2.0, mistakes={"overwrites": 1.0, "uses_data": 3.0})
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

__all__ = [
    "Check",
    "Draws",
    "Mismatch",
    "Run",
    "check",
    "close",
    "expect",
    "like",
    "require",
    "same",
    "show",
]

Mistakes: TypeAlias = Mapping[str, Any]  # from ids to a wrong value, or to a function of the value


class Run(Protocol):
    """What a check is given.

    Attributes
    ----------
    draws : Draws
        The source of random inputs: others for every seed and check.
    """

    draws: Draws

    def __getattr__(self, name: str) -> Callable[..., Any]: ...


@dataclass(frozen=True)
class Check:
    """One check of an exercise.

    Attributes
    ----------
    name : str
    function : callable
        Given a `Run`, it returns nothing, or raises a `Mismatch`.
    raises : mapping
        From the name of an exception of the learner's code to the id of the mistake behind it;
        "Timeout" is one, too.
    hidden : bool
        Whether only `grade` runs it.
    """

    name: str
    function: Callable[[Run], None]
    raises: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False


class Mismatch(Exception):
    """The learner's code gave something else than it must.

    Attributes
    ----------
    got, must : str
    call : str
        What was called; empty for the last call.
    mistake : str
        The id of the likely cause, or empty.
    figure : mapping
        What `figure.py` needs to draw what is wrong.
    """

    def __init__(
        self,
        got: str,
        must: str,
        call: str = "",
        mistake: str = "",
        figure: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"got {got}, must be {must}")
        self.got, self.must, self.call, self.mistake = got, must, call, mistake
        self.figure = dict(figure or {})


def check(
    name: str, *, raises: Mapping[str, str] | None = None, hidden: bool = False
) -> Callable[[Callable[[Any], None]], Check]:
    """Declare a check.

    Parameters
    ----------
    name : str
        A few words that a learner sees; none is used twice in an exercise.
    raises : mapping, optional
        From the name of an exception to the id of the mistake that it shows: ``{"RecursionError":
        "recursive", "Timeout": "exponential"}``.
    hidden : bool
        Whether only `grade` runs it, for sets whose checks the learners do not have.

    Returns
    -------
    callable
        A decorator.

    Examples
    --------
    >>> @check("doubling")
    ... def doubling(run):
    ...     expect(run.double(3.0), 6.0)
    >>> doubling.name
    'doubling'
    """
    return lambda function: Check(name, function, dict(raises or {}), hidden)


def expect(
    got: Any,
    must: Any,
    *,
    rel: float = 1e-6,
    abs: float = 1e-12,
    call: str = "",
    mistakes: Mistakes | None = None,
    figure: Mapping[str, Any] | None = None,
) -> None:
    """Compare what came back with what must.

    Parameters
    ----------
    got, must : object
        Numbers, strings, None, and lists, tuples and dicts of them. A list may be a tuple, an int
        a float; True is no number.
    rel, abs : float
        How far numbers may be off: relative to `must`, or in all.
    call : str
        What was called, as a learner would write it; the last call if not given.
    mistakes : mapping, optional
        From the ids of mistakes to the wrong value that shows each, or to a function that says
        whether a value does. The first that fits is named.
    figure : mapping, optional
        Passed to `figure.py`.

    Raises
    ------
    Mismatch
        If they differ: it shows the first place where they do.

    Examples
    --------
    >>> expect([1, 2.0], (1.0, 2.0))
    >>> expect({"a": 1.0, "b": 3.0}, {"a": 1.0, "b": 2.0}, mistakes={"tripled": {"a": 1, "b": 3}})
    Traceback (most recent call last):
    ...
    autograd_engine.teach.testing.Mismatch: got 3.0 for ['b'], must be 2.0
    """
    difference = _difference(got, must, rel, abs)
    if difference is not None:
        raise Mismatch(*difference, call, _mistake(got, mistakes), figure)


def require(
    holds: bool,
    must: str,
    *,
    got: Any = None,
    call: str = "",
    mistake: str = "",
    figure: Mapping[str, Any] | None = None,
) -> None:
    """Demand a relation, where there is no single right value.

    Parameters
    ----------
    holds : bool
    must : str
        The relation in words, as in "less than 0.05".
    got : object
        What it was instead; a string is shown as it is.
    call : str
        What was called; the last call if not given.
    mistake : str
        The id of the mistake that it shows.
    figure : mapping, optional
        Passed to `figure.py`.

    Raises
    ------
    Mismatch
        If it does not hold.

    Examples
    --------
    >>> require(0.01 < 0.05, "less than 0.05", got=0.01)
    """
    if not holds:
        raise Mismatch(got if isinstance(got, str) else show(got), must, call, mistake, figure)


def close(a: Any, b: Any, rel: float = 1e-6, abs: float = 1e-12) -> bool:
    """Whether two things are numbers, and as good as equal.

    Parameters
    ----------
    a, b : object
    rel, abs : float
        How far apart they may be: relative to b, or in all.

    Returns
    -------
    bool

    Examples
    --------
    >>> close(1.0, 1.0 + 1e-9), close(1.0, 1.1), close("1", 1.0)
    (True, False, False)
    """
    if not (_is_number(a) and _is_number(b)):
        return False
    if a == b or (a != a and b != b):
        return True
    return (
        math.isfinite(a) and math.isfinite(b) and math.fabs(a - b) <= max(rel * math.fabs(b), abs)
    )


def same(a: Any, b: Any, rel: float = 1e-6, abs: float = 1e-12) -> bool:
    """Whether two structures hold the same, up to rounding.

    Parameters
    ----------
    a, b : object
        As for `expect`.
    rel, abs : float

    Returns
    -------
    bool

    Examples
    --------
    >>> same([1.0, {"b": 2}], (1, {"b": 2.0}))
    True
    """
    return _difference(a, b, rel, abs) is None


def like(got: Any, example: Any, *, call: str = "", mistake: str = "") -> None:
    """Demand the shape and the types of an example, with any numbers.

    To be used before a check computes with what came back.

    Parameters
    ----------
    got, example : object
    call, mistake : str
        As for `require`.

    Raises
    ------
    Mismatch
        If the shapes or types differ.

    Examples
    --------
    >>> like([3.0, 4.0], [0.0, 0.0])
    >>> like([3.0], [0.0, 0.0])
    Traceback (most recent call last):
    ...
    autograd_engine.teach.testing.Mismatch: got a list of 1, must be a list of 2
    """
    difference = _difference(got, example, math.inf, math.inf)
    if difference is not None:
        got_text, must = difference
        if not isinstance(example, (list, tuple, dict)):
            must = "a number" if _is_number(example) else f"a {type(example).__name__}"
        raise Mismatch(got_text, must, call, mistake)


def show(data: Any) -> str:
    """Data as messages show it: numbers in all their digits, the rest cut short.

    Parameters
    ----------
    data : object

    Returns
    -------
    str
    """
    text = repr(data)
    return text if len(text) <= 160 else text[:157] + "..."


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def _difference(got: Any, must: Any, rel: float, abs: float) -> tuple[str, str] | None:
    """What is there and what must be, at the first place where they differ."""

    def at(path: str, text: str) -> str:
        return f"{text} for {path}" if path else text

    def compare(got: Any, must: Any, path: str) -> tuple[str, str] | None:
        if _is_number(must):
            if not _is_number(got):
                return at(path, _kind(got)), f"the number {must!r}"
            infinite = math.isinf(rel)  # any number will do
            return (
                None
                if infinite or close(got, must, rel, abs)
                else (at(path, repr(got)), repr(must))
            )
        if isinstance(must, (list, tuple)):
            if not isinstance(got, (list, tuple)) or len(got) != len(must):
                return at(path, _kind(got)), f"a {type(must).__name__} of {len(must)}"
            pairs = enumerate(zip(got, must, strict=True))
            found = (compare(g, m, f"{path}[{i}]") for i, (g, m) in pairs)
            return next((difference for difference in found if difference is not None), None)
        if isinstance(must, dict):
            if not isinstance(got, dict):
                return at(path, _kind(got)), f"a dict with {_names(must)}"
            if set(got) != set(must):
                return at(path, f"a dict with {_names(got)}"), f"a dict with {_names(must)}"
            found = (compare(got[k], m, f"{path}[{k!r}]") for k, m in must.items())
            return next((difference for difference in found if difference is not None), None)
        if type(got) is not type(must):
            return at(path, _kind(got)), show(must)
        if got != must and not math.isinf(rel):
            return at(path, show(got)), show(must)
        return None

    return compare(got, must, "")


def _names(data: Mapping[Any, Any]) -> str:
    names = ", ".join(map(repr, data))
    return f"the keys {names}" if names else "no keys"


def _kind(data: Any) -> str:
    """What kind of thing came back, where its value does not matter."""
    if data is None:
        return "None (does your function return something?)"
    if isinstance(data, (list, tuple)):
        return f"a {type(data).__name__} of {len(data)}"
    if isinstance(data, dict):
        return f"a dict with {_names(data)}"
    kind = getattr(data, "type", None) or type(data).__name__
    return f"{show(data)}, of type {kind}"


def _mistake(got: Any, mistakes: Mistakes | None) -> str:
    for mistake, wrong in (mistakes or {}).items():
        if callable(wrong):
            try:
                if wrong(got):
                    return mistake
            except (TypeError, ValueError, KeyError, IndexError, ArithmeticError):
                pass  # written for values of the right shape, given another
        elif same(got, wrong):
            return mistake
    return ""


class Draws:
    """Random numbers that are the same in every version of Python and on every system.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> Draws(0).uniform(-1.0, 1.0) == Draws(0).uniform(-1.0, 1.0)
    True
    >>> sorted(Draws(1).shuffled([1, 2, 3]))
    [1, 2, 3]
    """

    def __init__(self, seed: int) -> None:
        # Of all methods this is the one whose numbers Python promises never to change.
        self._random = random.Random(seed).random

    def uniform(self, low: float, high: float) -> float:
        """A number between low and high."""
        return low + (high - low) * self._random()

    def number(self) -> float:
        """A number without special properties: of either sign, not near 0, 1, 2 or another."""
        size = 0.3 + 0.6 * self._random() if self._random() < 0.5 else 1.1 + 0.8 * self._random()
        return round(size if self._random() < 0.5 else -size, 4)

    def numbers(self, count: int) -> list[float]:
        """Several such numbers, no two of the same size."""
        found: list[float] = []
        while len(found) < count:
            x = self.number()
            if all(math.fabs(math.fabs(x) - math.fabs(y)) > 0.5 / count**2 for y in found):
                found.append(x)
        return found

    def normal(self) -> float:
        """A number of the standard normal distribution, by Box and Muller."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._random()))
        return radius * math.cos(2.0 * math.pi * self._random())

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + int((high - low + 1) * self._random())

    def choice(self, items: Sequence[Any]) -> Any:
        """One of the items."""
        return items[self.integer(0, len(items) - 1)]

    def shuffled(self, items: Sequence[Any]) -> list[Any]:
        """The items in another order."""
        rest = list(items)
        return [rest.pop(self.integer(0, len(rest) - 1)) for _ in items]
