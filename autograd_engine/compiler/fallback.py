"""What runs a recorded graph: matrices if it has structure, something else if it has none."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TypeAlias

from autograd_engine.compiler.ir import Plan
from autograd_engine.compiler.levels import Levels, levels
from autograd_engine.compiler.normal import NormalForm
from autograd_engine.compiler.straight import StraightLine

__all__ = ["Fallback", "choose"]

Fallback: TypeAlias = type[StraightLine] | type[Levels]

# Microseconds of a step, forward and backward, as measured: of what stands in the program, and of
# each term of a sum and each operand of a function.
_STATEMENT = 2.0
_LINES, _TERM_IN_LINES = 4.0, 0.1
_LEVELS, _GROUP, _TERM_IN_LEVELS = 10.0, 8.0, 0.025
_TERM_IN_REPLAY = 2.0

# Python needs a second, and 100 MB, to compile the lines of so many scalars.
_MOST_IN_LINES = 20_000
# Matrices may be so much slower than the fastest, because they can be read; up to so many.
_FOR_READING = 4.0
_MOST_TO_READ = 500

_FALLBACKS: dict[str, Fallback] = {
    "straight-line Python": StraightLine,
    "level by level": Levels,
}


def choose(normal: NormalForm, plan: Plan | None, examples: int = 1) -> tuple[Fallback | None, str]:
    """What runs a normal form best.

    Parameters
    ----------
    normal : NormalForm
    plan : Plan or None
        As matrices, forward and backward; None if it is too irregular for that.
    examples : int
        How many are computed at once.

    Returns
    -------
    fallback : class or None
        None if matrices are best.
    estimates : str
        How long each would take.

    Raises
    ------
    ValueError
        If replaying the graph is best.
    """
    made = sum(
        operation not in ("parameter", "input", "constant") for operation in normal.operations
    )
    terms = examples * len(normal.lefts)
    costs = {"level by level": _LEVELS + _TERM_IN_LEVELS * terms}
    if made <= _MOST_IN_LINES:
        costs["straight-line Python"] = _LINES + _TERM_IN_LINES * terms
    else:
        costs["node by node"] = _TERM_IN_REPLAY * terms
    matrices = math.inf
    if plan is not None:
        statements = len(plan.forward) + len(plan.backward)
        readable = statements <= _MOST_TO_READ and len(plan.forward) < made
        matrices = _STATEMENT * statements / (_FOR_READING if readable else 1.0)
    if matrices > min(costs.values()):  # otherwise it is clear without counting
        costs["level by level"] += _GROUP * sum(map(len, levels(normal)[1:]))
    best = min(costs, key=costs.__getitem__)
    if matrices <= costs[best]:
        return None, ""
    if plan is not None:
        costs["matrices"] = _STATEMENT * statements
    each = ", ".join(
        f"{name} {cost:.0f}" for name, cost in sorted(costs.items(), key=itemgetter(1))
    )
    estimates = f"estimated microseconds of a step: {each}"
    if best not in _FALLBACKS:
        raise ValueError(f"it is deep and narrow; {estimates}")
    return _FALLBACKS[best], estimates
