"""Walking a recorded graph, without recursion, in an order that never depends on addresses."""

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_engine.value import Value

__all__ = ["leaves", "made_nodes", "nodes"]

_by_creation = attrgetter("_index")


def made_nodes(root: "Value") -> "list[Value]":
    """The nodes that operations made, from which root was computed, newest first.

    A node is newer than its parents, so the order of creation is a topological order.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of Value
        Without the leaves; root first.
    """
    if root.is_leaf:
        return []
    seen = {root}
    pending = [root]
    while pending:
        node = pending.pop()
        left = node._left
        if left is None:
            for parent in node._many[0]:  # type: ignore[index]
                if parent not in seen and (parent._left is not None or parent._many is not None):
                    seen.add(parent)
                    pending.append(parent)
            continue
        if left not in seen and (left._left is not None or left._many is not None):
            seen.add(left)
            pending.append(left)
        right = node._right
        if (
            right is not None
            and right not in seen
            and (right._left is not None or right._many is not None)
        ):
            seen.add(right)
            pending.append(right)
    return sorted(seen, key=_by_creation, reverse=True)


def nodes(root: "Value") -> "list[Value]":
    """All nodes from which root was computed, and root itself, in the order of creation.

    Parameters
    ----------
    root : Value

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
    made = made_nodes(root)
    seen = {root, *made}
    for node in made:
        seen.update(node.parents)
    return sorted(seen, key=_by_creation)


def leaves(root: "Value") -> "list[Value]":
    """The variables from which root was computed, without constants, in the order of creation.

    Parameters
    ----------
    root : Value

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
    return [node for node in nodes(root) if node.is_leaf and not node.is_constant]
