"""Ragged loops are padded, and what pads them never reaches a result."""

import builtins
import random
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
from autograd_engine import Value, dot, gradient, softmax
from autograd_engine.compiler import (
    CompiledFunction,
    arrays,
    compile,
    hessian_vector_product,
)
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.emit import emit
from autograd_engine.compiler.interpret import interpret
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.pad import resting
from autograd_engine.compiler.roll import roll
from autograd_engine.compiler.spelling import spelled
from autograd_engine.rules import Primitive

MAPS = {
    **{name: getattr(ae, name) for name in ("tanh", "relu", "sigmoid", "sin", "gelu", "atan")},
    **{name: getattr(ae, name) for name in ("softplus", "square", "abs", "erf", "cosh", "expm1")},
    "exp": lambda x: ae.exp(ae.tanh(x)),
    "log": lambda x: ae.log(x * x + 0.5),
    "sqrt": lambda x: (x * x + 0.5) ** 0.5,
    "reciprocal": lambda x: 1.0 / (x * x + 1.0),
    "acosh": lambda x: ae.acosh(x * x + 1.5),
    "atanh": lambda x: ae.atanh(0.9 * ae.tanh(x)),
    "hypot": lambda x: ae.hypot(x, 0.5 * x + 2.0),
    "maximum": lambda x: ae.maximum(x, 0.3 - x),
}
SHAPES = {
    "lower triangle": lambda n, t: range(t + 1),
    "strictly lower triangle": lambda n, t: range(t),
    "upper triangle": lambda n, t: range(t, n),
    "lower trapezoid": lambda n, t: range(min(n, t + 3)),
    "upper trapezoid": lambda n, t: range(max(0, t - 2), n),
    "backwards": lambda n, t: range(t, -1, -1),
    "band": lambda n, t: range(max(0, t - 1), min(n, t + 2)),
    "square": lambda n, t: range(n),
}


def ragged_function(rng):
    """A function of vectors that computes numbers for pairs of them, and sums over the pairs."""
    n, heads, width = rng.randrange(2, 7), rng.randrange(1, 4), rng.randrange(1, 4)
    shape = SHAPES[rng.choice(list(SHAPES))]
    first = rng.choice(["dot", "product", "sum", "one", "relative", "bias"])
    others = ["scale", "shift", "softmax", "softmax", "log_softmax", "centred", "pair", "running"]
    steps = [rng.choice([*MAPS, *others]) for _ in range(rng.randrange(0, 4))]
    last = rng.choice(["mix", "mix", "sum", "mean", "logsumexp", "dot", "all", "prod"])
    twice = rng.random() < 0.4
    biases = [Value(rng.uniform(-1.0, 1.0)) for _ in range(2 * n)]
    weights = [[Value(rng.uniform(-1.0, 1.0)) for _ in range(width)] for _ in range(heads)]

    def pair(x, y, w, t, s):
        match first:
            case "dot":
                return sum(a * b for a, b in zip(x, y, strict=True))
            case "product":
                return x[0] * y[-1]
            case "sum":
                return x[0] - y[0] + 1.0
            case "one":
                return y[0] * 1.0
            case "relative":
                return biases[n + t - s] * x[0]
            case _:
                return dot(x, y) + biases[t] + w[0]

    def step(kind, row, t):
        match kind:
            case "scale":
                return [0.5 * x for x in row]
            case "shift":
                return [x + 0.1 * t for x in row]
            case "softmax" | "log_softmax":
                return getattr(ae, kind)(row)
            case "centred":
                mean = sum(row) / len(row)
                return [x - mean for x in row]
            case "running":
                return [sum(row[: i + 1]) for i in range(len(row))]
            case "pair":
                return [x * y for x, y in zip(row, row[::-1], strict=True)]
            case _:
                return [MAPS[kind](x) for x in row]

    def f(vectors):
        outs = layer(vectors)
        if last == "mix" and twice and len(outs) == n * heads * width:
            outs += layer([[ae.tanh(x) for x in outs[t::n]] for t in range(n)])
        total = ae.tanh(0.1 * sum(outs)) + sum(x * x for x in outs) * (1.0 / 7.0)
        return total + biases[0] * weights[0][0]

    def layer(vectors):
        outs = []
        for t in range(n):
            for w in weights:
                places = list(shape(n, t))
                row = [pair(vectors[t], vectors[s], w, t, s) for s in places]
                if not row:
                    continue
                for kind in steps:
                    row = step(kind, row, t)
                match last:
                    case "mix":
                        for j in range(width):
                            parts = zip(row, places, strict=True)
                            outs.append(sum(x * vectors[s][j] * w[j] for x, s in parts))
                    case "all":
                        outs += row
                    case "dot":
                        outs.append(dot(row, [vectors[s][-1] for s in places]))
                    case _:
                        outs.append(getattr(ae, last)(row))
        return outs

    return f, (n, width), [*biases, *(x for w in weights for x in w)]


def compiled(loss, parameters):
    plan = roll(normalise(Columns(loss), loss, parameters, []), len(parameters), 0)
    differentiate(plan)
    emitted = emit(plan)
    namespace = {}
    exec(builtins.compile(emitted.source, "<test>", "exec"), namespace)
    grads = np.zeros(len(parameters))
    params = np.array([p.data for p in parameters])
    forward, backward = namespace["make"](params, grads, np.zeros(0), emitted.constants)
    for _ in range(2):  # twice, because what a run leaves behind must not matter
        value = forward()
        backward()
    return plan, value, grads, emitted.source


def attention(weights, vectors, heads):
    """Causal self-attention in scalar loops."""
    wq, wk, wv = weights
    width = len(wq) // heads
    queries, keys, values = (
        [[sum(a * b for a, b in zip(row, x, strict=True)) for row in w] for x in vectors]
        for w in (wq, wk, wv)
    )
    outs = []
    for t in range(len(vectors)):
        for h in range(heads):
            part = range(h * width, h * width + width)
            scores = [
                sum(queries[t][j] * keys[s][j] for j in part) / width**0.5 for s in range(t + 1)
            ]
            attended = softmax(scores)
            outs += [sum(attended[s] * values[s][j] for s in range(t + 1)) for j in part]
    return outs


def masked_attention(weights, x, heads):
    """The same by hand, on arrays."""
    n, width = len(x), len(weights[0]) // heads
    q, k, v = (np.reshape(x @ np.transpose(w), (n, heads, width)) for w in weights)
    scores = np.einsum("thj,shj->hts", q, k) / width**0.5
    scores = np.where(np.tri(n) == 1.0, scores, -np.inf)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("hts,shj->thj", e / e.sum(-1, keepdims=True), v).reshape(n, -1)


def attention_problem(scale):
    """Weights as numbers and as Values, vectors, and what the outputs are multiplied by."""
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=(3, 4, 3)), rng.normal(size=(5, 3))
    weights[:2] *= scale
    values = [[[Value(w) for w in row] for row in matrix] for matrix in weights.tolist()]
    return weights, values, x, rng.normal(size=(5, 4))


def test_the_causal_mask_is_discovered():
    weights, values, x, upstream = attention_problem(1.0)
    parameters = [w for matrix in values for row in matrix for w in row]
    loss = dot(attention(values, x.tolist(), 2), upstream.ravel().tolist())
    program = compile(loss, parameters)
    assert "mask1 = np.tri(5)" in program.source
    assert re.search(r"np\.where\(mask1\[.*\], s\d.*, -np\.inf\)", program.source)
    assert "bincount" not in program.source and "constants['i" not in program.source
    assert "padded from 30 scalars to 50" in program.report()

    def by_hand(numbers):
        return float((masked_attention(numbers.reshape(3, 4, 3), x, 2) * upstream).sum())

    value, grads = program.value_and_grad()
    assert value == pytest.approx(by_hand(weights.ravel()), rel=1e-12)
    single = compile(loss, parameters, dtype="float32")
    assert "mask1 = np.tri(5, dtype=np.float32)" in single.source
    assert single() == pytest.approx(value, rel=1e-5)

    steps = 1e-6 * np.eye(weights.size)
    slopes = [(by_hand(weights.ravel() + d) - by_hand(weights.ravel() - d)) / 2e-6 for d in steps]
    assert grads == pytest.approx(slopes, rel=1e-6, abs=1e-8)


def test_large_scores_overflow_nowhere():
    weights, values, x, upstream = attention_problem(100.0)
    parameters = [w for matrix in values for row in matrix for w in row]
    loss = dot(attention(values, x.tolist(), 2), upstream.ravel().tolist())
    _, value, grads, source = compiled(loss, parameters)  # where a NumPy warning is an error
    assert "mask1 = np.tri(5)" in source
    by_hand = masked_attention(weights, x, 2)
    assert value == pytest.approx(float((by_hand * upstream).sum()), rel=1e-12)
    assert grads == pytest.approx(gradient(loss, parameters), rel=1e-9, abs=1e-12)


def test_second_derivatives_are_masked_too():
    weights, values, x, upstream = attention_problem(1.0)
    parameters = [w for matrix in values for row in matrix for w in row]
    loss = dot(attention(values, x.tolist()[:4], 2), upstream.ravel().tolist()[:16])
    program = compile(loss, parameters)
    vector = np.random.default_rng(3).normal(size=weights.size)
    slopes = []
    for sign in (1.0, -1.0):
        program.params[:] = weights.ravel() + sign * 1e-5 * vector
        slopes.append(program.value_and_grad()[1].copy())
    product = hessian_vector_product(loss, parameters)
    assert "np.tri(4)" in product.source
    expected = (slopes[0] - slopes[1]) / 2e-5
    assert product(vector) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_zeros_in_the_data_are_no_mask():
    model_weights = [Value(0.5), Value(-0.3)]
    data = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    program = compile(sum(ae.tanh(dot(x, model_weights)) ** 2 for x in data), model_weights)
    assert "mask" not in program.source and "c1" in program.source


def test_a_batch_shares_the_mask():
    _, values, _, upstream = attention_problem(1.0)
    batch = np.random.default_rng(1).normal(size=(4, 5, 3))
    f = compile(lambda xs: dot(attention(values, xs, 2), upstream.ravel().tolist()))
    value, grads = f.value_and_grad(batch)
    assert "mask1 = np.tri(5)" in f.source
    weights = [[[w.data for w in row] for row in matrix] for matrix in values]
    by_hand = [(masked_attention(weights, x, 2) * upstream).sum() for x in batch]
    assert value == pytest.approx(np.mean(by_hand), rel=1e-12)
    total = sum(dot(attention(values, xs, 2), upstream.ravel().tolist()) for xs in batch.tolist())
    assert grads == pytest.approx(gradient(total * 0.25, f.parameters), rel=1e-9, abs=1e-12)


def test_attention_without_softmax_has_the_mask_as_a_coefficient():
    rng = np.random.default_rng(2)
    q, k, v = ([[Value(x) for x in row] for row in rng.normal(size=(6, 2))] for _ in range(3))
    outs = [
        sum(dot(q[t], k[s]) * v[s][j] for s in range(t + 1)) for t in range(6) for j in range(2)
    ]
    loss = dot(outs, list(range(12)))
    program = compile(loss)
    numbers = np.reshape(program.params, (3, 6, 2))
    place = {p: i for i, p in enumerate(program.parameters)}
    q, k, v = (
        np.array([[program.params[place[x]] for x in row] for row in rows]) for rows in (q, k, v)
    )
    assert numbers.size == q.size + k.size + v.size
    by_hand = (np.tri(6) * (q @ k.T)) @ v
    assert program() == pytest.approx(float(by_hand.ravel() @ np.arange(12.0)), rel=1e-12)
    assert "mask1 = np.tri(6)" in program.source and "* mask1" in program.source


def test_a_running_sum_is_a_product_with_a_triangle():
    xs = [Value(float(x)) for x in range(1, 7)]
    program = compile(dot([ae.tanh(0.01 * sum(xs[: t + 1])) for t in range(6)], [1.0, 2.0] * 3))
    by_hand = np.tanh(0.01 * np.tri(6) @ np.arange(1.0, 7.0)) @ np.array([1.0, 2.0] * 3)
    assert program() == pytest.approx(by_hand, rel=1e-12)
    assert "np.tri(6)" in program.source and "bincount" not in program.source


def test_too_much_is_not_padded():
    xs = [Value(0.1 * i) for i in range(1, 21)]
    rows = [xs, *([x] for x in xs)]
    loss = sum(sum(ae.sin(x * i) for x in row) ** 2 for i, row in enumerate(rows, 1))
    program = compile(loss, xs)
    assert "padded" not in program.report() and "mask" not in program.source
    assert program() == pytest.approx(loss.data, rel=1e-12)


ELEMENTWISE = [
    found.bind(alpha=0.7) if found.name == "celu" else found
    for found in vars(ae.primitives).values()
    if isinstance(found, Primitive) and not found.takes_sequences and found.name != "**n"
]
POWERS = [ae.primitives.power.bind(exponent=n) for n in (-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0)]


@pytest.mark.parametrize("primitive", [*ELEMENTWISE, *POWERS], ids=lambda found: found.name)
@pytest.mark.parametrize("zero", [False, True])
def test_functions_at_rest_are_finite_on_arrays_too(primitive, zero):
    rest = resting(primitive, len(primitive.operands), zero)
    if rest is None:
        return
    number, clean = rest
    names = [f"x{i}" for i in range(len(primitive.operands))]
    value, partials = spelled(primitive, names)
    namespace = {"np": np, **vars(arrays), **dict.fromkeys(names, np.array([number]))}
    found = [eval(getattr(x, "text", str(x)), namespace) for x in (value, *partials)]
    assert np.isfinite(np.concatenate([np.atleast_1d(x) for x in found])).all()
    if clean and not zero:
        assert not any(np.any(x) for x in found)
    elif clean:
        assert not np.any(found[0])


def test_a_function_that_rests_nowhere_is_not_padded():
    @ae.primitive
    def narrow(m, x):
        if m is ae.floats and not 0.1 < x < 0.4:
            raise LookupError(x)
        return x * x, (2.0 * x,)

    x, y = ([Value(0.1 * (i + 2)) for i in range(4)] for _ in range(2))
    loss = sum(narrow(0.5 * x[t] + 0.1 * y[s]) for t in range(4) for s in range(t + 1))
    assert resting(narrow, 1) is None
    value, grads = compile(loss, x + y).value_and_grad()
    assert value == pytest.approx(loss.data, rel=1e-12)
    assert grads == pytest.approx(gradient(loss, x + y), rel=1e-9)


@given(st.integers(0, 2**32))
def test_random_ragged_graphs(seed):
    rng = random.Random(seed)
    f, (n, width), parameters = ragged_function(rng)
    vectors = [[Value(rng.uniform(-1.0, 1.0)) for _ in range(width)] for _ in range(n)]
    parameters += [x for vector in vectors for x in vector]
    loss = f(vectors)
    expected = gradient(loss, parameters)
    scale = 1.0 + max(map(abs, expected))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan, value, grads, source = compiled(loss, parameters)
    oracle, slopes = interpret(plan, [p.data for p in parameters])
    assert oracle == pytest.approx(loss.data, rel=1e-9, abs=1e-9)
    assert slopes == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)
    assert value == pytest.approx(loss.data, rel=1e-9, abs=1e-9), source
    assert grads == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale), source


@given(st.integers(0, 2**32), st.integers(1, 3))
def test_random_ragged_functions_on_batches(seed, count):
    rng = random.Random(seed)
    f, shape, _ = ragged_function(rng)
    batch = np.random.default_rng(seed).uniform(-1.0, 1.0, (count, *shape))
    compiled_f = CompiledFunction(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, grads = compiled_f.value_and_grad(batch)
    total = sum(f(vectors) for vectors in batch.tolist()) / count
    expected = gradient(total, compiled_f.parameters)
    scale = 1.0 + max(map(abs, expected), default=0.0)
    assert value == pytest.approx(total.data, rel=1e-9, abs=1e-9), compiled_f.source
    assert grads == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale), compiled_f.source
