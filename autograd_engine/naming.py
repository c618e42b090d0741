"""Functions that diagrams draw as one box: which nodes were recorded during a call of which."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, overload

from autograd_engine.value import Value, _next_index

__all__ = ["Call", "calls_of", "named"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a named function.

    Attributes
    ----------
    name : str
    first, last : int
        The places in the order of creation between which its nodes were made.
    """

    name: str
    first: int
    last: int


# By the place of a result in the order of creation, which no other node ever has. A node has no
# room for its call, so that those who name nothing pay nothing.
_calls: dict[int, tuple[Call, ...]] = {}
_MOST_REMEMBERED = 2**16
_lock = Lock()


def calls_of(node: Value) -> tuple[Call, ...]:
    """The calls of named functions that returned this node, the innermost first.

    Parameters
    ----------
    node : Value
    """
    return _calls.get(node._index, ())


@overload
def named(function: F) -> F: ...
@overload
def named(function: str) -> Callable[[F], F]: ...


def named(function: Any) -> Any:
    """Have diagrams draw each call of this function as one box, which can be opened.

    Parameters
    ----------
    function : callable, or str
        The name in diagrams, if it is not the function's own: ``@named("attention")``.

    Returns
    -------
    callable
        The function, which computes and records what it did before.

    Raises
    ------
    TypeError
        If it is no function, or one that does not compute when it is called.

    Notes
    -----
    The latest 65,536 results are remembered; copies of a graph are drawn without.

    Examples
    --------
    >>> from autograd_engine import Value, named
    >>> @named
    ... def distance(x, y):
    ...     return (x * x + y * y).sqrt()
    >>> distance(Value(3.0), Value(4.0))
    Value(data=5.0)
    """
    if isinstance(function, str):
        return lambda given: _named(given, function)
    return _named(function, getattr(function, "__name__", ""))


def _named(function: Any, name: str) -> Any:
    if not callable(function):
        raise TypeError(f"named decorates a function, got {function!r}")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"{name} does not compute when it is called; name a function inside it")

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        first = _next_index()
        result = function(*args, **kwargs)
        call = Call(name, first, _next_index())
        made = [x for x in _values_in(result) if x._index > first and not x.is_leaf]
        with _lock:
            for node in made:
                _calls[node._index] = (*_calls.get(node._index, ()), call)
            while len(_calls) > _MOST_REMEMBERED:
                del _calls[next(iter(_calls))]
        return result

    return wrapper


def _values_in(result: Any) -> Iterator[Value]:
    if isinstance(result, Value):
        yield result
    elif isinstance(result, (list, tuple)):
        for element in result:
            yield from _values_in(element)
    elif isinstance(result, dict):
        yield from _values_in(list(result.values()))
