"""Figures that five lectures on neural networks show: activations, differentiation, pathologies."""

import math
import random

import pytest

from autograd_engine import (
    Value,
    dot,
    exp,
    gelu,
    gradient,
    hardtanh,
    label,
    leaky_relu,
    relu,
    sigmoid,
    sign,
    softmax,
    softplus,
    square,
    step,
    tanh,
)
from autograd_engine.graph import nodes


def near(x):
    return pytest.approx(x, rel=4e-16, abs=0.0)


# --- activations ---------------------------------------------------------------------------------


def test_step_is_called_sign_on_a_slide():
    assert [step(x) for x in (-2.0, 0.0, 3.0)] == [0.0, 1.0, 1.0]
    assert sign(-2.0) == -1.0


def test_sigmoid():
    for x, y in [
        (1.0, 0.7310585786300049),
        (-1.0, 0.2689414213699951),
        (5.0, 0.9933071490757151),
        (37.0, 1.0),
        (-1000.0, 0.0),
        (1000.0, 1.0),
    ]:
        assert sigmoid(x) == near(y)
    for x in (0.3, 2.0, 17.0):
        assert sigmoid(-x) == pytest.approx(1.0 - sigmoid(x), abs=2.3e-16)
    for x, slope in [
        (0.0, 0.25),
        (1.0, 0.19661193324148185),
        (5.0, 0.006648056670790155),
        (10.0, 4.5395807735951671e-5),
    ]:
        value = Value(x)
        sigmoid(value).backward()
        assert value.grad == near(slope)


def test_tanh():
    assert tanh(0.5) == near(0.46211715726000976)
    assert tanh(1.0) == near(0.7615941559557649)
    for x, slope in [(0.5, 0.7864477329659274), (1.0, 0.41997434161402607), (0.0, 1.0)]:
        value = Value(x)
        tanh(value).backward()
        assert value.grad == near(slope)
    for x in (-50.0, -3.0, -0.1, 0.0, 0.7, 12.0, 50.0):
        assert tanh(x) == pytest.approx(2.0 * sigmoid(2.0 * x) - 1.0, abs=1e-15)
        assert tanh(-x) == -tanh(x)


def test_relu_and_its_relatives():
    for x, y, slope in [(-2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (3.0, 3.0, 1.0)]:
        value = Value(x)
        relu(value).backward()
        assert (relu(x), value.grad) == (y, slope)
    for x, y, slope in [(-2.0, -0.2, 0.1), (3.0, 3.0, 1.0)]:
        value = Value(x)
        leaky_relu(value, 0.1).backward()
        assert (leaky_relu(x, 0.1), value.grad) == (y, slope)
    assert leaky_relu(-2.0, -1.0) == 2.0  # absolute ReLU
    assert leaky_relu(-1.0, 2.0) == -2.0  # where max(2z, z) would give -1
    z, alpha = Value(-3.0), Value(0.25)
    leaky_relu(z, alpha).backward()
    assert alpha.grad == -3.0  # parametric ReLU
    assert [hardtanh(x) for x in (-2.0, 0.5, 3.0)] == [-1.0, 0.5, 1.0]


def test_softmax():
    p = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
    assert softmax([1.0, 2.0, 3.0]) == near(p)
    assert softmax([1000.0, 1001.0, 1002.0]) == near(p)
    assert sum(softmax([0.1, -5.0, 7.0])) == near(1.0)


def test_gelu_and_softplus():
    assert gelu(1.0) == near(0.8413447460685429)
    assert gelu(-1.0) == near(-0.15865525393145705)
    assert gelu(1.0, approximate="tanh") == near(0.8411919906082767)
    for x, y in [
        (0.0, 0.6931471805599453),
        (1.0, 1.3132616875182228),
        (-50.0, 1.9287498479639178e-22),
        (1000.0, 1000.0),
    ]:
        assert softplus(x) == near(y)
    value = Value(0.3)
    softplus(value).backward()
    assert value.grad == near(sigmoid(0.3))


def test_radial_basis_function_with_its_sign():
    w, x, s = Value(1.0), 3.0, 2.0
    assert exp(-square(w - x) / s**2).data == near(0.36787944117144233)


# --- differentiation -----------------------------------------------------------------------------


def test_the_graph_of_a_line():
    w, x, q = Value(2.0), Value(3.0), Value(1.0)
    a = w * x
    y = a + q
    y.backward()
    assert len(nodes(y)) == 5 and sum(len(node.parents) for node in nodes(y)) == 4
    assert (y.data, w.grad, x.grad, q.grad) == (7.0, 3.0, 2.0, 1.0)


def test_the_model_of_two_parameters():
    t1, t2, x, y = Value(2.0), Value(-3.0), Value(4.0), Value(5.0)
    a = t1 * t2
    b = a * x
    c = b - y
    loss = c**2
    loss.backward()
    assert (a.data, b.data, c.data, loss.data) == (-6.0, -24.0, -29.0, 841.0)
    assert (c.grad, b.grad, a.grad) == (-58.0, -58.0, -232.0)
    assert (t1.grad, t2.grad, x.grad, y.grad) == (696.0, -464.0, 348.0, 58.0)
    assert len(nodes(loss)) == 8 and sum(len(node.parents) for node in nodes(loss)) == 7


def test_factors_are_reused():
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_the_forward_and_the_back_propagation_algorithm():
    a = [[1.0, 2.0], [3.0, 4.0]]
    w = [[Value(0.1), Value(-0.2)], [Value(0.3), Value(0.4)]]
    b = [Value(0.5), Value(-0.5)]
    targets = [[1.0, 0.0], [0.0, 1.0]]
    outputs = [[sigmoid(dot(row, [w[0][j], w[1][j]]) + b[j]) for j in range(2)] for row in a]
    loss = 0.25 * sum(
        (output - target) ** 2
        for row, wanted in zip(outputs, targets, strict=True)
        for output, target in zip(row, wanted, strict=True)
    )
    loss.backward()
    assert loss.data == pytest.approx(0.31188109307778783, rel=1e-15)
    assert [[v.grad for v in row] for row in w] == [
        pytest.approx([0.1181279877632245, -0.06762657253336535], rel=1e-14),
        pytest.approx([0.14377793229661917, -0.046529686392093816], rel=1e-14),
    ]
    assert [v.grad for v in b] == pytest.approx(
        [0.02564994453339466, 0.021096886141271524], rel=1e-13
    )


# --- pathologies ---------------------------------------------------------------------------------


def sigmoid_chain(weights, x, activation=sigmoid):
    for weight in weights:
        x = activation(weight * x)
    return x


def test_the_vanishing_chain():
    w = [Value(1.0) for _ in range(3)]
    y = sigmoid_chain(w, 1.0)
    y.backward()
    assert y.data == pytest.approx(0.6626302265192633, rel=1e-15)
    assert [v.grad for v in w] == pytest.approx(
        [0.0096415845415095515, 0.0358501285982466, 0.1509055906580287], rel=1e-14
    )
    assert w[0].grad < 0.25**3


@pytest.mark.parametrize(("depth", "slope"), [(10, 2.7847671758e-7), (20, 9.139e-14)])
def test_the_gradient_of_a_sigmoid_chain_is_bounded(depth, slope):
    w = [Value(1.0) for _ in range(depth)]
    sigmoid_chain(w, 1.0).backward()
    assert w[0].grad == pytest.approx(slope, rel=1e-4) and w[0].grad <= 0.25**depth


def test_relu_does_not_vanish_tanh_does_and_a_linear_chain_explodes():
    w = [Value(1.0) for _ in range(50)]
    sigmoid_chain(w, 1.0, relu).backward()
    assert w[0].grad == 1.0
    w = [Value(1.0) for _ in range(20)]
    sigmoid_chain(w, 1.0, tanh).backward()
    assert w[0].grad == pytest.approx(0.01611, rel=1e-3)
    w = [Value(2.0) for _ in range(20)]
    sigmoid_chain(w, 1.0, lambda z: z).backward()
    assert w[0].grad == 524288.0


def test_the_bound_holds_for_any_weights():
    rng = random.Random(2)
    for _ in range(50):
        w = [Value(rng.uniform(-3.0, 3.0)) for _ in range(5)]
        x = rng.uniform(-2.0, 2.0)
        sigmoid_chain(w, x).backward()
        bound = 4.0**-5 * abs(x) * math.prod(abs(v.data) for v in w[1:])
        assert abs(w[0].grad) <= bound


def mean_squared_error(activation, w, b, xs, targets):
    return sum((activation(w * x + b) - t) ** 2 for x, t in zip(xs, targets, strict=True)) / len(xs)


def test_a_dead_relu_and_a_leaky_one():
    xs = [-1.0, -0.5, 0.0, 0.5, 1.0]
    for activation, expected in [(relu, (0.0, 0.0)), (lambda z: leaky_relu(z, 0.1), (0.05, -2.0))]:
        w, b = Value(1.0), Value(-10.0)
        loss = sum((activation(w * x + b) - 1.0) ** 2 for x in xs)
        assert gradient(loss, [w, b]) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("rate", "dead"), [(2.0, True), (0.05, False)])
def test_too_large_a_rate_kills_a_relu(rate, dead):
    xs = [-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0]
    targets = [max(0.0, x) for x in xs]
    w, b = Value(1.0), Value(0.5)
    label(w=w, b=b)
    for _ in range(200):
        loss = mean_squared_error(relu, w, b, xs, targets)
        dw, db = gradient(loss, [w, b])
        w.data -= rate * dw
        b.data -= rate * db
    loss = mean_squared_error(relu, w, b, xs, targets)
    if dead:
        assert (round(w.data, 3), round(b.data, 3)) == (-0.857, -0.929)
        assert loss.data == pytest.approx(2.0357, abs=1e-4)
        assert gradient(loss, [w, b]) == [0.0, 0.0]
    else:
        assert loss.data < 1e-2
