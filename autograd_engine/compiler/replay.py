"""Replaying a recorded graph node by node with other numbers: the way that is always right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from autograd_engine import graph
from autograd_engine.rules import flatten
from autograd_engine.value import Value

__all__ = ["Replay"]


class Replay:
    """A recorded graph as something that can be run again.

    Parameters
    ----------
    loss : Value
    parameters, inputs : sequence of Value
    params, grads : numpy.ndarray
        The numbers of the parameters, and their gradients, in a row.
    numbers : numpy.ndarray
        Those of the inputs in a row; or a row for each example, and the result is the mean.
    outputs : sequence of Value
        Nodes that are wanted besides.

    Attributes
    ----------
    outputs : list of numpy.ndarray
        Of the last forward pass.
    """

    def __init__(
        self,
        loss: Value,
        parameters: Sequence[Value],
        inputs: Sequence[Value],
        params: Any,
        grads: Any,
        numbers: Any,
        outputs: Sequence[Value] = (),
    ) -> None:
        order = graph.nodes(loss, *outputs)
        place = {node: i for i, node in enumerate(order)}
        self._data = [node.data for node in order]
        self._steps = [
            (
                place[node],
                node.primitive.evaluate,
                [place[parent] for parent in node.parents],
                _lengths(node),
            )
            for node in order
            if node.primitive is not None
        ]
        self._parameters = [(i, place[p]) for i, p in enumerate(parameters) if p in place]
        self._inputs = [(i, place[x]) for i, x in enumerate(inputs) if x in place]
        self._root = place[loss]
        reached = set(graph.nodes(loss)) if outputs else place.keys()
        self._beside = {i for node, i in place.items() if node not in reached}
        self._wanted = [place[output] for output in outputs]
        self._params, self._grads, self._numbers = params, grads, numbers
        self._partials: list[list[Sequence[float]]] = []  # of each node, for each example
        self.outputs = [np.zeros(len(np.atleast_2d(numbers)), params.dtype) for _ in outputs]

    def forward(self) -> float:
        """The value for the numbers that the parameters and inputs have now."""
        data, total = self._data, 0.0
        params = self._params.tolist()
        for i, place in self._parameters:
            data[place] = params[i]
        self._partials = []
        for example, row in enumerate(np.atleast_2d(self._numbers).tolist()):
            for i, place in self._inputs:
                data[place] = row[i]
            self._partials.append(self._run())
            total += data[self._root]
            for output, place in zip(self.outputs, self._wanted, strict=True):
                output[example] = data[place]
        return total / len(self._partials)

    def _run(self) -> list[Sequence[float]]:
        """Compute every node; the partial derivatives of each."""
        data = self._data
        found: list[Sequence[float]] = []
        for place, evaluate, parents, lengths in self._steps:
            operands: list[Any] = [data[i] for i in parents]
            if lengths is None:
                data[place], partials = evaluate(tuple(operands))
            else:
                flat = iter(operands)
                operands = [
                    next(flat) if length is None else list(islice(flat, length))
                    for length in lengths
                ]
                data[place], nested = evaluate(tuple(operands))
                partials = tuple(flatten(nested))
            found.append(partials)
        return found

    def backward(self) -> None:
        """The gradients at the numbers of the last forward pass."""
        total = np.zeros(len(self._grads))
        for run in self._partials:
            slopes = [0.0] * len(self._data)
            slopes[self._root] = 1.0
            for (place, _, parents, _), partials in zip(
                reversed(self._steps), reversed(run), strict=True
            ):
                if place in self._beside:
                    continue
                slope = slopes[place]
                for parent, partial in zip(parents, partials, strict=True):
                    slopes[parent] += slope * partial
            for i, place in self._parameters:
                total[i] += slopes[place]
        self._grads[:] = total / len(self._partials)


def _lengths(node: Value) -> list[int | None] | None:
    """How long each operand is, None for a number; None if all are numbers."""
    operands = graph.operands(node)
    if not any(isinstance(operand, list) for operand in operands):
        return None
    return [len(operand) if isinstance(operand, list) else None for operand in operands]
