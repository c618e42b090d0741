"""A recorded graph in columns: arrays of numbers in place of objects that point at each other."""

from __future__ import annotations

import itertools
from collections import defaultdict
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
        code_of: dict[Primitive, int] = defaultdict(itertools.count().__next__)
        self.codes = np.fromiter([code_of[node._primitive] for node in nodes], np.int64, count)
        self.primitives: list[Primitive] = list(code_of)
        self.left = self._places(
            [NOTHING if (left := node._left) is None else left._index for node in nodes]
        )
        self.right = self._places(
            [NOTHING if (right := node._right) is None else right._index for node in nodes]
        )
        others = np.flatnonzero(self.left == NOTHING).tolist()
        many = [(i, taken[0]) for i in others if (taken := nodes[i]._many) is not None]
        self.many = np.array([i for i, _ in many], int)
        sequences = [parents for _, parents in many]
        distinct = {id(parents): parents for parents in sequences}
        numbers = {key: number for number, key in enumerate(distinct)}
        self.sequence = np.array([numbers[id(parents)] for parents in sequences], int)
        self.starts = np.cumsum([0, *map(len, distinct.values())])
        self.parents = self.places([x for parents in distinct.values() for x in parents])

    def places(self, nodes: Sequence[Value]) -> Ints:
        """Where nodes stand; NOTHING for those that are not here."""
        return self._places([node._index for node in nodes])

    def _places(self, indices: list[int]) -> Ints:
        wanted, known = np.fromiter(indices, np.int64, len(indices)), self._indices
        last = len(known) - 1
        # Where they stand if all that was recorded since is here, which is nearly always so.
        places = (wanted - (known[-1] - last)).clip(0, last)
        missed = np.flatnonzero(known[places] != wanted)
        found = np.searchsorted(known, wanted[missed]).clip(0, last)
        places[missed] = np.where(known[found] == wanted[missed], found, NOTHING)
        return places

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
        final = reversed(slopes)  # read when all that flows there has been added
        next(final)
        columns = (self.nodes, self.left.tolist(), self.right.tolist())
        sequences = reversed(self.sequence.tolist())
        for slope, node, left, right in zip(final, *map(reversed, columns), strict=True):
            if left != NOTHING:
                slopes[left] += slope * node._d_left
                slopes[right] += slope * node._d_right
            elif node._many is not None:
                row = next(sequences)
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
