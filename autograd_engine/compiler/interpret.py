"""Running a program statement by statement, scalar by scalar: slow, and plainly right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    SumStatement,
)

__all__ = ["interpret"]


def interpret(
    plan: Plan, parameters: Sequence[float], inputs: Sequence[float] = ()
) -> tuple[float, Any]:
    """The value of a program and the gradients of its parameters.

    Parameters
    ----------
    plan : Plan
    parameters, inputs : sequence of float

    Returns
    -------
    value : float
    gradients : numpy.ndarray
    """
    storage: dict[Array, Any] = {}

    def read(ref: Ref, sizes: tuple[int, ...]) -> Any:
        return cells(ref.array)[ref.positions(sizes)]

    def cells(array: Array) -> Any:
        if array not in storage:
            given = {"parameters": parameters, "input": inputs}.get(array.role, array.data)
            filled = np.zeros(array.size) if given is None else np.array(given, dtype=float)
            storage[array] = filled.ravel()
        return storage[array]

    def write(ref: Ref, sizes: tuple[int, ...], numbers: Any, accumulate: bool) -> None:
        positions = ref.positions(sizes).ravel()
        target = cells(ref.array)
        if not accumulate:
            target[positions] = 0.0
        np.add.at(target, positions, np.broadcast_to(numbers, sizes).ravel())

    for statement in (*plan.forward, *plan.backward):
        sizes = statement.sizes
        if isinstance(statement, SumStatement):
            numbers = np.full(sizes, statement.coefficient)
            for factor in statement.factors:
                numbers = numbers * read(factor, sizes)
            write(statement.out, sizes, numbers, statement.accumulate)
        elif isinstance(statement, MapStatement):
            operands = [read(operand, sizes).ravel() for operand in statement.operands]
            evaluated = [statement.primitive.evaluate(row) for row in zip(*operands, strict=True)]
            if statement.partial is None:
                numbers = np.array([value for value, _ in evaluated]).reshape(sizes)
            else:
                assert statement.upstream is not None
                slopes = [partials[statement.partial] for _, partials in evaluated]
                numbers = np.array(slopes).reshape(sizes) * read(statement.upstream, sizes)
            write(statement.out, sizes, numbers, statement.accumulate)
        else:
            assert isinstance(statement, MaximumStatement)
            reduced = tuple(i for i in range(len(sizes)) if not statement.out.uses(i))
            largest = read(statement.operand, sizes).max(axis=reduced, keepdims=True)
            positions = statement.out.positions(largest.shape)
            if statement.accumulate:
                largest = np.maximum(largest, cells(statement.out.array)[positions])
            cells(statement.out.array)[positions] = largest
    value = float(cells(plan.root.array)[plan.root.base])
    assert plan.gradients is not None
    return value, cells(plan.gradients).copy()
