"""A function recorded on one example, by calling it with scalars in place of numbers."""

from __future__ import annotations

import inspect
import math
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from autograd_engine import tree
from autograd_engine.compiler.columns import NOTHING, Columns, Ints, ranges
from autograd_engine.tracing import Index, Input, Recorder, Traced
from autograd_engine.value import Value

__all__ = ["Argument", "Check", "Tape", "argument_names", "traced"]


class Tape:
    """A function recorded on one example.

    Attributes
    ----------
    loss : Value
    columns : Columns
        The graph.
    arguments : list of Argument
    inputs : list of Input
        The numbers of the example, and then the random ones.
    outputs : list
        The leaves of what is returned besides the loss: Values, and numbers that stay as they are.
    rebuild : callable
        What puts them together.
    variables : list of Value
        The Values of others that the function used.
    samples : list of callable
        Where the random numbers come from.
    start, modes, places
        As for `Recorder`.
    """

    def __init__(
        self,
        loss: Value,
        outputs: list[Any],
        rebuild: tree.Rebuild,
        arguments: list[Argument],
        recorder: Recorder,
    ) -> None:
        self.loss, self.outputs, self.rebuild, self.arguments = loss, outputs, rebuild, arguments
        self.start, self.places = recorder.start, recorder.places
        self.modes = list(recorder.modes.values())
        self.inputs = [value for argument in arguments for value in argument.inputs]
        self.inputs += [drawn for drawn, _ in recorder.draws]
        self.samples = [sample for _, sample in recorder.draws]
        self.columns = Columns(loss, *(x for x in outputs if isinstance(x, Value)))
        self.variables: list[Value] = []
        given = set(self.inputs)
        for leaf in self.columns.leaves():
            if leaf in given:
                continue
            if isinstance(leaf, Traced):
                raise TypeError(
                    "a number that was computed in no_grad(), or in another call, is another when "
                    "the program runs: compute it within the function and let it be recorded"
                )
            if leaf._index < self.start:
                self.variables.append(leaf)
        before = bisect_left(self.columns.nodes, self.start, key=attrgetter("_index"))
        if any(not node.is_leaf for node in self.columns.nodes[:before]):
            raise TypeError(
                "a Value that was computed before the call would be computed anew when the program "
                "runs: compute it within the function"
            )

    def check(self, variables: list[Value]) -> Check:
        """What came out, with the gradients of these variables."""
        is_newest = self.columns.nodes[-1] is self.loss
        columns = self.columns if is_newest else Columns(self.loss)
        return Check(
            [value._data for value in self.inputs],
            self.loss._data,
            columns.gradient(variables),
            [x._data for x in self.outputs if isinstance(x, Value)],
        )

    def difference(self, other: Tape) -> tuple[str, int] | None:
        """What is different in another recording, and when it was created there; None if nothing.

        The numbers of inputs and of what is computed may differ, and nothing else.
        """
        codes: dict[Any, int] = {}
        mine, theirs = self._rows(codes), other._rows(codes)
        count = min(len(mine), len(theirs))
        places = np.flatnonzero((mine[:count] != theirs[:count]).any(1)).tolist()
        if not places and len(mine) != len(theirs):
            longer = self if len(mine) > count else other
            return (
                f"it computes {len(mine)} scalars for one example and {len(theirs)} for another",
                longer.columns.nodes[count]._index - longer.start,
            )
        if places:
            a, b = self.columns.nodes[places[0]], other.columns.nodes[places[0]]
            what = "it computes something else for another example"
            if a._primitive is not b._primitive and not (a.is_leaf or b.is_leaf):
                what = f"it computes {a.op} for one example and {b.op} for another"
            elif np.flatnonzero(mine[places[0]] != theirs[places[0]]).tolist() == [_NUMBER]:
                what = (
                    f"the number {a._data!r} is {b._data!r} for another example, or at another "
                    "time: give it as an argument"
                )
            return what, b._index - other.start
        if not (
            np.array_equal(self.columns.sequence, other.columns.sequence)
            and np.array_equal(self.columns.parents, other.columns.parents)
        ):
            return "it computes something else for another example", -1
        if self._ends() != other._ends() or self.samples != other.samples:
            return "it returns, or draws, something else for another example", -1
        return None

    def _rows(self, codes: dict[Any, int]) -> Any:
        """Of each node what it is, its parents and how many, and the number of a constant."""
        columns = self.columns
        primitives = [codes.setdefault(p, len(codes)) for p in columns.primitives]
        kind = np.array(primitives, int)[columns.codes]
        given = [("input", i) for i in range(len(self.inputs))] + self.variables
        kinds = np.array([codes.setdefault(key, len(codes)) for key in given], int)
        places = columns.places([*self.inputs, *self.variables])
        kind[places[places != NOTHING]] = kinds[places != NOTHING]
        length = np.zeros(len(kind), int)
        length[columns.many] = np.diff(columns.starts)[columns.sequence]
        is_constant = (columns.left == NOTHING) & (length == 0)
        is_constant[places[places != NOTHING]] = False
        number = np.where(is_constant, columns.data, 0.0).view(np.int64)  # nan is nan
        return np.stack([kind, columns.left, columns.right, length, number], 1)

    def _ends(self) -> list[Any]:
        """Where the results stand."""
        return [
            ("node", int(self.columns.places([x])[0])) if isinstance(x, Value) else x
            for x in (self.loss, *self.outputs)
        ]

    def wanted(self) -> list[Value]:
        """The nodes that are returned besides the loss, each once."""
        found = (x for x in self.outputs if isinstance(x, Value) and not x.is_leaf)
        return list(dict.fromkeys(found))


_NUMBER = 4  # the last of what `_rows` says of a node


class Check(NamedTuple):
    """What a function gave for an example when it was recorded."""

    numbers: list[float]
    value: float
    slopes: Any
    outputs: list[float]


class Argument:
    """The inputs that an argument became.

    Parameters
    ----------
    name : str
        What the function calls it.
    subject : str
        What an error calls it.
    leaves : list of Input or Index
        What stood for its numbers, or for its integers.
    rows : tuple of int
        Their shape.
    """

    def __init__(
        self, name: str, subject: str, leaves: list[Input | Index], rows: tuple[int, ...]
    ) -> None:
        self.name, self.subject, self.leaves, self.rows = name, subject, leaves, rows

    @cached_property
    def chooses(self) -> bool:
        """Whether its numbers are integers that choose."""
        return any(isinstance(leaf, Index) for leaf in self.leaves)

    @property
    def inputs(self) -> list[Input]:
        """Known when the function has chosen."""
        found: list[Input] = []
        for leaf in self.leaves:
            found += leaf.chosen if isinstance(leaf, Index) else [leaf]
        return found

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Of the inputs of an example."""
        count = len(self.inputs)
        each = count // max(1, len(self.leaves))
        shape = (*self.rows, each) if each > 1 else self.rows
        return shape if math.prod(shape) == count else (count,)

    @cached_property
    def counts(self) -> Ints:
        """Between how many each index chooses."""
        return np.array([len(leaf.chosen) for leaf in self.leaves if isinstance(leaf, Index)], int)

    @cached_property
    def choosing(self) -> int:
        """How many of the indices choose something."""
        return int(np.count_nonzero(self.counts))

    @cached_property
    def leaf_of(self) -> Ints:
        """To which index each input belongs."""
        return np.repeat(np.arange(len(self.leaves)), self.counts)

    @cached_property
    def choice(self) -> Ints:
        """Which of its index's choices each input stands for."""
        return ranges(np.zeros(len(self.counts), int), self.counts)

    def write(self, rows: Any, columns: Any) -> None:
        """Write the numbers of a batch, given with a row for each example, into its columns."""
        if not self.chooses:
            columns[...] = rows
            return
        is_chosen = rows.take(self.leaf_of, 1) == self.choice
        if np.count_nonzero(is_chosen) != len(rows) * self.choosing:
            wrong = (self.counts > 0) & ((rows < 0) | (rows >= self.counts))
            example, leaf = np.argwhere(wrong)[0]
            raise ValueError(
                f"{self.subject}: indices must be from 0 to {self.counts[leaf] - 1}, got "
                f"{rows[example, leaf]} in example {example}"
            )
        columns[...] = is_chosen


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """What a function calls its arguments."""
    try:
        names = [
            parameter.name
            for parameter in inspect.signature(f).parameters.values()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        names = []
    return [*names, *(f"x{i + 1}" for i in range(len(names), count))][:count]


def traced(example: Any) -> tuple[Any, list[Input | Index]]:
    """An example as nested lists of inputs, and these in a row."""
    kind: Any = Index if example.dtype.kind in "iu" else Input
    leaves = [kind(number) for number in example.reshape(-1).tolist()]
    return np.array([*leaves, None], dtype=object)[:-1].reshape(example.shape).tolist(), leaves
