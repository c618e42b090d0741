"""A recorded graph in columns: arrays of numbers in place of objects that point at each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_engine import graph
from autograd_engine.rules import Primitive
from autograd_engine.value import LEAF, Value

__all__ = ["NOTHING", "Columns", "Ints", "ranges"]

Ints: TypeAlias = Any  # a numpy array of integers

NOTHING = -1  # in place of a parent that a node does not have


class Columns:
    """The nodes from which some roots were computed, in the order of creation.

    A node is spoken of by its place in this order, which is a topological order.

    Parameters
    ----------
    *roots : Value

    Attributes
    ----------
    nodes : list of Value
    data : array of float
    primitives : list of Primitive
        All that occur.
    codes : array of int
        Which of them made each node.
    left, right : array of int
        The parents of a node that has one or two.
    many : array of int
        The nodes that have their parents in a sequence.
    sequence : array of int
        Which sequence each of these has; the nodes of a softmax share one.
    starts : array of int
        Where the parents in each sequence start in `parents`, and the end.
    parents : array of int
    """

    def __init__(self, *roots: Value) -> None:
        self.nodes = nodes = graph.nodes(*roots)
        count = len(nodes)
        self._indices = np.fromiter([node._index for node in nodes], np.int64, count)
        self.data = np.fromiter([node._data for node in nodes], np.float64, count)
        made_by = [node._primitive for node in nodes]
        self.primitives: list[Primitive] = list(dict.fromkeys(made_by))
        codes = {primitive: code for code, primitive in enumerate(self.primitives)}
        self.codes = np.fromiter(map(codes.__getitem__, made_by), np.int64, count)
        self.left = self._places(
            [NOTHING if (left := node._left) is None else left._index for node in nodes]
        )
        self.right = self._places(
            [NOTHING if (right := node._right) is None else right._index for node in nodes]
        )
        sequences = [node._many[0] for node in nodes if node._many is not None]
        distinct = {id(parents): parents for parents in sequences}
        numbers = {key: number for number, key in enumerate(distinct)}
        self.many = np.flatnonzero([node._many is not None for node in nodes])
        self.sequence = np.array([numbers[id(parents)] for parents in sequences], int)
        self.starts = np.cumsum([0, *map(len, distinct.values())])
        self.parents = self.places([x for parents in distinct.values() for x in parents])

    def places(self, nodes: Sequence[Value]) -> Ints:
        """Where nodes stand; NOTHING for those that are not here."""
        return self._places([node._index for node in nodes])

    def _places(self, indices: list[int]) -> Ints:
        wanted = np.fromiter(indices, np.int64, len(indices))
        found = np.minimum(np.searchsorted(self._indices, wanted), len(self._indices) - 1)
        return np.where(self._indices[found] == wanted, found, NOTHING)

    def leaves(self) -> list[Value]:
        """The variables: leaves that are no constants."""
        is_variable = [primitive is LEAF for primitive in self.primitives]
        return [self.nodes[i] for i in np.flatnonzero(np.array(is_variable)[self.codes]).tolist()]

    def sequences(self, many: Ints) -> Ints:
        """Which sequence each of these nodes has."""
        return self.sequence[np.searchsorted(self.many, many)]

    def operands(self, many: Ints) -> tuple[Ints, Ints]:
        """The parents of nodes that have them in a sequence, each beside its node."""
        rows = self.sequences(many)
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        return np.repeat(many, lengths), self.parents[ranges(starts, lengths)]

    def uses(self) -> Ints:
        """How often each node is a parent."""
        shared = np.bincount(self.sequence, minlength=len(self.starts) - 1)
        weights = np.repeat(shared, np.diff(self.starts))
        uses = np.bincount(self.parents, weights, len(self.nodes)).astype(int)
        for parents in (self.left, self.right):
            uses += np.bincount(parents[parents != NOTHING], minlength=len(self.nodes))
        return uses

    def gradient(self, of: Sequence[Value]) -> Any:
        """The derivatives of the newest node, from the partials that were recorded.

        Parameters
        ----------
        of : sequence of Value

        Returns
        -------
        numpy.ndarray
            0 for those that have no place here.
        """
        slopes = [0.0] * (len(self.nodes) + 1)  # the last one for parents that are NOTHING
        slopes[-2] = 1.0
        rows = zip(
            reversed(self.nodes),
            range(len(self.nodes) - 1, -1, -1),
            reversed(self.left.tolist()),
            reversed(self.right.tolist()),
            strict=True,
        )
        for node, place, left, right in rows:
            slope = slopes[place]
            if left != NOTHING:
                slopes[left] += slope * node._d_left
                slopes[right] += slope * node._d_right
            elif node._many is not None:
                row = self.sequences(place)
                parents = self.parents[self.starts[row] : self.starts[row + 1]]
                for parent, partial in zip(parents.tolist(), node._many[1], strict=True):
                    slopes[parent] += slope * partial
        slopes[NOTHING] = 0.0
        return np.array(slopes)[self.places(of)]


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """start, start + 1, ... for each start, so many, in a row.

    Examples
    --------
    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
