"""Primitives of one's own: they work everywhere at once, and bad ones are refused."""

import copy
import math
import pickle

import pytest

from autograd_engine import (
    Value,
    check_gradients,
    derivative,
    explain,
    grad,
    hessian,
    jvp,
    primitive,
    primitives,
    tanh,
)
from autograd_engine.formulas import partial_formulas, symbol
from autograd_engine.rules import Primitive


@primitive
def cube(m, x):
    """The third power."""
    return x * x * x, (3.0 * x * x,)


@primitive(name="gauss")
def bell(m, x, width):
    value = m.exp(-((x / width) ** 2))
    return value, (-2.0 * x / width**2 * value, 2.0 * x * x / width**3 * value)


@primitive
def weighted(m, xs, ws, bias):
    total = m.dot(xs, ws)
    return total + bias, (ws, xs, 1.0)


@primitive
def power(m, x, *, n):
    return x**n, (n * x ** (n - 1),)


def test_on_numbers_and_on_values():
    assert cube(2) == 8.0 and type(cube(2)) is float
    x = Value(2.0)
    y = cube(x)
    y.backward()
    assert (y.data, y.op, x.grad) == (8.0, "cube", 12.0)
    assert isinstance(cube, Primitive) and cube.__doc__ == "The third power."


def test_several_operands_and_sequences():
    x, width = Value(0.5), Value(2.0)
    y = bell(x, width)
    y.backward()
    e = math.exp(-(0.25**2))
    assert y.op == "gauss" and y.data == pytest.approx(e)
    assert (x.grad, width.grad) == pytest.approx((-0.25 * e, 0.0625 * e))
    xs, ws = [Value(1.0), Value(2.0)], [Value(3.0), 4.0]
    total = weighted(xs, ws, 0.5)
    total.backward()
    assert total.data == 11.5 and len(total.parents) == 5
    assert [v.grad for v in xs] == [3.0, 4.0] and ws[0].grad == 1.0


def test_settings_are_no_operands():
    x = Value(3.0)
    y = power(x, n=2)
    y.backward()
    assert (y.data, x.grad, len(y.parents)) == (9.0, 6.0, 1)
    assert power.bind(n=2) is power.bind(n=2) and power(3.0, n=2) == 9.0


def test_everywhere_at_once():
    assert derivative(cube, order=2)(2.0) == 12.0
    assert derivative(cube, order=3)(2.0) == 6.0
    assert hessian(lambda v: bell(v[0], v[1]))([0.5, 2.0])[0][1] == pytest.approx(
        grad(lambda w: grad(bell)(0.5, w))(2.0)
    )
    assert jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)
    assert check_gradients(bell, (0.5, 2.0)).compared == 4
    assert check_gradients(lambda v: weighted(v, [1.0, v[0]], v[1]), [2.0, 3.0]).ok
    x = Value(2.0, label="x")
    assert explain(tanh(cube(x)), x).paths[0].edges[0].formula.text == "3*x**2"


def test_copies_and_pickles():
    x = Value(2.0)
    y = bell(cube(x), 3.0)
    for other in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert other.primitive is bell and other.data == y.data
    bound = pickle.loads(pickle.dumps(Value(3.0) ** 2)).primitive
    assert bound is primitives.power.bind(exponent=2.0)


def test_numbers_at_the_edges_follow_ieee():
    @primitive
    def ratio(m, x, y):
        return x / y, (1 / y, -x / y**2)

    x, y = Value(1.0), Value(0.0)
    made = ratio(x, y)
    made.backward()
    assert (made.data, x.grad, y.grad) == (math.inf, math.inf, -math.inf)

    @primitive
    def root(m, x):
        return x**0.5, (0.5 * x**-0.5,)

    assert math.isnan(root(-4.0)) and math.isnan(root(Value(-4.0)).data)

    @primitive
    def explosive(m, x):
        return m.exp(x) * 10**2, (m.exp(x) * 100,)

    assert explosive(1e4) == math.inf


def test_rules_that_return_something_else_are_refused():
    @primitive
    def no_partials(m, x):
        return x * x

    @primitive
    def too_few(m, x, y):
        return x * y, (y,)

    @primitive
    def no_number(m, x):
        return "x", (1.0,)

    @primitive
    def no_sequence(m, xs):
        return xs[0], (1.0,)

    for rule, operands, message in [
        (no_partials, (2.0,), r"rule of no_partials must return \(value, partials\) with one"),
        (too_few, (2.0, 3.0), r"one partial for each of its 2 operands.* it returned \(6\.0"),
        (no_number, (2.0,), "rule of no_number must return numbers"),
        (no_sequence, ([1.0, 2.0],), "rule of no_sequence must return a sequence of partials"),
    ]:
        with pytest.raises(TypeError, match=message):
            rule(*operands)
        with pytest.raises(TypeError, match=message):
            rule(*(map(Value, x) if False else Value(x) if x == 2.0 else x for x in operands))


def test_a_rule_without_operands_is_refused():
    with pytest.raises(TypeError, match=r"takes the mathematics and at least one operand"):

        @primitive
        def nothing(m):
            return 1.0, ()


def test_a_branch_in_a_rule_is_told_when_its_formula_is_asked_for():
    @primitive
    def bent(m, x):
        return (x, (1.0,)) if x > 0 else (0.0 * x, (0.0,))

    x = Value(2.0, label="x")
    y = bent(x)
    assert explain(y, x).paths[0].edges[0].formula.text == "dbent/dx"
    with pytest.raises(TypeError, match=r"write m\.where\(condition, a, b\)"):
        partial_formulas(bent, [symbol("x")])
