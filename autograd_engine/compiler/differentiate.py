"""Third pass: the backward statements of a plan.

A sum of products is closed under differentiation: the gradient of a factor is the sum, over the
loops that the factor lacks, of the gradient of the result times the other factors. Nothing here
knows the derivative of anything else: those are in the table of primitives.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd_engine.compiler.batch import sources
from autograd_engine.compiler.ir import (
    Array,
    MapStatement,
    MaximumStatement,
    Plan,
    Ref,
    Statement,
    SumStatement,
    row_major,
)
from autograd_engine.compiler.roll import factor_rows, referenced

__all__ = ["differentiate", "gather"]


def differentiate(plan: Plan) -> None:
    """Give a program its backward statements.

    Parameters
    ----------
    plan : Plan
        Whose ``backward`` and ``gradients`` are filled.
    """
    gradients: dict[Array, Array] = {}

    def gradient(ref: Ref) -> Ref:
        array = gradients.get(ref.array)
        if array is None:
            array = Array(f"g{ref.array.name}", ref.array.shape, "gradient")
            gradients[ref.array] = array
        return Ref(array, ref.base, ref.strides, ref.table)

    statements: list[Statement] = [SumStatement((), gradient(plan.root), [])]
    for statement in reversed(plan.forward):
        if statement.out.array not in gradients:
            continue  # nothing that has a gradient depends on it
        upstream = gradient(statement.out)
        if isinstance(statement, SumStatement):
            statements += _of_sum(statement, upstream, gradient)
        elif isinstance(statement, MapStatement):
            statements += [
                MapStatement(
                    statement.sizes,
                    gradient(operand),
                    statement.primitive,
                    statement.operands,
                    position,
                    upstream,
                )
                for position, operand in enumerate(statement.operands)
                if _has_gradient(operand.array)
            ]
    plan.backward = statements
    plan.gradients = gradient(Ref(plan.parameters, 0, ())).array
    _mark_first_writes(statements, plan.gradients)


def gather(plan: Plan, examples: int = 1) -> None:
    """Make the outputs of a plan its gradients, which were recorded as scalars.

    Parameters
    ----------
    plan : Plan
        With an output for each parameter, of which the mean over the examples is its gradient.
    examples : int
        The size of the first loop of all that depends on them.
    """
    gradients = Array(f"g{plan.parameters.name}", plan.parameters.shape, "gradient")
    wanted: dict[Array, list[tuple[int, int]]] = {}
    for parameter, output in enumerate(plan.outputs):
        wanted.setdefault(output.array, []).append((output.base, parameter))
    read = {ref.array for statement in plan.forward for ref in sources(statement)}
    backward: list[Statement] = []
    for array, pairs in wanted.items():
        places, parameters = (np.array(column) for column in zip(*pairs, strict=True))
        rows = examples if any(plan.outputs[pairs[0][1]].strides) else 1
        size = array.size // rows
        made = [statement for statement in plan.forward if statement.out.array is array]
        if (
            np.array_equal(np.sort(places), np.arange(size))
            and array not in read
            and array is not plan.root.array
            and all(isinstance(statement, SumStatement) for statement in made)
            and made
        ):
            # Nothing else needs them: they are summed over the examples where they are made.
            of_place = parameters[np.argsort(places)]
            plan.forward = [statement for statement in plan.forward if statement not in made]
            for statement in made:
                assert isinstance(statement, SumStatement)
                kept = [n if statement.out.uses(i) else 1 for i, n in enumerate(statement.sizes)]
                if rows > 1:
                    kept[0] = 1
                ref = statement.out
                if ref.table is not None and rows > 1:
                    ref = replace(ref, table=ref.table[:1])
                out = referenced(gradients, of_place[ref.positions(tuple(kept))])
                coefficient = statement.coefficient / rows
                backward.append(replace(statement, out=out, coefficient=coefficient))
            continue
        loops = factor_rows(np.stack([parameters, places]))
        sizes = loops[0] if loops is not None else (len(places),)
        examples_first = np.arange(rows).reshape(-1, *(1 for _ in sizes)) * size
        factor = referenced(array, examples_first + places.reshape(sizes))
        out = referenced(gradients, parameters.reshape(1, *sizes))
        backward.append(SumStatement((rows, *sizes), out, [factor], 1.0 / rows))
    plan.outputs = []
    plan.backward, plan.gradients = backward, gradients
    _mark_first_writes(backward, gradients)


def _of_sum(statement: SumStatement, upstream: Ref, gradient: Any) -> list[SumStatement]:
    found: list[SumStatement] = []
    seen: list[Ref] = []
    for i, factor in enumerate(statement.factors):
        if not _has_gradient(factor.array):
            continue
        times = sum(_same(factor, other) for other in statement.factors)
        if any(_same(factor, other) for other in seen):
            continue  # x * x: counted by the coefficient
        seen.append(factor)
        others = [*statement.factors[:i], *statement.factors[i + 1 :]]
        coefficient = statement.coefficient * times
        found.append(
            SumStatement(statement.sizes, gradient(factor), [upstream, *others], coefficient)
        )
    return found


def _has_gradient(array: Array) -> bool:
    return array.role in ("parameters", "value")


def _same(one: Ref, other: Ref) -> bool:
    return (
        one.array is other.array
        and one.base == other.base
        and one.strides == other.strides
        and (one.table is other.table or np.array_equal(one.table, other.table))
    )


def _mark_first_writes(statements: list[Statement], result: Array) -> None:
    """Let each statement overwrite what nobody has written yet, and add to the rest.

    An array of which a statement meets both is filled with zeros first; and so is the result if
    some of it is never written, because other programs write into it too.
    """
    written: dict[Array, Any] = {result: np.zeros(result.size, dtype=bool)}
    mixed: set[Array] = set()
    for statement in statements:
        assert not isinstance(statement, MaximumStatement)
        array = statement.out.array
        mask = written.setdefault(array, np.zeros(array.size, dtype=bool))
        used = tuple(
            size if statement.out.uses(letter) else 1 for letter, size in enumerate(statement.sizes)
        )
        positions = statement.out.positions(used).ravel()
        statement.accumulate = bool(mask[positions].all())
        before = np.count_nonzero(mask)
        mask[positions] = True
        if not statement.accumulate and np.count_nonzero(mask) < before + len(positions):
            mixed.add(array)  # some was written before, or is written twice now
    for statement in statements:
        if statement.out.array in mixed:
            statement.accumulate = True
    if not written[result].all():
        mixed.add(result)
    fills: list[Statement] = []
    for array in written:  # because a set would give them in another order in every run
        if array in mixed:
            whole = Ref(array, 0, tuple(row_major(array.shape)))
            fills.append(SumStatement(array.shape, whole, [], 0.0))
    statements[:0] = fills
