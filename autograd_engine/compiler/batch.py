"""A program of one example as a program of many: one more loop around everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    Statement,
    SumStatement,
)

__all__ = ["batched", "sources"]


def batched(plan: Plan, n: int) -> Plan:
    """The forward plan for n examples, with the mean of their results as its result.

    Parameters
    ----------
    plan : Plan
        Forward, of one example.
    n : int

    Returns
    -------
    Plan
        Whose input array, and all that depends on it, has a leading axis of n.
    """
    arrays: dict[Array, Array] = {}
    for array in plan.arrays:
        if array.role == "input":
            arrays[array] = Array(array.name, (n, *array.shape), "input")
    forward: list[Statement] = []
    for statement in plan.forward:
        if statement.out.array in arrays or any(ref.array in arrays for ref in sources(statement)):
            _widen(statement.out.array, arrays, n)
    # An array is wide if any statement that writes it is: then all of them are.
    changed = True
    while changed:
        changed = False
        for statement in plan.forward:
            wide = any(ref.array in arrays for ref in sources(statement))
            if wide and statement.out.array not in arrays:
                _widen(statement.out.array, arrays, n)
                changed = True

    def widened(ref: Ref) -> Ref:
        array = arrays.get(ref.array)
        if array is None:
            table = None if ref.table is None else ref.table[None]
            return Ref(ref.array, ref.base, (0, *ref.strides), table)
        size = ref.array.size
        table = None
        if ref.table is not None:
            steps = (np.arange(n) * size).reshape((n,) + (1,) * ref.table.ndim)
            table = ref.table[None] + steps
        return Ref(array, ref.base, (size if n > 1 else 0, *ref.strides), table)

    for statement in plan.forward:
        if statement.out.array not in arrays:
            forward.append(statement)
            continue
        changes: dict[str, Any] = {
            "sizes": (n, *statement.sizes),
            "out": widened(statement.out),
        }
        if isinstance(statement, SumStatement):
            changes["factors"] = [widened(factor) for factor in statement.factors]
        elif isinstance(statement, MapStatement):
            changes["operands"] = [widened(operand) for operand in statement.operands]
        else:
            changes["operand"] = widened(statement.operand)
        forward.append(replace(statement, **changes))
    root = plan.root
    if root.array in arrays:
        mean = Array("mean", (1,), "value")
        rows = Ref(arrays[root.array], root.base, (root.array.size if n > 1 else 0,))
        forward.append(SumStatement((n,), Ref(mean, 0, (0,)), [rows], 1.0 / n))
        root = Ref(mean, 0, ())
    return Plan(
        parameters=plan.parameters,
        root=root,
        arrays=[arrays.get(array, array) for array in plan.arrays],
        forward=forward,
        outputs=[widened(ref) for ref in plan.outputs],
    )


def _widen(array: Array, arrays: dict[Array, Array], n: int) -> None:
    if array not in arrays:
        inner = array.shape if array.size > 1 else ()
        arrays[array] = Array(array.name, (n, *inner), array.role)


def sources(statement: Statement) -> list[Ref]:
    """What a statement reads."""
    if isinstance(statement, SumStatement):
        return statement.factors
    if isinstance(statement, MapStatement):
        return statement.operands
    assert isinstance(statement, MaximumStatement)
    return [statement.operand]
