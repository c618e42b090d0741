"""Value: numbers, operators, conversions, copies."""

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd_engine
from autograd_engine import Value, dot, exp, label, tanh


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (2, 2.0),
        (2.5, 2.5),
        (True, 1.0),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3.0),
        (np.bool_(True), 1.0),
    ],
)
def test_real_numbers_become_floats(number, data):
    value = Value(number)
    assert type(value.data) is float and value.data == data
    total = Value(1.0) + number
    assert type(total.data) is float and total.data == 1.0 + data
    assert (number * Value(2.0)).data == 2.0 * data
    assert (Value(1.0) < number) == (data > 1.0)


@pytest.mark.parametrize("bad", ["2", None, 2j, [1.0], {}, Value(1.0), np.array([1.0, 2.0]), b"1"])
def test_what_is_no_real_number_is_refused_by_name(bad):
    with pytest.raises(TypeError, match=r"data must be a .*number, got "):
        Value(bad)
    value = Value(1.0)
    for attribute in ("data", "grad"):
        with pytest.raises(TypeError, match=r"(data|grad) must be a .*number|write v\.grad = 0"):
            setattr(value, attribute, bad)
    assert value.data == 1.0 and value.grad == 0.0


@pytest.mark.parametrize("bad", ["2", None, 2j, [1.0], {}])
def test_operators_refuse_what_is_no_number(bad):
    value = Value(1.0)
    for operate in (
        lambda: value + bad,
        lambda: bad + value,
        lambda: value * bad,
        lambda: value**bad,
        lambda: bad**value,
        lambda: value - bad,
        lambda: bad / value,
        lambda: value < bad,
        lambda: tanh(bad),
        lambda: dot([value], [bad]),
    ):
        with pytest.raises(TypeError):
            operate()


def test_an_integer_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match="data is too large for a float: an integer of"):
        Value(10**400)


def test_grad_and_data_stay_floats():
    value = Value(1)
    value.data = 3
    value.grad = 0
    assert type(value.data) is float and type(value.grad) is float
    (value * 2).backward()
    assert type(value.grad) is float
    value.data -= np.float32(0.5) * value.grad
    assert type(value.data) is float and value.data == 2.0


def test_each_operator_is_one_node_named_as_it_was_written():
    a, b = Value(3.0), Value(2.0)
    for made, op, data, partials in [
        (a + b, "+", 5.0, (1.0, 1.0)),
        (a - b, "-", 1.0, (1.0, -1.0)),
        (a * b, "*", 6.0, (2.0, 3.0)),
        (a / b, "/", 1.5, (0.5, -0.75)),
        (a**b, "**", 9.0, (6.0, 9.0 * math.log(3.0))),
    ]:
        assert (made.op, made.data, made.parents) == (op, data, (a, b))
        assert made.partials == pytest.approx(partials, rel=1e-15)
    for made, op, data, partial in [
        (-a, "neg", -3.0, -1.0),
        (abs(-a), "abs", 3.0, -1.0),
        (a**2, "**2", 9.0, 6.0),
        (a**-1, "**-1", 1 / 3, -1 / 9),
        (a**0.5, "**0.5", math.sqrt(3), 0.5 / math.sqrt(3)),
    ]:
        assert made.op == op and made.data == pytest.approx(data, rel=1e-15)
        assert made.partials == pytest.approx((partial,), rel=1e-15)
    assert +a is a


def test_reflected_operators_keep_their_order():
    x = Value(4.0)
    for made, op, data, slope in [
        (1 + x, "+", 5.0, 1.0),
        (1 - x, "-", -3.0, -1.0),
        (3 * x, "*", 12.0, 3.0),
        (2 / x, "/", 0.5, -0.125),
        (2**x, "**", 16.0, 16.0 * math.log(2.0)),
    ]:
        assert (made.op, made.data) == (op, data)
        assert made.parents[0].is_constant and made.parents[1] is x
        x.grad = 0.0
        made.backward()
        assert x.grad == pytest.approx(slope, rel=1e-15)


def test_a_repeated_operand_is_kept_twice():
    a = Value(3.0)
    assert (a + a).parents == (a, a)
    assert (a * a).partials == (3.0, 3.0)
    (a * a).backward()
    assert a.grad == 6.0


def test_comparisons_are_by_data_and_equality_by_identity():
    a, b = Value(1.0), Value(1.0)
    assert a <= b and a >= b and not a < b and a < 2 and a > 0 and a > 0.5
    assert a != b and a == a and len({a, b}) == 2
    assert max([Value(1.0), b, Value(3.0)]).data == 3.0
    assert not bool(Value(0.0)) and bool(Value(-1.0)) and bool(Value(math.nan))


def test_conversion_to_float_is_refused_because_the_gradient_would_be_lost():
    value = Value(1.0)
    for convert in (float, int, complex, math.exp, round, math.floor, math.trunc):
        with pytest.raises(TypeError, match=r"gradient would be lost"):
            convert(value)
    with pytest.raises(TypeError, match=r"v\.data.*autograd_engine\.exp"):
        math.exp(value)


def test_repr_and_format():
    value = Value(-6.0, label="c")
    assert repr(value) == "Value(data=-6.0, label='c')"
    value.grad = 0.5
    assert repr(value) == "Value(data=-6.0, grad=0.5, label='c')"
    again = eval(repr(value))
    assert (again.data, again.grad, again.label) == (-6.0, 0.5, "c")
    assert f"{value:.3f}" == "-6.000" and f"{value:>8.1e}" == "-6.0e+00"
    assert f"{value}" == str(value) == repr(value)


def test_python_builtins_work():
    values = [Value(1.0), Value(2.0), Value(4.0)]
    total = sum(values)
    total.backward()
    assert total.data == 7.0 and [value.grad for value in values] == [1.0, 1.0, 1.0]
    assert pow(values[1], 3).data == 8.0
    with pytest.raises(TypeError, match="modulo"):
        pow(values[1], 3, 5)


def test_object_arrays():
    weights = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    x = np.array([Value(0.5), Value(-1.0)])
    result = np.tanh(weights @ x)
    assert [value.data for value in result] == pytest.approx([math.tanh(-1.5), math.tanh(-2.5)])
    result.sum().backward()
    assert weights[1, 0].grad == pytest.approx(0.5 * (1 - math.tanh(-2.5) ** 2))
    scaled = Value(2.0) * np.array([1.0, 3.0])
    assert [value.data for value in scaled] == [2.0, 6.0]
    assert [value.data for value in np.array([1.0, 3.0]) - Value(2.0)] == [-1.0, 1.0]
    assert isinstance(np.float64(2.0) * Value(3.0), Value)


def test_methods_and_functions_have_the_same_names():
    for name in ("exp", "log1p", "tanh", "sigmoid", "relu", "gelu", "erf", "cbrt", "leaky_relu"):
        function, x = getattr(autograd_engine, name), 0.7
        assert getattr(Value(x), name)().data == function(Value(x)).data == function(x)
        assert type(function(x)) is float
    assert exp(1).__class__ is float
    assert Value(3.0).clamp(max=1.0).data == 1.0
    assert Value(1.0).gelu("tanh").op == "gelu_tanh"
    with pytest.raises(ValueError, match="'none' or 'tanh', got 'fast'"):
        Value(1.0).gelu("fast")


def test_copies_are_separate_graphs():
    a = Value(3.0, label="a")
    y = a * a + 1
    copied, (copied_a, *_) = copy.deepcopy((y, [a]))[0], copy.deepcopy([a])
    assert copied_a.label == "a"
    both = copy.deepcopy({"y": y, "a": a})
    both["y"].backward()
    assert both["a"].grad == 6.0 and a.grad == 0.0
    y.backward()
    assert a.grad == 6.0 and both["a"].grad == 6.0
    assert copied.grad == 0.0
    again = copy.copy(y)
    assert again is not y and again.parents == y.parents


def test_pickled_graphs_share_their_leaves():
    a, b = Value(3.0, label="a"), Value(0.5)
    y, z = tanh(a * b) + 1, dot([a, b], [b, 2.0])
    y.backward()
    a2, b2, y2, z2 = pickle.loads(pickle.dumps((a, b, y, z)))
    assert (a2.data, a2.grad, a2.label) == (a.data, a.grad, "a")
    assert (y2.op, y2.data, y2.grad) == (y.op, y.data, 1.0)
    a2.grad = b2.grad = 0.0
    y2.backward()
    z2.backward()
    assert a2.grad == a.grad + 0.5
    assert z2.partials == z.partials and z2.parents == (a2, b2, b2, z2.parents[3])
    assert z2.parents[3].is_constant


def test_labels():
    a, b = Value(1.0), Value(2.0)
    label(a=a, b=b)
    assert (a.label, b.label) == ("a", "b")
    with pytest.raises(TypeError, match=r"label\(d=\.\.\.\) names a Value, got 3"):
        label(c=a, d=3)
    assert a.label == "a"
    with pytest.raises(TypeError, match="a label is a str"):
        Value(1.0, label=3)


def test_a_list_where_a_number_belongs_is_told():
    for function in (tanh, autograd_engine.relu):
        with pytest.raises(TypeError, match=rf"{function.__name__} takes numbers, got \[1\.0\]"):
            function([1.0])
    for condition in ([Value(0.0)], [0.0]):
        with pytest.raises(TypeError, match="where takes numbers"):
            autograd_engine.where(condition, Value(1.0), 2.0)


def test_numpy_functions_of_two_arrays():
    x, y = np.array([Value(3.0)]), np.array([Value(4.0)])
    assert np.hypot(x, y)[0].data == 5.0
    assert Value(3.0).maximum(4.0).data == 4.0 and Value(3.0).minimum(4.0).data == 3.0
    assert Value(1.0).atan2(1.0).data == math.atan2(1.0, 1.0) and Value(3.0).pow(2).data == 9.0
