"""Compiled graphs equal what was recorded, however they were written."""

import builtins
import math
import random
import re
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
import nn
from autograd_engine import Value, gradient
from autograd_engine.compiler import CompileWarning, compile, hessian_vector_product
from autograd_engine.compiler.branches import recorded_branches
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import differentiate, gather
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.interpret import interpret
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.roll import roll
from autograd_engine.value import as_node

UNARY = [
    *("tanh", "relu", "sigmoid", "exp", "sin", "softplus", "square", "gelu", "silu", "erf", "abs"),
    *("cbrt", "neg", "identity", "step", "elu", "atan", "hardtanh", "logsigmoid", "softsign"),
    *("mish", "asinh"),
]
BINARY = ["+", "-", "*", "/", "maximum", "minimum", "hypot", "atan2"]
SEQUENCE = ["sum", "mean", "dot", "prod", "logsumexp", "softmax", "log_softmax"]


def apply(operation, xs):
    match operation:
        case "+":
            return xs[0] + xs[1]
        case "-":
            return xs[0] - xs[1]
        case "*":
            return xs[0] * xs[1]
        case "/":
            return xs[0] / (xs[1] * xs[1] + 1.0)
        case "neg":
            return -xs[0]
        case "identity":
            return ae.primitives.identity(xs[0])
        case "exp":
            return ae.exp(ae.tanh(xs[0]))
        case "cbrt":
            return ae.cbrt(xs[0] * xs[0] + 0.5)
        case "hypot" | "atan2":
            return getattr(ae, operation)(xs[0], xs[1] * xs[1] + 0.5)
        case "dot":
            return ae.dot(xs, xs[::-1])
        case "softmax" | "log_softmax":
            return getattr(ae, operation)(xs)[len(xs) // 2]
        case _ if operation in UNARY:
            return getattr(ae, operation)(xs[0])
        case _ if operation in BINARY:
            return getattr(ae, operation)(xs[0], xs[1])
        case _:
            return getattr(ae, operation)(xs)


def random_graph(rng):
    """A graph with structure: each round applies one operation to many of the last numbers."""
    parameters = [Value(rng.uniform(-1.0, 1.0)) for _ in range(rng.randrange(2, 8))]
    pool = list(parameters)
    for _ in range(rng.randrange(1, 6)):
        operation = rng.choice(UNARY + BINARY + SEQUENCE)
        count = rng.randrange(1, 7)
        made = []
        for k in range(count):
            length = rng.randrange(1, 5) if rng.random() < 0.3 else 3
            if rng.random() < 0.7:  # regular, as programs are
                start = rng.randrange(len(pool)) if rng.random() < 0.3 else 0
                xs = [pool[(start + k + j) % len(pool)] for j in range(max(2, length))]
            else:
                xs = [rng.choice(pool) for _ in range(max(2, length))]
            if rng.random() < 0.2:
                xs[1] = xs[0]  # a + a
            if rng.random() < 0.3:
                xs[-1] = rng.choice([0.0, 1.0, -2.0, 0.5])
            if not isinstance(xs[0], Value):
                xs[0] = pool[0]
            made.append(apply(operation, xs))
        made = [m if abs(m.data) < 1e3 else ae.tanh(m) for m in made]
        pool = [*made, *rng.sample(pool, min(len(pool), 4))]
    return sum(x * (i + 1) for i, x in enumerate(pool)), parameters


def compiled(loss, parameters, dtype="float64"):
    plan = roll(normalise(Columns(loss), loss, parameters, []), len(parameters), 0)
    differentiate(plan)
    emitted = emit(plan, dtype)
    namespace = {}
    exec(builtins.compile(emitted.source, "<test>", "exec"), namespace)
    params = np.array([p.data for p in parameters], dtype)
    grads = np.zeros(len(parameters), dtype)
    forward, backward = namespace["make"](params, grads, np.zeros(0, dtype), emitted.constants)
    for _ in range(2):  # twice, because what a run leaves behind must not matter
        value = forward()
        backward()
    return plan, value, grads, emitted.source


@given(st.integers(0, 2**32))
def test_random_graphs(seed):
    loss, parameters = random_graph(random.Random(seed))
    expected = gradient(loss, parameters)
    scale = 1.0 + max(map(abs, expected))
    plan, value, grads, source = compiled(loss, parameters)
    oracle, slopes = interpret(plan, [p.data for p in parameters])
    assert oracle == pytest.approx(loss.data, rel=1e-9, abs=1e-9)
    assert slopes == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)
    assert value == pytest.approx(loss.data, rel=1e-9, abs=1e-9), source
    assert grads == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale), source


@given(st.integers(0, 2**32))
def test_random_graphs_differentiated_as_scalars(seed):
    loss, parameters = random_graph(random.Random(seed))
    with recorded_branches():
        slopes = gradient(loss, parameters, create_graph=True)
    slopes = [s if s in parameters or not s.is_leaf else as_node(s.data) for s in slopes]
    normal = normalise(Columns(loss, *slopes), loss, parameters, [], slopes)
    plan = roll(normal, len(parameters), 0)
    gather(plan)
    value, grads = interpret(plan, [p.data for p in parameters])
    expected = gradient(loss, parameters)
    scale = 1.0 + max(map(abs, expected))
    assert value == pytest.approx(loss.data, rel=1e-9, abs=1e-9)
    assert grads == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


@given(st.integers(0, 2**32))
def test_random_graphs_in_single_precision(seed):
    loss, parameters = random_graph(random.Random(seed))
    expected = gradient(loss, parameters)
    scale = 1.0 + max(map(abs, expected))
    _, value, grads, source = compiled(loss, parameters, "float32")
    assert value == pytest.approx(loss.data, rel=1e-3, abs=1e-3 * (1.0 + abs(loss.data))), source
    assert grads == pytest.approx(expected, rel=1e-2, abs=1e-3 * scale), source


def moons_loss(model):
    data = nn.data.moons(100, noise=0.1, seed=1)
    scores = [model(x) for x, _ in data]
    labels = [2.0 * y - 1.0 for _, y in data]
    return nn.hinge(scores, labels) + nn.l2(model.parameters(), 1e-4)


def chain_loss(model):
    """The same as micrograd has it: sums and products one by one."""

    def neuron(unit, x, activate):
        total = sum((w * xi for w, xi in zip(unit.w, x, strict=True)), unit.b)
        return total.relu() if activate else total

    losses = []
    for x, y in nn.data.moons(100, noise=0.1, seed=1):
        x = [Value(number) for number in x]
        for depth, layer in enumerate(model.layers):
            x = [neuron(unit, x, depth < 2) for unit in layer.neurons]
        losses.append((1 + -(2 * y - 1) * x[0]).relu())
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    return sum(losses) * (1.0 / len(losses)) + penalty


@pytest.mark.parametrize("written", [moons_loss, chain_loss])
def test_the_moons_demo_becomes_matrices(written):
    model = nn.MLP(2, [16, 16, 1], seed=1)
    loss = written(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = compile(loss, model.parameters())
    value, grads = program.value_and_grad()
    assert value == pytest.approx(loss.data, rel=1e-12)
    assert grads == pytest.approx(gradient(loss, model.parameters()), rel=1e-9, abs=1e-12)
    for line in (
        "z1 = c1 @ W1.T + b1",
        "a1 = np.maximum(z1, 0)",
        "z2 = a1 @ W2.T + b2",
        "gz2 = ga2 * (z2 > 0)",
        "ga1 = gz2 @ W2",
        "gW1 += gz1.T @ c1",
    ):
        assert line in program.source, program.source
    assert re.match(r"\d\d,\d+ recorded scalars, in \d{1,2} lines forward", program.report())
    assert len(program.report().splitlines()) < 25


def test_training_a_program():
    model = nn.MLP(2, [8, 1], "tanh", seed=0)
    data = nn.data.boolean("xor")
    loss = nn.binary_cross_entropy_with_logits([model(x) for x, _ in data], [y for _, y in data])
    program = compile(loss, model.parameters())
    for _ in range(300):
        _, grads = program.value_and_grad()
        program.params -= 1.0 * grads
    program.push()
    assert program() < 0.05
    assert nn.metrics.accuracy([model(x) for x, _ in data], [y for _, y in data]) == 1.0
    model.parameters()[0].data = 5.0
    program.pull()
    assert program.params[0] == 5.0


def test_inputs_change_from_call_to_call():
    w, x = Value(3.0, label="w"), [Value(2.0), Value(1.0)]
    program = compile((w * x[0] - x[1]) ** 2, [w], x)
    assert program() == 25.0
    value, grads = program.value_and_grad([5.0, 0.0])
    assert (value, grads.tolist()) == (225.0, [150.0])
    with pytest.raises(ValueError, match="number of inputs is 2, got 1"):
        program([1.0])
    for wrong in (["a", "b"], [1.0, None], [1.0 + 2j, 0.0]):
        with pytest.raises(TypeError, match="inputs must be a number"):
            program(wrong)
    assert program() == 225.0  # with the inputs of the last call that had some


def test_inputs_in_a_dict_have_no_order():
    w, x, y = Value(3.0), Value(2.0), Value(1.0)
    program = compile((w * x - y) ** 2, [w], {"x": [x], "y": y})
    assert program({"x": [5.0], "y": 0.0}) == program({"y": 0.0, "x": [5.0]}) == 225.0
    assert program([5.0, 1.0]) == 196.0
    for wrong in ({"x": [5.0]}, {"x": 5.0, "y": 1.0}, {"x": [5.0], "z": 1.0}):
        with pytest.raises(ValueError, match="the structure of the program's inputs"):
            program(wrong)


def test_what_cannot_be_compiled_is_replayed_with_a_warning():
    @ae.primitive
    def norm(m, xs):
        total = m.dot(xs, xs)
        return total, ([2.0 * x for x in xs],)

    values = [Value(float(i)) for i in range(1, 4)]
    loss = norm(values) * 2.0
    with pytest.warns(CompileWarning, match="6 nodes is replayed node by node: norm over a seq"):
        program = compile(loss, values)
    program.params *= 2.0
    value, grads = program.value_and_grad()
    assert value == 112.0 and grads.tolist() == [8.0, 16.0, 24.0]
    assert "replayed" in program.report() and "replayed" in program.source


def test_a_rule_that_is_wrong_on_arrays_is_found_out():
    @ae.primitive
    def odd(m, x):
        return m.where(x > 0.0, x, 2.0 * x) if m is not ae.floats else x * 3.0, (3.0,)

    x = Value(1.5)
    with pytest.warns(CompileWarning, match=r"its value comes out as 1\.5, recorded was 4\.5"):
        program = compile(odd(x) * 1.0, [x])
    assert program() == 4.5


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda x: compile(3.0), TypeError, r"takes a Value or a function, got 3\.0"),
        (lambda x: compile(x * 2, [3.0]), TypeError, "parameters must be Values"),
        (lambda x: compile(x * 2, [x * 3]), ValueError, "is no leaf of the graph"),
        (lambda x: compile(x * 2, [x], [Value(1.0)]), ValueError, "the input .* is no leaf"),
        (lambda x: compile(x * 2, [x], [x]), ValueError, "given once"),
        (lambda x: compile(x * 2, dtype="int8"), ValueError, "dtype must be one of float64"),
    ],
)
def test_wrong_arguments_are_told(make, error, message):
    with pytest.raises(error, match=message):
        make(Value(1.0))


@given(st.text(max_size=30))
def test_labels_inject_nothing_into_the_source(label):
    rows = [[Value(0.5 + i + j) for i in range(3)] for j in range(2)]
    for row in rows:
        for value in row:
            value.label = label
    loss = sum(ae.dot(row, [1.0, 2.0, 3.0]) ** 2 for row in rows)
    program = compile(loss)
    assert program() == pytest.approx(loss.data)


def test_record_and_compile_grow_linearly_in_statements():
    counts = []
    for n in (20, 200):
        model = nn.MLP(2, [8, 1], seed=0)
        data = nn.data.moons(n, seed=0)
        loss = nn.mse([model(x) for x, _ in data], [y + 2.0 for _, y in data])
        counts.append(compile(loss, model.parameters()).source.count("\n"))
    assert counts[0] == counts[1]


def test_hessian_vector_products():
    model = nn.MLP(2, [4, 1], "tanh", seed=1)
    parameters = model.parameters()
    data = nn.data.moons(8, seed=1)
    loss = nn.mse([model(x) for x, _ in data], [y + 0.5 for _, y in data])
    product = hessian_vector_product(loss, parameters)

    def of_numbers(numbers):
        w = iter(numbers)
        hidden = [[next(w) for _ in range(3)] for _ in range(4)]
        out = [next(w) for _ in range(5)]
        total = 0.0
        for x, y in data:
            h = [ae.tanh(ae.dot(row[:2], x) + row[2]) for row in hidden]
            total = total + (ae.dot(out[:4], h) + out[4] - (y + 0.5)) ** 2
        return total / len(data)

    expected = np.array(ae.hessian(of_numbers)([p.data for p in parameters]))
    assert product.matrix() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    vector = np.arange(17.0)
    assert product(vector) == pytest.approx(expected @ vector, rel=1e-9, abs=1e-11)
    assert " @ " in product.source and "replayed" not in product.source


def test_what_softmaxes_share_comes_before_all_of_them():
    xs, ys = [Value(0.3), Value(-1.0)], [Value(2.0), Value(0.5)]
    first = ae.primitives.softmax(ys, index=0)
    second = ae.primitives.softmax(xs, index=1)
    loss = first * second + ae.tanh(second) * ae.primitives.softmax(xs, index=0)
    program = compile(loss)
    value, grads = program.value_and_grad()
    assert value == pytest.approx(loss.data, rel=1e-12)
    assert grads == pytest.approx(gradient(loss, program.parameters), rel=1e-9)
    assert "replayed" not in program.source


def test_normalising_a_softmax_is_linear_in_its_size():
    terms = []
    for size in (50, 100):
        parameters = [Value(i / size) for i in range(size)]
        loss = ae.dot(ae.softmax(parameters), [i % 3 for i in range(size)])
        columns = Columns(loss)
        normal = normalise(columns, loss, parameters, [])
        terms.append(len(columns.parents) + len(normal.lefts))
    assert terms[1] < 2.1 * terms[0]


def kinds_of_scalars(loss, parameters):
    operations = normalise(Columns(loss), loss, parameters, []).operations
    return Counter(x if isinstance(x, str) else x.name for x in operations)


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-200, 1e200])
def test_what_was_computed_twice_is_one(scale):
    a, b = Value(-0.5 * scale), Value(0.25)

    def inner():
        return ae.sin(a * b - a * 3.0 + b)

    loss = inner() * 2.0 + ae.exp(inner()) + ae.log(4.0 + inner())
    found = kinds_of_scalars(loss, [a, b])
    assert [found[name] for name in ("sin", "exp", "log", "sum")] == [1, 1, 1, 3]


def test_what_is_made_of_numbers_twice_is_one():
    a, b, x = Value(0.5), Value(0.25), Value(2.0)
    loss = ae.tanh(a * (x * x) + b) * ae.exp(ae.tanh(a * (x * x) + b))
    found = kinds_of_scalars(loss, [a, b])
    assert [found[name] for name in ("tanh", "exp")] == [1, 1]
    assert found["sum"] == 3  # x * x, what tanh is of, and the product


@pytest.mark.parametrize("number", [1e-60, 1e60])
def test_numbers_beyond_single_precision_warn_of_nothing(number):
    a, b = Value(number), Value(0.25)
    loss = ae.tanh(a * b) + ae.tanh(a * b)
    with np.errstate(all="raise"):
        program = compile(loss, [a, b])
    assert program() == pytest.approx(2.0 * math.tanh(number * 0.25))
    assert "replayed" not in program.source


def test_constants_of_one_number_are_one_but_for_their_sign():
    a, b = Value(2.0), Value(3.0)
    loss = ae.atan2(a, 0.0) * ae.atan2(b, -0.0) + ae.hypot(a, 7.0) * ae.hypot(b, 7.0)
    assert kinds_of_scalars(loss, [a, b])["constant"] == 3


def test_what_only_happens_to_be_equal_is_not_one():
    a, b = Value(2.0), Value(2.0)
    loss = ae.tanh(a * 3.0) * ae.exp(a) + ae.tanh(b * 3.0) * ae.exp(b) * 5.0
    assert kinds_of_scalars(loss, [a, b])["tanh"] == 2
    value, grads = compile(loss, [a, b]).value_and_grad()
    e, t = math.exp(2.0), math.tanh(6.0)
    slope = e * t + 3.0 * e * (1.0 - t * t)
    assert value == pytest.approx(6.0 * e * t)
    assert grads == pytest.approx([slope, 5.0 * slope])


def test_a_sequence_that_two_nodes_share_is_used_twice():
    a, b = Value(0.5), Value(2.0)
    shared = (a * b, a + b)
    loss = ae.primitives.sum(shared) * ae.primitives.sum(shared) + ae.primitives.prod(shared)
    program = compile(loss, [a, b])
    value, grads = program.value_and_grad()
    assert value == pytest.approx(3.5 * 3.5 + 2.5)
    assert grads == pytest.approx([7.0 * 3.0 + 2.0 * 2.5 + 1.0, 7.0 * 1.5 + 0.5 * 2.5 + 1.0])
    assert "replayed" not in program.source


def test_a_quotient_by_a_number_whose_reciprocal_is_infinite():
    x = Value(1e-310)
    with pytest.warns(CompileWarning, match="comes out as inf"):
        program = compile(x / 1e-310)
    assert program() == 1.0
