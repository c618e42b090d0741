"""Replaying a recorded graph node by node with other numbers: the way that is always right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    params, grads, numbers : numpy.ndarray
        Where the numbers of the parameters, their gradients, and the inputs are.
    """

    def __init__(
        self,
        loss: Value,
        parameters: Sequence[Value],
        inputs: Sequence[Value],
        params: Any,
        grads: Any,
        numbers: Any,
    ) -> None:
        order = graph.nodes(loss)
        place = {node: i for i, node in enumerate(order)}
        self._data = [node.data for node in order]
        self._partials: list[list[float]] = [[] for _ in order]
        self._steps = [
            (
                place[node],
                node.primitive,
                [place[parent] for parent in node.parents],
                [len(x) if isinstance(x, list) else None for x in graph.operands(node)],
            )
            for node in order
            if not node.is_leaf
        ]
        self._parameters = [(i, place[p]) for i, p in enumerate(parameters) if p in place]
        self._inputs = [(i, place[x]) for i, x in enumerate(inputs)]
        self._params, self._grads, self._numbers = params, grads, numbers

    def forward(self) -> float:
        """The value for the numbers that the parameters and inputs have now."""
        data = self._data
        for source, places in ((self._params, self._parameters), (self._numbers, self._inputs)):
            for i, place in places:
                data[place] = float(source[i])
        for place, primitive, parents, lengths in self._steps:
            values: list[Any] = []
            position = 0
            for length in lengths:
                if length is None:
                    values.append(data[parents[position]])
                    position += 1
                else:
                    values.append([data[i] for i in parents[position : position + length]])
                    position += length
            assert primitive is not None
            data[place], partials = primitive.evaluate(tuple(values))
            self._partials[place] = list(flatten(partials))
        return data[-1]

    def backward(self) -> None:
        """The gradients at the numbers of the last forward pass."""
        slopes = [0.0] * len(self._data)
        slopes[-1] = 1.0
        for place, _, parents, _ in reversed(self._steps):
            slope = slopes[place]
            for parent, partial in zip(parents, self._partials[place], strict=True):
                slopes[parent] += slope * partial
        self._grads[:] = 0.0
        for i, place in self._parameters:
            self._grads[i] = slopes[place]
