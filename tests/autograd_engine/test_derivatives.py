"""Derivatives of functions: against closed forms, in every mode, nested and structured."""

import math
from collections import namedtuple
from itertools import pairwise

import numpy as np
import pytest

from autograd_engine import (
    Value,
    derivative,
    dot,
    exp,
    grad,
    gradient,
    hessian,
    jacobian,
    jvp,
    log,
    logsumexp,
    prod,
    sin,
    softmax,
    tanh,
    value_and_grad,
    vjp,
)


def rosenbrock(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def test_grad_of_numbers_returns_floats():
    slope = grad(lambda x: x**3)(2)
    assert slope == 12.0 and type(slope) is float
    assert value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)


def test_argnums():
    def f(x, y, z=1.0):
        return x * y**2 * z

    assert grad(f)(3.0, 4.0) == 16.0
    assert grad(f, 1)(3.0, 4.0) == 24.0
    assert grad(f, -1)(3.0, 4.0) == 24.0
    assert grad(f, (0, 1))(3.0, 4.0, z=2.0) == (32.0, 48.0)
    with pytest.raises(ValueError, match="f was given 2 positional arguments"):
        grad(f, 2)(3.0, 4.0)
    with pytest.raises(TypeError, match="argnums must be integers"):
        grad(f, "x")(3.0, 4.0)


def test_structures_come_back_as_they_were():
    Point = namedtuple("Point", "x y")

    def f(p):
        return p["w"][0] * p["w"][1] * p["at"].x + p["at"].y ** 2 + p["b"]

    slopes = grad(f)({"w": [2.0, 3.0], "at": Point(5.0, 7.0), "b": 1})
    assert slopes == {"w": [15.0, 10.0], "at": Point(6.0, 14.0), "b": 1.0}
    assert isinstance(slopes["at"], Point)
    array = grad(lambda w: (w * w).sum())(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert np.array_equal(array, [[2.0, 4.0], [6.0, 8.0]]) and array.dtype == float
    assert grad(lambda w: dot(w, w))((1.0, 2.0)) == (2.0, 4.0)


def test_what_is_no_number_is_refused_where_it_is_passed():
    with pytest.raises(TypeError, match="an argument of <lambda> must be a number"):
        grad(lambda x: x)("2")
    with pytest.raises(TypeError, match=r"must be one number for grad, got \[.*use jacobian"):
        grad(lambda x: [x, x])(2.0)
    with pytest.raises(TypeError, match="inputs must be Values"):
        gradient(Value(1.0) * 2, [3.0])
    with pytest.raises(TypeError, match="output must be one number"):
        gradient([Value(1.0)], Value(1.0))
    with pytest.raises(ValueError, match=r"order must be 0, 1, 2"):
        derivative(sin, order=-1)


def test_what_does_not_depend_has_derivative_zero():
    assert grad(lambda x: 5.0)(2.0) == 0.0
    assert grad(lambda x, y: y * 2, (0, 1))(2.0, 3.0) == (0.0, 2.0)
    assert jacobian(lambda x: [x, 1.0, Value(2.0)])(3.0) == [1.0, 0.0, 0.0]
    assert hessian(lambda x: x[0] + 3 * x[1])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    x = Value(1.0)
    assert gradient(Value(3.0), x) == 0.0
    assert gradient(5.0, [x]) == [0.0]
    assert gradient(Value(3.0) * 2, x, create_graph=True).data == 0.0


def test_gradient_of_a_recorded_graph():
    x, y = Value(3.0), Value(4.0)
    inner = x * y
    z = tanh(inner * 0.1) * x
    dx, dinner = gradient(z, [x, inner])
    t = math.tanh(1.2)
    assert dx == pytest.approx(t + 3.0 * (1 - t * t) * 0.4, rel=1e-14)
    assert dinner == pytest.approx(3.0 * (1 - t * t) * 0.1, rel=1e-14)
    assert x.grad == y.grad == inner.grad == 0.0
    assert gradient(x, x) == 1.0
    second = gradient(gradient(z, x, create_graph=True), y)
    expected = 0.3 * (1 - t * t) * 2 - 2 * t * (1 - t * t) * 3.0 * 0.4 * 0.3
    assert second == pytest.approx(expected, rel=1e-12)


def test_nobody_s_grad_is_touched():
    x = Value(3.0)
    outside = Value(2.0)
    x.grad = outside.grad = 7.0
    grad(lambda v: v * outside)(x)
    hessian(lambda v: v**3 * outside)(x)
    jvp(lambda v: v * outside, (x,), (1.0,))
    vjp(lambda v: v * outside, x)[1](1.0)
    assert x.grad == outside.grad == 7.0


def test_nested_derivatives_are_not_confused():
    # The classical example of perturbation confusion gives 2 where it is wrong.
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(3.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(x))(2.0) == pytest.approx(24.0)
    assert jvp(lambda t: grad(lambda x: x * t)(1.0), (2.0,), (1.0,)) == (2.0, 1.0)
    assert jvp(lambda x: jvp(lambda y: x * y, (2.0,), (1.0,))[1] * x, (3.0,), (1.0,))[1] == 6.0
    assert grad(lambda x: jvp(lambda y: y**3, (x,), (1.0,))[1])(2.0) == pytest.approx(12.0)


def test_values_given_stay_differentiable():
    x = Value(2.0)
    slope = grad(lambda v: v**3)(x)
    assert isinstance(slope, Value)
    slope.backward()
    assert x.grad == pytest.approx(12.0)


@pytest.mark.parametrize("order", range(7))
def test_derivatives_of_any_order(order):
    x = 0.7
    assert derivative(exp, order)(x) == pytest.approx(math.exp(x), rel=1e-13)
    cycle = [math.sin(x), math.cos(x), -math.sin(x), -math.cos(x)]
    assert derivative(sin, order)(x) == pytest.approx(cycle[order % 4], rel=1e-13)
    if order:
        expected = (-1) ** (order - 1) * math.factorial(order - 1) / x**order
        assert derivative(log, order)(x) == pytest.approx(expected, rel=1e-13)


def test_the_hessian_of_rosenbrock():
    # Closed form at (1, 1, 1): tridiagonal.
    assert hessian(rosenbrock)([1.0, 1.0, 1.0]) == [
        [802.0, -400.0, 0.0],
        [-400.0, 1002.0, -400.0],
        [0.0, -400.0, 200.0],
    ]
    blocks = hessian(lambda x, y: x**2 * y, (0, 1))(3.0, 4.0)
    assert blocks == ((8.0, 6.0), (6.0, 0.0))


def test_second_derivatives_of_sequences():
    x = [0.3, -1.2, 2.0]
    p = softmax(x)
    expected = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
    for row, right in zip(hessian(logsumexp)(x), expected, strict=True):
        assert row == pytest.approx(right, abs=1e-15)
    for row, right in zip(jacobian(softmax)(x), expected, strict=True):
        assert row == pytest.approx(right, abs=1e-15)
    assert hessian(prod)([2.0, 3.0, 5.0]) == [[0.0, 5.0, 3.0], [5.0, 0.0, 2.0], [3.0, 2.0, 0.0]]


def test_forward_and_reverse_mode_agree():
    def f(x, y):
        return {"a": tanh(x * y), "b": [x / y, 3.0]}

    value, tangent = jvp(f, (0.5, 2.0), (1.0, -0.5))
    t = math.tanh(1.0)
    assert value == {"a": t, "b": [0.25, 3.0]}
    assert tangent["a"] == pytest.approx((1 - t * t) * (2.0 - 0.25), rel=1e-14)
    assert tangent["b"] == pytest.approx([0.5 + 0.0625, 0.0], rel=1e-14)
    value, pull = vjp(f, 0.5, 2.0)
    weights = {"a": 2.0, "b": [3.0, 5.0]}
    pulled = pull(weights)
    forward = 2.0 * tangent["a"] + 3.0 * tangent["b"][0]
    assert pulled[0] - 0.5 * pulled[1] == pytest.approx(forward, rel=1e-14)
    with pytest.raises(ValueError, match=r"the structure of what f returns; got 1\.0"):
        pull(1.0)
    with pytest.raises(ValueError, match="the structure of primals; got"):
        jvp(f, (0.5, 2.0), (1.0,))
    with pytest.raises(TypeError, match=r"jvp\(f, \(x,\), \(dx,\)\)"):
        jvp(f, 0.5, 1.0)


def test_the_function_s_name_and_documentation_are_kept():
    def cube(x):
        """The third power."""
        return x**3

    assert grad(cube).__name__ == "cube" and grad(cube).__doc__ == "The third power."


def test_directions_are_matched_by_key_and_structures_must_agree():
    def f(p):
        return p["a"] * 10 + p["b"]

    assert jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 0.0, "a": 1.0},))[1] == 10.0
    pull = vjp(lambda x: {"u": x * 10, "v": x}, 1.0)[1]
    assert pull({"v": 0.0, "u": 1.0}) == (10.0,)
    with pytest.raises(ValueError, match="the structure of primals"):
        jvp(lambda x: x[0], ([1.0, 2.0],), (1.0, 0.0))
    with pytest.raises(ValueError, match="the structure of primals"):
        jvp(f, ({"a": 1.0, "b": 2.0},), ({"a": 1.0, "c": 0.0},))


def test_jacobians_and_hessians_of_arrays():
    x = np.array([1.0, 2.0])
    assert np.array_equal(jacobian(lambda x: x * x)(x), [[2.0, 0.0], [0.0, 4.0]])
    assert np.array_equal(hessian(lambda x: (x * x).sum())(x), [[2.0, 0.0], [0.0, 2.0]])
    rows = jacobian(lambda x: np.array([x[0] * x[1], x[0]]))([1.0, 2.0])
    assert list(rows) == [[2.0, 1.0], [1.0, 0.0]]


def test_a_gradient_within_a_function_that_is_differentiated_stays_differentiable():
    assert grad(lambda x: gradient(x * x * x, x))(2.0) == 12.0
