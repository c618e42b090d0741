"""What runs a recorded graph: matrices if it has structure, something else if it has none."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any, TypeAlias

from autograd_engine.compiler.ir import Plan
from autograd_engine.compiler.levels import Levels, levels
from autograd_engine.compiler.normal import NormalForm
from autograd_engine.compiler.straight import StraightLine

__all__ = ["Build", "choose"]

# From the arrays of the parameters, of their gradients and of the inputs.
Build: TypeAlias = Callable[[Any, Any, Any], StraightLine | Levels]

_MATRICES, _LINES, _LEVELS, _REPLAY = (
    "matrices",
    "straight-line Python",
    "level by level",
    "node by node",
)

# Microseconds of a step, forward and backward, as measured: what a statement, a group of alike
# scalars in a level, and a term of a sum or an operand of a function take.
_STATEMENT = 2.0
_START_OF_LINES, _TERM_IN_LINES = 4.0, 0.08
_START_OF_LEVELS, _GROUP, _TERM_IN_LEVELS = 10.0, 7.0, 0.025
_TERM_IN_REPLAY = 1.0

# Python needs a second, and 100 MB, to compile the lines of so many scalars.
_MOST_IN_LINES = 20_000
# Matrices may be so much slower than the fastest, because they can be read; up to so many.
_FOR_READING = 4.0
_MOST_TO_READ = 500


def choose(normal: NormalForm, plan: Plan | None, examples: int = 1) -> tuple[Build | None, str]:
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
    build : callable or None
        Makes it of arrays of parameters, gradients and inputs; None if matrices are best.
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
    costs = {_LEVELS: _START_OF_LEVELS + _TERM_IN_LEVELS * terms}
    if made <= _MOST_IN_LINES:
        costs[_LINES] = _START_OF_LINES + _TERM_IN_LINES * terms
    else:
        costs[_REPLAY] = _TERM_IN_REPLAY * terms
    matrices = bearable = math.inf
    if plan is not None:
        statements = len(plan.forward) + len(plan.backward)
        is_readable = statements <= _MOST_TO_READ and len(plan.forward) < made
        matrices = _STATEMENT * statements
        bearable = matrices / _FOR_READING if is_readable else matrices
        if bearable <= min(costs.values()):
            return None, ""  # whatever the number of groups
    scheduled = levels(normal)
    costs[_LEVELS] += _GROUP * sum(map(len, scheduled[1:]))
    best = min(costs, key=costs.__getitem__)
    if bearable <= costs[best]:
        return None, ""
    in_order = sorted([*costs.items(), (_MATRICES, matrices)], key=itemgetter(1))
    each = ", ".join(f"{name} {cost:.0f}" for name, cost in in_order if cost < math.inf)
    estimates = f"estimated microseconds of a step: {each}"
    if best == _REPLAY:
        raise ValueError(f"it is deep and narrow; {estimates}")
    if best == _LINES:
        return partial(StraightLine, normal), estimates
    return partial(Levels, normal, scheduled), estimates
