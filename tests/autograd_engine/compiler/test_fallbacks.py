"""Graphs without structure: straight-line Python, level by level, and replay equal eager code."""

import random
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
import nn
from autograd_engine import Value, gradient, primitives
from autograd_engine.compiler import CompileWarning, compile
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.levels import Levels, levels
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.replay import Replay
from autograd_engine.compiler.straight import StraightLine, straight_line

KINDS = [StraightLine, Levels, Replay]

# Where a primitive is smooth; elsewhere between -1 and 1.
POSITIVE = {"log", "log2", "log10", "sqrt", "cbrt", "reciprocal", "/", "**", "log1p", "atan2"}
ABOVE_ONE = {"acosh"}
SEQUENCES = {"sum", "mean", "prod", "dot", "logsumexp", "softmax", "log_softmax"}
SETTINGS = {"**n": {"exponent": 3.0}, "celu": {"alpha": 0.7}}


def apply(name, xs, rng):
    """A primitive of numbers of any size."""
    primitive = primitives.TABLE[name]
    if name in SETTINGS:
        primitive = primitive.bind(**SETTINGS[name])
    squashed = [ae.tanh(x) * 0.9 for x in xs]
    if name in POSITIVE:
        squashed = [x + 1.0 for x in squashed]
    if name in ABOVE_ONE:
        squashed = [x + 2.0 for x in squashed]
    if name in SEQUENCES:
        if "softmax" in name:
            return getattr(ae, name)(squashed)[rng.randrange(len(squashed))]
        return primitive(squashed, squashed[::-1]) if name == "dot" else primitive(squashed)
    operands = [rng.choice(squashed) for _ in primitive.operands]
    if len(operands) > 1 and rng.random() < 0.2:
        operands[-1] = rng.uniform(0.1, 2.0)  # a constant
    return primitive(*operands)


def irregular(seed, numbers, names):
    """A graph, some of its nodes, and its leaves; the same graph for all numbers."""
    rng = random.Random(seed)
    leaves = [Value(number) for number in numbers]
    pool = list(leaves)
    for name in names:
        xs = [rng.choice(pool) for _ in range(rng.randrange(1, 5))]
        if rng.random() < 0.4:  # what users write most
            left, right = rng.choice(pool), rng.choice(pool)
            made = rng.choice([left + right, left * right, left - right, -left, left * 0.5])
            pool.append(ae.tanh(made))
        pool.append(apply(name, xs, rng))
    loss = sum(x * rng.uniform(-1.0, 1.0) for x in pool) / len(pool)
    return loss, [pool[-1], rng.choice(pool)], leaves


def made(kind, loss, outputs, parameters, inputs, params, grads, numbers):
    if kind is Replay:
        return Replay(loss, parameters, inputs, params, grads, numbers, outputs)
    normal = normalise(Columns(loss, *outputs), loss, parameters, inputs, outputs)
    if kind is Levels:
        return Levels(normal, levels(normal), params, grads, numbers)
    return StraightLine(normal, params, grads, numbers)


def equal(kind, seed, names, rows):
    """Record with some numbers, run with others, compare with what is recorded with those."""
    rng = random.Random(seed + 1)
    trained = [rng.uniform(-2.0, 2.0) for _ in range(4)]
    examples = [[rng.uniform(-2.0, 2.0) for _ in range(3)] for _ in range(rows or 1)]
    recorded = [0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9]
    loss, outputs, leaves = irregular(seed, recorded, names)
    params, grads = np.array(trained), np.full(4, np.nan)
    numbers = np.array(examples if rows else examples[0])
    program = made(kind, loss, outputs, leaves[:4], leaves[4:], params, grads, numbers)
    for _ in range(2):  # twice, because what a run leaves behind must not matter
        with np.errstate(all="ignore"):
            value = program.forward()
            program.backward()
    expected, slopes = [], []
    for i, example in enumerate(examples):
        loss, outputs, leaves = irregular(seed, trained + example, names)
        expected.append(loss.data)
        slopes.append(gradient(loss, leaves[:4]))
        if rows:
            ours = [output[i] for output in program.outputs]
            assert ours == pytest.approx([x.data for x in outputs], rel=1e-9, abs=1e-9)
    assert value == pytest.approx(np.mean(expected), rel=1e-9, abs=1e-9)
    slopes = np.mean(slopes, 0)
    assert grads == pytest.approx(slopes, rel=1e-9, abs=1e-9 * (1.0 + np.abs(slopes).max()))


@pytest.mark.parametrize("kind", KINDS)
@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from(list(primitives.TABLE)), min_size=1, max_size=30),
    st.sampled_from([0, 1, 3]),
)
def test_random_graphs(kind, seed, names, rows):
    equal(kind, seed, names, rows)


@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_primitive(kind, rows):
    equal(kind, 0, list(primitives.TABLE), rows)


def wide(size, seed=0):
    rng = random.Random(seed)
    pool = [Value(rng.uniform(-1.0, 1.0)) for _ in range(50)]
    parameters = list(pool)
    for _ in range(size):
        a, b = rng.choice(pool), rng.choice(pool)
        pool.append(ae.tanh(a * b) if rng.random() < 0.5 else (a - b) * 0.5)
    return ae.sum(pool), parameters


def chain(length):
    w, b, x = Value(0.5), Value(0.1), Value(0.3)
    y = x
    for _ in range(length):
        y = ae.tanh(w * y + b)
    return y, [w, b, x]


def micrograd():
    a, b, c, f = Value(2.0), Value(-3.0), Value(10.0), Value(-2.0)
    return (a * b + c) * f, [a, b, c, f]


@pytest.mark.parametrize(
    ("graph", "title"),
    [
        (micrograd, "13 lines of straight-line Python"),
        (lambda: chain(300), "lines of straight-line Python"),
        (lambda: wide(300), "lines of straight-line Python"),
        (lambda: wide(10_000), "level by level: "),
    ],
)
def test_what_suits_is_chosen_and_said(graph, title):
    loss, parameters = graph()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = compile(loss, parameters)
    report = program.report()
    assert title in report and "estimated microseconds of a step: " in report
    assert program.source.startswith(f"# {report.splitlines()[0]}\n")
    value, grads = program.value_and_grad()
    assert value == pytest.approx(loss.data, rel=1e-12)
    assert grads == pytest.approx(gradient(loss, parameters), rel=1e-9, abs=1e-12)
    program.params *= 0.5
    program.push()
    assert parameters[0].data == program.params[0]
    assert program() != value


def test_what_has_structure_stays_matrices():
    model = nn.MLP(2, [8, 1], seed=0)
    data = nn.data.boolean("xor")
    loss = nn.mse([model(x) for x, _ in data], [y for _, y in data])
    assert "np.matmul" in compile(loss, model.parameters()).source


def test_what_is_large_deep_and_narrow_is_replayed_with_a_warning():
    loss, parameters = chain(10_001)
    with pytest.warns(CompileWarning, match="it is deep and narrow"):
        program = compile(loss, parameters)
    value, grads = program.value_and_grad()
    assert value == pytest.approx(loss.data)
    assert grads == pytest.approx(gradient(loss, parameters))


def test_the_source_is_what_one_would_write():
    w, b, x = Value(0.5, label="w"), Value(-0.25, label="b"), Value(2.0, label="x")
    loss = 1.0 - ae.relu(w * x + b) ** 2
    program = compile(loss, [w, b], [x])
    assert program.source.splitlines()[1:] == [
        "def program(w, x):",
        "    [w0, w1] = w",
        "    [x0] = x",
        "    v1 = w0 * x0 + w1",
        "    v2 = (0.0 if v1 <= 0.0 else v1)",
        "    v3 = v2 * v2",
        "    v4 = 1.0 - v3",
        "    yield [v4]",
        "    dv4 = 1.0",
        "    dv3 = -dv4",
        "    dv2 = dv3 * (2.0 * v2)",
        "    dv1 = dv2 * (0.0 if v1 <= 0.0 else 1.0)",
        "    dw0 = dv1 * x0",
        "    dw1 = dv1",
        "    yield [dw0, dw1]",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_where_python_raises_ieee_754_holds(kind):
    def graph(a, b):
        leaves = [Value(a), Value(b)]
        return ae.log(leaves[0]) * leaves[1] + leaves[0] / ae.exp(leaves[1]), leaves

    loss, leaves = graph(1.0, 2.0)
    params, grads = np.ones(2), np.zeros(2)
    program = made(kind, loss, [], leaves, [], params, grads, np.zeros(0))
    for numbers in [(0.0, 1.0), (-1.0, 1.0), (1.0, 1e3), (1.0, -1e3), (np.inf, 0.0), (2.0, 3.0)]:
        params[:] = numbers
        with np.errstate(all="ignore"):
            value = program.forward()
            program.backward()
        loss, leaves = graph(*numbers)
        assert value == pytest.approx(loss.data, nan_ok=True)
        assert grads == pytest.approx(gradient(loss, leaves), nan_ok=True)


def test_a_rule_with_an_if_is_replayed():
    @ae.primitive
    def bent(m, x):
        return (x, (1.0,)) if x > 0.0 else (0.1 * x, (0.1,))

    x = Value(2.0)
    with pytest.warns(CompileWarning, match="instead of if, max or min"):
        program = compile(bent(x) * 3.0, [x])
    program.params[:] = -2.0
    assert program() == pytest.approx(-0.6)


@pytest.mark.parametrize("kind", KINDS)
def test_primitives_of_ones_own(kind):
    @ae.primitive
    def own(m, x, y):
        return abs(x) ** 3 * y, (3 * x**2 * m.sign(x) * y, abs(x) ** 3)

    loss = own(x := Value(-2.0), y := Value(3.0)) * 1.0
    grads = np.zeros(2)
    program = made(kind, loss, [], [x, y], [], np.array([-2.0, 3.0]), grads, np.zeros(0))
    assert program.forward() == 24.0
    program.backward()
    assert grads.tolist() == [-36.0, 8.0]


def calls(work):
    """How many functions are called."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def touched(program):
    """How many places the tables of a program name."""
    totals = [slopes.total for slopes in program._sweep]
    totals += [step.total for step in program._steps if hasattr(step, "total")]
    operands = [step.operands.size for step in program._steps if hasattr(step, "operands")]
    return sum(total.left.size + total.row.size for total in totals) + sum(operands)


def test_nothing_is_quadratic():
    counts = []
    for size in (1_000, 10_000):
        loss, parameters = wide(size)
        normal = normalise(Columns(loss), loss, parameters, [])
        deep, leaves = chain(size // 2)
        narrow = normalise(Columns(deep), deep, leaves, [])
        params = np.zeros(50)
        scheduled = Levels(normal, levels(normal), params, params, np.zeros(0))
        replay = Replay(deep, leaves, [], np.zeros(3), np.zeros(3), np.zeros(0))
        counts.append(
            [
                calls(lambda: compile(loss, parameters)),  # noqa: B023
                calls(lambda: levels(narrow)),  # noqa: B023
                calls(lambda: straight_line(narrow, 3, 0)),  # noqa: B023
                calls(replay.forward),
                touched(scheduled),
                sum(len(step.rows) for step in scheduled._sweep),
                len(straight_line(narrow, 3, 0)),
            ]
        )
    for few, many in zip(*counts, strict=True):
        assert many < 13 * few, counts


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_returned_besides_has_no_part_in_the_gradient(kind):
    a, b = Value(3.0), Value(2.0)
    loss = a * b
    outputs = [loss * loss, ae.sqrt(a * 0.0)]  # of which the slope is infinite
    grads = np.zeros(2)
    program = made(kind, loss, outputs, [a, b], [], np.array([3.0, 2.0]), grads, np.zeros((1, 0)))
    with np.errstate(all="ignore"):
        assert program.forward() == 6.0
        program.backward()
    assert [output.tolist() for output in program.outputs] == [[36.0], [0.0]]
    assert grads.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("length", "count", "title"),
    [
        (100, 1, "straight-line Python"),
        (40, 500, "forward and"),
        (400, 20, "level by level"),
    ],
)
def test_functions_fall_back_too(length, count, title):
    rng = random.Random(3)
    w = [Value(rng.uniform(-1.0, 1.0)) for _ in range(6)]
    choices = [[rng.randrange(1000) for _ in range(3)] for _ in range(length)]

    def f(x):
        pool = [*w, x[0], x[1]]
        for a, b, operation in choices:
            left, right = pool[a % len(pool)], pool[b % len(pool)]
            pool.append([left * right, left - right, ae.tanh(left), ae.sin(left)][operation % 4])
        return ae.mean(pool)

    loss = compile(f)
    batch = np.random.default_rng(0).normal(size=(count, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, grads = loss.value_and_grad(batch)
    assert title in loss.source.splitlines()[0]
    eager = ae.mean([f(row) for row in batch.tolist()])
    assert value == pytest.approx(eager.data, rel=1e-9)
    assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-9, abs=1e-12)
