"""Numbers in nested lists, tuples, dicts and arrays: taken out, and put back in the same shape."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from autograd_engine.convert import is_number
from autograd_engine.value import Value

__all__ = ["flatten", "flatten_like"]

Rebuild = Callable[[Sequence[Any]], Any]


def flatten(tree: Any, what: str) -> tuple[list[Any], Rebuild]:
    """The numbers of a nested structure, and a function that builds the same with others.

    Parameters
    ----------
    tree : Value, number, list, tuple, dict or array
        Lists, tuples and dicts may be nested.
    what : str
        What the error calls it.

    Returns
    -------
    leaves : list
        The Values and numbers, in order.
    rebuild : callable
        ``rebuild(leaves)`` is the structure with these in their places.

    Raises
    ------
    TypeError
        If something in it is no number.

    Examples
    --------
    >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": 3.0}, "the parameters")
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild(["x", "y", "z"])
    {'w': ['x', 'y'], 'b': 'z'}
    """
    if isinstance(tree, Value) or is_number(tree):
        return [tree], lambda leaves: leaves[0]
    if isinstance(tree, dict):
        keys = list(tree)
        leaves, rebuild = _flatten_all([tree[key] for key in keys], what)
        return leaves, lambda leaves: dict(zip(keys, rebuild(leaves), strict=True))
    if isinstance(tree, (list, tuple)):
        leaves, rebuild = _flatten_all(list(tree), what)
        if hasattr(tree, "_fields"):  # a named tuple takes its fields one by one
            return leaves, lambda leaves: type(tree)(*rebuild(leaves))
        return leaves, lambda leaves: type(tree)(rebuild(leaves))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(tree, numpy.ndarray):
        leaves, rebuild = _flatten_all(tree.reshape(-1).tolist(), what)
        return leaves, lambda leaves: _array(numpy, rebuild(leaves), tree.shape)
    raise TypeError(
        f"{what} must be a number, a Value, or lists, tuples, dicts or arrays of them; "
        f"got {tree!r} of type {type(tree).__name__}"
    )


def _array(numpy: Any, elements: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of these elements, which may be arrays themselves, or of other structures."""
    if any(isinstance(element, (list, tuple, dict)) for element in elements):
        array = numpy.empty(len(elements), dtype=object)
        array[:] = elements
        return array.reshape(shape)
    array = numpy.array(elements)
    return array.reshape(shape + array.shape[1:])


def flatten_like(tree: Any, template: Any, what: str, whose: str) -> list[Any]:
    """The numbers of a nested structure that must be that of another.

    Parameters
    ----------
    tree, template : Value, number, list, tuple, dict or array
    what, whose : str
        What the error calls them.

    Returns
    -------
    list
        The numbers in the order of the template's.

    Raises
    ------
    ValueError
        If the structures differ.

    Examples
    --------
    >>> flatten_like({"b": 3.0, "w": [1.0, 2.0]}, {"w": [0.0, 0.0], "b": 0.0}, "this", "that")
    [1.0, 2.0, 3.0]
    """
    pending, found = [(tree, template)], []
    while pending:
        given, wanted = pending.pop()
        if isinstance(wanted, dict):
            same = isinstance(given, dict) and given.keys() == wanted.keys()
            parts = [(given[key], wanted[key]) for key in wanted] if same else []
        elif isinstance(wanted, (list, tuple)):
            same = isinstance(given, (list, tuple)) and len(given) == len(wanted)
            parts = list(zip(given, wanted, strict=True)) if same else []
        else:
            same = getattr(given, "shape", ()) == getattr(wanted, "shape", ())
            same = same and not isinstance(given, (list, tuple, dict))
            found += flatten(given, what)[0] if same else []
            parts = []
        if not same:
            raise ValueError(f"{what} must have the structure of {whose}; got {tree!r}")
        pending += reversed(parts)
    return found


def _flatten_all(branches: list[Any], what: str) -> tuple[list[Any], Rebuild]:
    leaves: list[Any] = []
    parts: list[tuple[int, int, Rebuild]] = []
    for branch in branches:
        found, rebuild = flatten(branch, what)
        parts.append((len(leaves), len(leaves) + len(found), rebuild))
        leaves += found
    return leaves, lambda leaves: [rebuild(leaves[start:end]) for start, end, rebuild in parts]
