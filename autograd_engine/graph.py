"""Walking a recorded graph, without recursion, in an order that never depends on addresses."""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from autograd_engine.value import Value

__all__ = ["label", "leaves", "made_nodes", "names", "nodes", "operands"]

_by_creation = attrgetter("_index")


def made_nodes(*roots: Value) -> list[Value]:
    """The nodes that operations made, from which the roots were computed, newest first.

    A node is newer than its parents, so the order of creation is a topological order.

    Parameters
    ----------
    *roots : Value

    Returns
    -------
    list of Value
        Without the leaves; of one root, itself first.
    """
    seen = {root for root in roots if not root.is_leaf}
    found = list(seen)
    for node in found:  # which grows as it is walked
        left = node._left
        if left is None:
            parents = node._many[0]  # type: ignore[index]
            if not seen.issuperset(parents):
                for parent in parents:
                    if parent not in seen:
                        seen.add(parent)
                        if parent._left is not None or parent._many is not None:
                            found.append(parent)
            continue
        if left not in seen and (left._left is not None or left._many is not None):
            seen.add(left)
            found.append(left)
        right = node._right
        if (
            right is not None
            and right not in seen
            and (right._left is not None or right._many is not None)
        ):
            seen.add(right)
            found.append(right)
    found.sort(key=_by_creation, reverse=True)
    return found


def nodes(*roots: Value) -> list[Value]:
    """All nodes from which the roots were computed, and themselves, in the order of creation.

    Parameters
    ----------
    *roots : Value

    Returns
    -------
    list of Value

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a = Value(2.0, label="a")
    >>> [node.op for node in nodes((a + 1) * a)]
    ['', '', '+', '*']
    """
    waiting = list(dict.fromkeys(roots))
    seen = set(waiting)
    found = []
    while waiting:  # the last first: then little is out of order at the end
        node = waiting.pop()
        found.append(node)
        left, right = node._left, node._right
        if left is None:
            if node._many is not None and not seen.issuperset(node._many[0]):
                for parent in node._many[0]:
                    if parent not in seen:
                        seen.add(parent)
                        waiting.append(parent)
            continue
        if left not in seen:
            seen.add(left)
            waiting.append(left)
        if right is not None and right not in seen:
            seen.add(right)
            waiting.append(right)
    found.reverse()
    found.sort(key=_by_creation)
    return found


def leaves(*roots: Value) -> list[Value]:
    """The variables from which the roots were computed, no constants, in the order of creation.

    Parameters
    ----------
    *roots : Value

    Returns
    -------
    list of Value

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> leaves(a * b + 1)
    [Value(data=2.0, label='a'), Value(data=3.0, label='b')]
    """
    return [node for node in nodes(*roots) if node.is_leaf and not node.is_constant]


def operands(node: Value) -> list[Any]:
    """The parents of a node as its primitive takes them: sequences as lists.

    Parameters
    ----------
    node : Value

    Returns
    -------
    list
        A Value for each operand, or a list of Values.

    Examples
    --------
    >>> from autograd_engine import dot
    >>> from autograd_engine import Value
    >>> operands(dot([Value(1.0), Value(2.0)], [3.0, 4.0]))
    [[Value(data=1.0), Value(data=2.0)], [Value(data=3.0), Value(data=4.0)]]
    """
    if node._many is None:
        return list(node.parents)
    parents, _, lengths = node._many
    given: list[Any] = []
    position = 0
    for length in lengths:
        if length is None:
            given.append(parents[position])
            position += 1
        else:
            given.append(list(parents[position : position + length]))
            position += length
    return given


def label(**values: Value) -> None:
    """Give Values the names under which diagrams and explanations speak of them.

    Parameters
    ----------
    **values : Value
        By name.

    Raises
    ------
    TypeError
        If one is no Value; then nothing is labelled.

    Examples
    --------
    >>> from autograd_engine import Value, label
    >>> a, b = Value(2.0), Value(3.0)
    >>> label(a=a, b=b)
    >>> a
    Value(data=2.0, label='a')
    """
    for name, value in values.items():
        if not hasattr(type(value), "_record"):
            raise TypeError(f"label({name}=...) names a Value, got {value!r}")
    for name, value in values.items():
        value.label = name


def names(nodes: Iterable[Value], labels: Mapping[Value, str] | None = None) -> dict[Value, str]:
    """A name for each node, no two alike, in which formulas can speak of them.

    Parameters
    ----------
    nodes : iterable of Value
        In the order of creation.
    labels : mapping from Value to str, optional
        Names for nodes that have no label of their own.

    Returns
    -------
    dict
        The label; a number for a constant; v1, v2, ... for the rest. A label that is taken gets a
        number, as in ``w#2``.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a = Value(2.0, label="a")
    >>> list(names(nodes((a + 1) * a)).values())
    ['a', '1', 'v1', 'v2']
    """
    named: dict[Value, str] = {}
    wanted = [(node, str(node.label or (labels or {}).get(node, ""))) for node in nodes]
    given = {name for _, name in wanted}
    taken: set[str] = set()
    count = 0
    for node, name in wanted:
        if not name and node.is_constant:
            named[node] = f"{node.data:.6g}"
            continue
        if not name:
            count += 1
            while f"v{count}" in given:
                count += 1
            name = f"v{count}"
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name}#{number}"
        taken.add(unique)
        named[node] = unique
    return named
