"""Mistakes that other engines of this kind make, each reproduced there and absent here.

Those about accumulation, shared subgraphs, order, recursion, copies, memory and drawing have
tests of their own in the other files.
"""

import math

import numpy as np
import pytest

import autograd_engine
from autograd_engine import Value, derivative, maximum, no_grad, relu, sigmoid, tanh


def test_division_with_a_number_on_the_left():
    # One computes x/2 for 2/x.
    x = Value(4.0)
    y = 2.0 / x
    y.backward()
    assert y.data == 0.5 and x.grad == -0.125


def test_a_row_that_is_looked_up_repeatedly_gets_all_its_gradient():
    # One gives a repeated token's row a gradient of 1 instead of 3.
    rows = [[Value(0.1), Value(0.2)], [Value(0.3), Value(0.4)]]
    sum(rows[token][0] for token in (1, 0, 1, 1)).backward()
    assert rows[1][0].grad == 3.0 and rows[0][0].grad == 1.0


def test_no_grad_ends_with_an_exception():
    # In one it stays off.
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (Value(1.0) + 1.0).parents


def test_a_second_backward_gives_the_same_again():
    # One frees intermediates in silence: 27, 45, and 18 after zeroing.
    x = Value(3.0)
    y = x**3
    y.backward()
    y.backward()
    assert x.grad == 54.0


def test_ties_are_split():
    x, y = Value(2.0), Value(2.0)
    maximum(x, y).backward()
    assert (x.grad, y.grad) == (0.5, 0.5)


def test_integers_have_float_gradients():
    x = Value(3)
    (x * x).backward()
    assert type(x.grad) is float


def test_higher_order_and_depth_are_more_than_claims():
    assert derivative(lambda x: x**4, order=4)(2.0) == pytest.approx(24.0)
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 0.0
    y.backward()
    assert x.grad == 1.0


def test_the_first_power_at_zero():
    # One gives 0, and another drops nodes whose base is 0.
    x = Value(0.0)
    (x**1).backward()
    assert x.grad == 1.0
    for exponent, data, slope in [(0, 1.0, 0.0), (2, 0.0, 0.0), (0.5, 0.0, math.inf)]:
        x = Value(0.0)
        y = x**exponent
        y.backward()
        assert (y.data, x.grad) == (data, slope)


def test_sigmoid_does_not_overflow_and_has_its_own_derivative():
    # One raises at -1000; one gives sigmoid and tanh the derivative of relu.
    assert sigmoid(Value(-1000.0)).data == 0.0
    x = Value(1.0)
    sigmoid(x).backward()
    assert x.grad == pytest.approx(0.19661193324148185, rel=1e-15)
    x = Value(1.0)
    tanh(x).backward()
    assert x.grad == pytest.approx(0.41997434161402607, rel=1e-15)


def test_abs_leaves_its_operand_alone():
    x = Value(-2.0)
    y = abs(x)
    assert (x.data, y.data) == (-2.0, 2.0)


def test_equal_values_stay_different_nodes():
    # Some merge nodes of equal value, equal name or equal content.
    a, b = Value(1.0, label="w"), Value(1.0, label="w")
    y = a * a + b * b
    assert len({a, b, *y.parents}) == 4
    y.backward()
    assert (a.grad, b.grad) == (2.0, 2.0)


def test_unknown_attributes_are_errors():
    # One answers None to everything.
    assert not hasattr(Value(1.0), "gradient")
    with pytest.raises(AttributeError):
        _ = autograd_engine.nonsense
    with pytest.raises(AttributeError):
        Value(1.0).dta = 2.0


def test_relu_is_flat_at_zero_and_augmented_assignment_works():
    x = Value(0.0)
    relu(x).backward()
    assert x.grad == 0.0
    y = x
    y += 2.0
    assert y is not x and y.data == 2.0 and x.data == 0.0


def test_augmented_assignment_under_a_product():
    # The recorded operands are those at the time: y += x under y * x changes nothing made before.
    x, y = Value(3.0), Value(2.0)
    product = x * y
    y += x
    product.backward()
    assert x.grad == 2.0 and y.data == 5.0


def test_powers_that_fail_elsewhere():
    assert (Value(2.0) ** np.float32(2)).data == 4.0
    assert (2 ** Value(3.0)).data == 8.0
    assert math.isnan((Value(-4.0) ** 0.5).data)
    assert (Value(-2.0) ** 3).data == -8.0
    x, y = Value(-2.0), Value(3.0)
    (x**y).backward()
    assert x.grad == 12.0 and math.isnan(y.grad)


def test_relu_gives_floats_and_passes_nan_on():
    assert type(relu(Value(-1.0)).data) is float
    x = Value(math.nan)
    y = relu(x)
    y.backward()
    assert math.isnan(y.data) and x.grad == 1.0


def test_nan_and_inf_gradients_at_zero_are_those_of_the_convention():
    # Nine threads of one engine are about 0 ** y, norm and sqrt at 0.
    x, y = Value(0.0), Value(0.0)
    autograd_engine.hypot(x, y).backward()
    assert (x.grad, y.grad) == (0.0, 0.0)
    x, y = Value(0.0), Value(2.0)
    (x**y).backward()
    assert (x.grad, y.grad) == (0.0, 0.0)
