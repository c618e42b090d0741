"""The gradient check: right rules pass, wrong ones are named, kinks and cancellation are told."""

import math

import pytest

from autograd_engine import (
    GradientCheckError,
    Value,
    cbrt,
    check_gradients,
    clamp,
    cos,
    dot,
    exp,
    log,
    maximum,
    primitive,
    relu,
    sigmoid,
    softmax,
    softplus,
    sqrt,
    step,
    tanh,
)
from autograd_engine.checking import central_difference


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (tanh, 20.0),
        (cos, 0.0),
        (lambda x: x**3, 0.0),
        (lambda x: x * x, 1e6),
        (log, 1e-8),
        (log, 1e-300),
        (exp, 100.0),
        (softplus, -50.0),
        (sigmoid, -30.0),
        (relu, 1e-12),
        (lambda x: 1 / x, 1e-12),
        (cbrt, 1e-30),
        (lambda x: x * x, 1e-170),
        (lambda x: 1 / (x - 1), 1.00000001),
        (lambda x: relu(x - 1), 1 + 1e-9),
        (lambda x: 1 / x, 1e-5),
        (lambda x: (x - 1) ** 2 * 1e-3 + 1e6, 1.5),
        (lambda x: (x + 1e10) - 1e10, 1.0),
    ],
)
def test_right_gradients_pass(f, x):
    report = check_gradients(f, x)
    assert report and not report.findings


def test_structures_and_several_arguments_and_results():
    report = check_gradients(
        lambda w, x: softmax([dot(w, x), w[0] * x[1], maximum(w[0], x[0])]),
        ([0.5, -1.0], [2.0, 3.0]),
    )
    assert report.ok and report.compared > 12
    assert check_gradients(lambda p: p["a"] * p["b"], {"a": 2.0, "b": Value(3.0)}).ok


def test_a_wrong_rule_is_named_with_its_operand():
    @primitive
    def ratio(m, x, y):
        return x / y, (1 / y, x / y)

    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda a, b: tanh(ratio(a, b)) * 2.0, (1.0, 4.0))
    message = str(caught.value)
    assert "wrong: ratio, operand 2 of 2 at 4.0: the rule says 0.25, differences say -0.0625" in (
        message
    )
    assert "wrong: input 2 of 2" in message and "the rule above is the cause" in message
    assert "tanh" not in message and "input 1" not in message


def test_an_output_that_was_not_recorded_at_all_is_told():
    for f in (lambda x: x.data**2, lambda x: [x * 2, x.data**2]):
        with pytest.raises(GradientCheckError, match="a part was not recorded"):
            check_gradients(f, 3.0)


def test_a_nan_by_convention_is_not_called_wrong_and_a_nan_by_mistake_is():
    assert check_gradients(lambda x, y: x**y, (-2.0, 2.0)).ok

    @primitive
    def mistaken(m, x):
        return m.exp(x), (math.nan * x,)

    with pytest.raises(GradientCheckError, match="the rule says nan, differences say"):
        check_gradients(mistaken, 0.5)


def test_a_part_that_was_not_recorded_is_told():
    report = check_gradients(lambda x: x * x.data, 3.0, raise_exception=False)
    assert not report
    (finding,) = report.findings
    assert finding.kind == "wrong" and "every primitive in it is right" in finding.reason
    assert (finding.derivative, round(finding.difference, 6)) == (3.0, 6.0)


@pytest.mark.parametrize(
    ("f", "x", "reason"),
    [
        (relu, 0.0, "the slope is 0 on the left and 1 on the right; 0 is used"),
        (abs, 0.0, "the slope is -1 on the left and 1 on the right; 0 is used"),
        (lambda x: clamp(x, -1.0, 1.0), 1.0, "the slope is 1 on the left and 0 on the right"),
        (lambda x: maximum(x, 2.0), 2.0, "the slope is 0 on the left and 1 on the right; 0.5"),
        (sqrt, 0.0, "the function ends here; inf is used"),
        (step, 0.0, "the slope grows without bound; 0 is used"),
        (log, -1.0, "the value is nan"),
    ],
)
def test_a_kink_is_no_error(f, x, reason):
    report = check_gradients(f, x)
    assert report.ok and {finding.kind for finding in report.findings} == {"kink"}
    assert reason in report.findings[0].reason


def test_what_is_too_imprecise_is_said_to_be():
    report = check_gradients(lambda x: (x + 1e15) - 1e15 + x * x, 0.3)
    assert report.ok and {finding.kind for finding in report.findings} == {"uncertain"}
    assert "too imprecise" in str(report)


def test_a_wrong_slope_at_a_kink_is_wrong():
    @primitive
    def bent(m, x):
        return m.abs(x), (m.sign(x) + 5.0,)

    with pytest.raises(GradientCheckError, match=r"bent, operand 1 of 1 at 0\.0: the rule says 5"):
        check_gradients(bent, 0.0)


def test_a_slightly_wrong_slope_is_found():
    @primitive
    def almost(m, x):
        return m.exp(x), (m.exp(x) * 1.00001,)

    with pytest.raises(GradientCheckError, match="almost, operand 1 of 1"):
        check_gradients(almost, 0.3)


def test_central_differences():
    for f, x, slope in [
        (math.exp, 1.0, math.e),
        (math.sin, 1e3, math.cos(1e3)),
        (math.sqrt, 1e-8, 5e3),
        (math.log, 1e8, 1e-8),
        (lambda x: 3.0, 2.0, 0.0),
    ]:
        estimate, error = central_difference(_total(f), x)
        assert abs(estimate - slope) <= 10 * error + 1e-15 and error <= 1e-7 * max(1.0, slope)
    estimate, error = central_difference(lambda x: math.nan, 1.0)
    assert math.isnan(estimate) and error == math.inf


def _total(f):
    def total(x):
        try:
            return f(x)
        except ValueError:
            return math.nan

    return total
