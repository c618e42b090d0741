"""Names for Values, from the variables that hold them."""

from collections.abc import Mapping
from typing import Any

from autograd_engine import Value

__all__ = ["names_in"]


def names_in(namespace: Mapping[str, Any]) -> dict[Value, str]:
    """What the Values in a namespace are called there.

    Parameters
    ----------
    namespace : mapping
        From names to objects, such as ``locals()``. Values are found in lists, tuples and dicts
        too; everything else is ignored.

    Returns
    -------
    dict
        The first name of each Value. Variables come before elements of containers, and names with
        a leading underscore last, because a notebook keeps its results in ``_``, ``_1``, ``Out``.

    Examples
    --------
    >>> x, y = Value(1.0), Value(2.0)
    >>> list(names_in({"w": [x, y], "bias": y, "n": 3}).values())
    ['bias', 'w[0]']
    """
    if not isinstance(namespace, Mapping):
        raise TypeError(
            f"labels is a mapping from names to Values, such as locals(), got {namespace!r}"
        )
    named: dict[Value, str] = {}
    walked: set[int] = set()  # a namespace may contain itself
    found = [(str(name), thing) for name, thing in namespace.items()]
    found.sort(key=lambda item: item[0].startswith("_"))
    for name, thing in found:  # which grows as it is walked: containers wait for their turn
        if isinstance(thing, Value):
            named.setdefault(thing, name)
        elif isinstance(thing, (list, tuple, dict)) and id(thing) not in walked:
            walked.add(id(thing))
            items = thing.items() if isinstance(thing, dict) else enumerate(thing)
            found += [
                (f"{name}[{key!r}]", element)
                for key, element in list(items)
                if isinstance(element, (Value, list, tuple, dict)) and isinstance(key, (str, int))
            ]
    return named
