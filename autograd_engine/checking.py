"""Finite differences, and a gradient check that names the primitive that is wrong.

A difference quotient is only an estimate: it is useless where the function has a kink, and
imprecise where numbers cancel. `check_gradients` tells these apart from a wrong rule.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_engine import graph, modes, tree
from autograd_engine.derivatives import gradient
from autograd_engine.value import Value

__all__ = [
    "Finding",
    "GradientCheckError",
    "GradientReport",
    "central_difference",
    "check_gradients",
    "simple_difference",
]

Curve: TypeAlias = Callable[[float], float]

_ROUNDING = 2.0**-53
_SMALLEST = 5e-324  # below which numbers are rounded to 0


class GradientCheckError(AssertionError):
    """A derivative disagrees with the differences."""


@dataclass(frozen=True)
class Finding:
    """One derivative that differences do not confirm.

    Attributes
    ----------
    kind : {"wrong", "kink", "uncertain"}
        A wrong derivative; a place without a derivative, where it is a matter of convention; or
        one where the differences are too imprecise to tell.
    where : str
        The primitive and its operand, or the input of the function.
    derivative, difference, error : float
        What the engine says, what the differences say, and how far those may be off.
    reason : str
    """

    kind: str
    where: str
    derivative: float
    difference: float
    error: float
    reason: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.reason}"


@dataclass(frozen=True)
class GradientReport:
    """What a gradient check has found.

    Attributes
    ----------
    compared : int
        How many derivatives were compared.
    findings : tuple of Finding
        Those that the differences do not confirm, wrong ones first.
    """

    compared: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.kind == "wrong" for finding in self.findings)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        verdict = "agree with differences" if self.ok else "differ from differences"
        lines = [f"{self.compared} derivatives compared: the gradients {verdict}"]
        return "\n".join([*lines, *map(str, self.findings)])


def check_gradients(
    f: Callable[..., Any], xs: Any, *, rtol: float = 1e-6, raise_exception: bool = True
) -> GradientReport:
    """Compare a function's derivatives, and those of every primitive in it, with differences.

    Parameters
    ----------
    f : callable
        From numbers to numbers, each in lists, tuples, dicts or arrays.
    xs : tuple, or the only argument
        The arguments of f: a tuple for several, anything else for one.
    rtol : float
        The relative error from which a derivative is wrong.
    raise_exception : bool
        Raise an error if a derivative is wrong; otherwise only report it.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientCheckError
        If a derivative is wrong: it names the primitive and the operand. Kinks and cancellation
        are reported, but are no error.

    Examples
    --------
    >>> from autograd_engine import check_gradients, primitive, relu
    >>> print(check_gradients(lambda x, y: relu(x) * y, (0.5, 3.0)))
    5 derivatives compared: the gradients agree with differences
    >>> print(check_gradients(relu, 0.0))
    2 derivatives compared: the gradients agree with differences
    kink: relu, operand 1 of 1 at 0.0: the slope is 0 on the left and 1 on the right; 0 is used
    kink: input 1 of 1 at 0.0: the slope is 0 on the left and 1 on the right; 0 is used
    >>> @primitive
    ... def cube(m, x):
    ...     return x * x * x, (2 * x * x,)
    >>> print(check_gradients(cube, 2.0, raise_exception=False))
    2 derivatives compared: the gradients differ from differences
    wrong: cube, operand 1 of 1 at 2.0: the rule says 8, differences say 12
    wrong: input 1 of 1 at 2.0: backward gives 8, differences say 12; the rule above is the cause
    """
    args = xs if isinstance(xs, tuple) else (xs,)
    inputs, rebuild = tree.flatten(list(args), "xs")
    points = [x.data if isinstance(x, Value) else float(x) for x in inputs]

    def outputs_at(leaves: Sequence[Any]) -> list[Any]:
        returned = f(*rebuild(leaves))
        return tree.flatten(returned, f"what {getattr(f, '__name__', 'f')} returns")[0]

    with modes.mode_block(recording=True):
        variables = [Value(x) for x in points]
        # What is a plain number was recorded nowhere, and has derivative 0 for that.
        outputs = [x if isinstance(x, Value) else Value(x) for x in outputs_at(variables)]
    rules = list(_check_primitives(outputs, rtol))
    blame = (
        "; the rule above is the cause"
        if any(finding is not None and finding.kind == "wrong" for finding in rules)
        else "; every primitive in it is right, so a part was not recorded: look for .data, "
        "float() or numbers computed elsewhere"
    )
    whole = list(_check_inputs(outputs_at, outputs, variables, rtol, blame))
    findings = [finding for finding in (*rules, *whole) if finding is not None]
    findings.sort(key=lambda finding: finding.kind != "wrong")
    report = GradientReport(len(rules) + len(whole), tuple(findings))
    if raise_exception and not report.ok:
        raise GradientCheckError(str(report))
    return report


def _check_primitives(outputs: list[Value], rtol: float) -> Iterator[Finding | None]:
    """The partials of every different operation in the graph."""
    seen: set[tuple[Any, ...]] = set()
    for node in reversed(graph.made_nodes(*outputs)):
        numbers = [parent.data for parent in node.parents]
        operation = (node.primitive, *numbers)
        if operation in seen:
            continue
        seen.add(operation)
        for i, partial in enumerate(node.partials):
            where = f"{node.op}, operand {i + 1} of {len(numbers)} at {numbers[i]!r}"
            yield _compare(where, "the rule says", partial, _along(node, i), numbers[i], rtol)


def _along(node: Value, position: int) -> Curve:
    """What the node's operation gives as a function of one operand."""
    operands = graph.operands(node)
    numbers = [parent.data for parent in node.parents]
    primitive: Any = node.primitive

    def curve(x: float) -> float:
        moved = [*numbers[:position], x, *numbers[position + 1 :]]
        given: list[Any] = []
        for operand in operands:
            if isinstance(operand, list):
                given.append(moved[: len(operand)])
                del moved[: len(operand)]
            else:
                given.append(moved.pop(0))
        value: float = primitive.evaluate(tuple(given))[0]
        return value

    return curve


def _check_inputs(
    outputs_at: Callable[[Sequence[Any]], list[Any]],
    outputs: list[Value],
    variables: list[Value],
    rtol: float,
    blame: str,
) -> Iterator[Finding | None]:
    """The gradient of every output with respect to every input."""
    for k, output in enumerate(outputs):
        # How far rounding in the intermediate results may move the output: where large numbers
        # cancel, that is far more than its own last digit.
        made = graph.made_nodes(output)
        effects = [
            node.data * slope for node, slope in zip(made, gradient(output, made), strict=True)
        ]
        noise = _ROUNDING * math.fsum(abs(effect) for effect in effects if math.isfinite(effect))
        for i, slope in enumerate(gradient(output, variables)):

            def curve(x: float, i: int = i, k: int = k) -> float:
                moved = [variable.data for variable in variables]
                moved[i] = x
                with modes.mode_block(recording=False):
                    result = outputs_at([Value(number) for number in moved])[k]
                return result.data if isinstance(result, Value) else float(result)

            where = f"input {i + 1} of {len(variables)} at {variables[i].data!r}"
            if len(outputs) > 1:
                where = f"output {k + 1}, {where}"
            x = variables[i].data
            yield _compare(where, "backward gives", slope, curve, x, rtol, blame, noise)


# --- one derivative against differences ----------------------------------------------------------


def _compare(
    where: str,
    who: str,
    derivative: float,
    curve: Curve,
    x: float,
    rtol: float,
    blame: str = "",
    noise: float = 0.0,
) -> Finding | None:
    """None if they agree, otherwise what is to be said about it."""
    scale = max(1.0, abs(x))
    h = 6e-6 * scale
    above, middle, below = curve(x + h), curve(x), curve(x - h)
    straight = abs(above - 2.0 * middle + below) <= 1e-3 * abs(above - below)
    if straight and abs((above - below) / (2.0 * h) - derivative) <= rtol * abs(derivative):
        return None
    noise += _ROUNDING * abs(middle)
    difference, error = central_difference(curve, x, noise)
    kink = _kink(curve, x, derivative, noise)
    if kink is not None:
        reason = f"{kink}; {derivative:.6g} is used"
        return Finding("kink", where, derivative, difference, error, reason)
    distance = abs(difference - derivative)
    size = max(abs(difference), abs(derivative))
    if distance <= rtol * size < math.inf:
        return None
    if math.isnan(difference) or not (math.isfinite(distance) or error <= 1e-3 * abs(difference)):
        reason = f"{who} {derivative:.6g}, and differences have no limit"
        return Finding("uncertain", where, derivative, difference, error, reason)
    if distance <= 10.0 * error:
        # A derivative close to 0 is judged by how large the function is, and how much it varies.
        variation = max(abs(curve(x + 0.1 * scale) - middle), abs(curve(x - 0.1 * scale) - middle))
        if error <= max(1e-3 * size, 1e-2 * variation / scale, 1e-9 * abs(middle) / scale):
            return None
        reason = (
            f"{who} {derivative:.6g}, differences say {difference:.6g} give or take {error:.2g}: "
            "too imprecise to tell"
        )
        return Finding("uncertain", where, derivative, difference, error, reason)
    reason = f"{who} {derivative:.6g}, differences say {difference:.6g}{blame}"
    return Finding("wrong", where, derivative, difference, error, reason)


def _kink(curve: Curve, x: float, derivative: float, noise: float) -> str | None:
    """What is special about a place where a function has no derivative; None if nothing is."""
    middle = curve(x)
    if not math.isfinite(middle):
        return f"the value is {middle}"
    steps = [max(1.0, abs(x)) * size for size in (1e-4, 1e-6, 1e-9, 1e-11)]
    if 0.0 < abs(x) < 1.0:
        steps += [0.1 * abs(x), 1e-4 * abs(x)]
    slopes = []
    for h in sorted(steps, reverse=True):
        left, right = (middle - curve(x - h)) / h, (curve(x + h) - middle) / h
        steepest = max(abs(left), abs(right))
        if math.isfinite(steepest) and noise / h <= 0.05 * steepest:
            slopes.append((left, right, steepest, 1e-3 * steepest + 8.0 * noise / h))
        elif not (math.isfinite(left) or math.isfinite(right)):
            return None
    if not slopes:
        below, above = curve(x - steps[1]), curve(x + steps[1])
        ends = math.isfinite(below) != math.isfinite(above)
        return "the function ends here" if ends else None
    if len(slopes) < 2:
        return None
    (far_left, far_right, before, _), (left, right, steepest, tolerance) = slopes[-2:]
    if steepest > 5.0 * before and not math.isclose(left, right, rel_tol=1e-3):
        return "the slope grows without bound"
    # Of a smooth function the slopes on both sides come together as the step shrinks.
    gap = abs(right - left)
    if gap > 0.5 * abs(far_right - far_left) and gap > tolerance:
        low, high = sorted((left, right))
        if low - tolerance <= derivative <= high + tolerance:
            return f"the slope is {left:.6g} on the left and {right:.6g} on the right"
    return None


def central_difference(f: Curve, x: float, noise: float = 0.0) -> tuple[float, float]:
    """The derivative of a function by central differences, extrapolated to step 0.

    Parameters
    ----------
    f : callable
        From float to float.
    x : float
    noise : float
        How imprecise the values of f are, besides their last digit.

    Returns
    -------
    estimate, error : float
        The derivative, and about how far off it may be; nan and inf where f has no finite values
        around x.

    References
    ----------
    Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software, 1982.

    Examples
    --------
    >>> import math
    >>> estimate, error = central_difference(math.exp, 1.0)
    >>> abs(estimate - math.e) < 1e-9 and error < 1e-9
    True
    """
    scale = max(1.0, abs(x))
    steps = [scale * 10.0**-exponent for exponent in (1, 3, 5, 7, 9, 11)]
    if 0.0 < abs(x) < 1.0:
        steps += [0.1 * abs(x), 1e-3 * abs(x)]
    results = [_ridders(f, x, h, noise) for h in sorted(steps)]
    # Of steps that contradict each other the smallest is right, for a larger one may reach across
    # a kink; of those that agree, the most precise.
    near = next((result for result in results if _relative(result) < 1e-6), None)
    if near is not None:
        results = [r for r in results if abs(r[0] - near[0]) <= 10.0 * (r[1] + near[1])]
    return min(results, key=_relative)


def simple_difference(f: Curve, x: float) -> tuple[float, float]:
    """The same from two values of the function, where a hundred would take too long.

    Parameters
    ----------
    f : callable
        From float to float.
    x : float

    Returns
    -------
    estimate, error : float
        The error is that of a smooth function.

    Examples
    --------
    >>> round(simple_difference(lambda x: x**3, 2.0)[0], 6)
    12.0
    """
    h = 6e-6 * max(1.0, abs(x))
    slope = (f(x + h) - f(x - h)) / (2.0 * h)
    return slope, 1e-7 * abs(slope)


def _relative(result: tuple[float, float]) -> float:
    # Not the absolute error: across a pole a large step gives a small number with a small error.
    estimate, error = result
    if not math.isfinite(estimate):
        return math.inf
    return error / abs(estimate) if estimate else error


def _ridders(f: Curve, x: float, h: float, noise: float) -> tuple[float, float]:
    shrink = 1.4
    best, error = math.nan, math.inf
    row: list[float] = []
    for _ in range(10):
        above, below = f(x + h), f(x - h)
        width = (x + h) - (x - h)  # as it is in floats
        slope = (above - below) / width if width else math.nan
        if not math.isfinite(slope):
            return best, error
        rounding = (_ROUNDING * (abs(above) + abs(below)) + 2.0 * noise + _SMALLEST) / width
        column = [slope]
        factor = shrink * shrink
        for previous in row:
            column.append((column[-1] * factor - previous) / (factor - 1.0))
            factor *= shrink * shrink
            uncertainty = max(abs(column[-1] - column[-2]), abs(column[-1] - previous)) + rounding
            if uncertainty < error:
                best, error = column[-1], uncertainty
        if row and abs(column[-1] - row[-1]) >= 2.0 * error:
            break
        row = column
        h /= shrink
    return best, error
