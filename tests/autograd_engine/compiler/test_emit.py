"""The emitted source: right for every batch, and what one would have written by hand."""

import random
import re
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
import nn
from autograd_engine import Value, dot, gradient, log_softmax, pick, relu, softmax
from autograd_engine.compiler import CompiledFunction, compile, hessian_vector_product
from autograd_engine.compiler.views import spelled_view

RNG = np.random.default_rng(0)
UNARY = [ae.tanh, ae.relu, ae.sigmoid, ae.square, abs, lambda x: -x, lambda x: x / 3.0]


def as_matrices():
    """Even where something else would be faster."""
    return mock.patch("autograd_engine.compiler.function.choose", lambda *_: (None, ""))


def random_function(rng):
    """A function of one example, and its parameters."""
    width, choices = rng.randrange(1, 5), rng.randrange(2, 4)
    parameters = [Value(rng.uniform(-1.0, 1.0)) for _ in range(rng.randrange(1, 8))]
    table = [[Value(rng.uniform(-1.0, 1.0)) for _ in range(2)] for _ in range(choices)]
    chooses = rng.random() < 0.5
    rounds = [
        (rng.choice(["unary", "product", "chain", "softmax", "squares", "matrix", "row"]),
         rng.choice(UNARY), [rng.randrange(10**6) for _ in range(4)])
        for _ in range(rng.randrange(1, 10))
    ]  # fmt: skip

    def function(x, y):
        pool = [*x, *parameters, *(pick(y, table) if chooses else [])]
        for kind, unary, places in rounds:
            a, b, c, d = (pool[place % len(pool)] for place in places)
            match kind:
                case "unary":
                    made = [unary(a * 1.0)]
                case "product":
                    made = [a * b]
                case "chain":
                    made = [a + b - c + 0.5]
                case "softmax":
                    made = ae.softmax([a, b, c])
                case "squares":
                    made = [a * a + a * b * c]
                case "matrix":
                    rows = [
                        [parameters[(i + j) % len(parameters)] for j in range(3)] for i in (0, 1)
                    ]
                    made = [unary(ae.dot(row, [a, b, c]) + d) for row in rows]
                case _:
                    made = [ae.tanh(p * q) for p, q in pairwise(pool[:6])]
            pool += made
        first = parameters[0]
        return pool[-1] + pool[len(pool) // 2] * first, [pool[-1] * first, pool[-2] + first]

    return function, width, choices


@pytest.mark.filterwarnings("error")
@given(st.integers(0, 2**32), st.sampled_from(["float64", "float32"]))
def test_functions_of_one_example_on_batches(seed, dtype):
    rng = random.Random(seed)
    function, width, choices = random_function(rng)
    compiled = CompiledFunction(function, dtype, has_aux=True)
    tolerance = {"float64": 1e-9, "float32": 1e-3}[dtype]
    for count in rng.sample([1, 2, 3, 5], 3):
        x = np.array([[rng.uniform(-1.0, 1.0) for _ in range(width)] for _ in range(count)])
        y = np.array([rng.randrange(choices) for _ in range(count)])
        with as_matrices():
            value, grads = compiled.value_and_grad(x, y)
        others = [array.copy() for array in compiled.aux]
        compiled.push()
        examples = [function(row, i) for row, i in zip(x.tolist(), y.tolist(), strict=True)]
        mean = sum(loss for loss, _ in examples) * (1.0 / count)
        expected = gradient(mean, compiled.parameters)
        scale = tolerance * (1.0 + max(map(abs, expected), default=0.0))
        assert value == pytest.approx(mean.data, rel=tolerance, abs=tolerance), compiled.source
        assert grads == pytest.approx(expected, rel=tolerance, abs=scale), compiled.source
        rows = np.array([[other.data for other in found] for _, found in examples]).T
        for ours, recorded in zip(others, rows, strict=True):
            recorded = recorded if len(ours) == count else recorded[:1]
            assert ours == pytest.approx(recorded, rel=tolerance, abs=tolerance), compiled.source


def test_arguments_keep_their_names_and_take_nobody_else_s():
    w, v = Value(2.0, label="np"), Value(3.0, label="loss")
    program = compile(
        lambda np, z1, params, loss: relu(np) * w + ae.tanh(z1) * v + ae.exp(params) - ae.sin(loss)
    )
    columns = [RNG.normal(size=5) for _ in range(4)]
    with as_matrices():
        value, _ = program.value_and_grad(*columns)
    a, b, c, d = columns
    expected = np.maximum(a, 0.0) * 2.0 + np.tanh(b) * 3.0 + np.exp(c) - np.sin(d)
    assert value == pytest.approx(expected.mean(), rel=1e-12)
    names = re.findall(r"^    (\w+) = inputs", program.source, re.MULTILINE)
    assert sorted(names) == ["loss", "np_", "params_", "z1"]


@st.composite
def strided_views(draw):
    """The shape of an array, and loops over it."""
    shape = draw(st.lists(st.integers(2, 5), min_size=1, max_size=3))
    total = int(np.prod(shape))
    loops = []
    low = high = 0
    for _ in range(draw(st.integers(0, 4))):
        size = draw(st.integers(2, 4))
        stride = draw(st.sampled_from([*range(1, 13), -1, -2, -3]))
        move = stride * (size - 1)
        if high - low + abs(move) < total:
            loops.append((stride, size))
            low, high = low + min(0, move), high + max(0, move)
    base = draw(st.integers(-low, total - 1 - high))
    return shape, base, [stride for stride, _ in loops], [size for _, size in loops]


@given(strided_views())
def test_a_spelled_view_reads_what_the_strides_say(view):
    shape, base, strides, sizes = view
    text = spelled_view("a", shape, base, strides, sizes)
    if text is None:
        return
    array = np.arange(int(np.prod(shape))).reshape(shape)
    expected = np.full(sizes, base)
    for axis, (stride, size) in enumerate(zip(strides, sizes, strict=True)):
        steps = (np.arange(size) * stride).reshape([-1] + [1] * (len(sizes) - 1 - axis))
        expected = expected + steps
    names = {"a": array, "sliding_window_view": np.lib.stride_tricks.sliding_window_view}
    assert np.array_equal(eval(text, names), expected), text


# --- golden texts --------------------------------------------------------------------------------

GOLDEN = Path(__file__).parent / "golden"


def multilayer_perceptron():
    model = nn.MLP(4, [8, 3], "relu", seed=0)
    loss = compile(lambda x, y: -pick(y, log_softmax(model(x))))
    loss.value_and_grad(RNG.normal(size=(20, 4)), np.arange(20) % 3)
    return loss


def weights(*shape):
    numbers = RNG.normal(size=shape)
    return [
        Value(float(x)) if isinstance(x, float) else [Value(float(y)) for y in x]
        for x in (numbers.tolist() if len(shape) < 3 else [])
    ] or [weights(*shape[1:]) for _ in range(shape[0])]


def convolutional():
    """Two convolutions with relu and a dense layer, in plain loops."""
    kernels = [weights(4, 1, 3, 3), weights(4, 4, 3, 3)]
    biases, dense = [weights(4), weights(4)], weights(3, 4 * 6 * 6)

    def convolved(image, kernels, biases):
        size = range(len(image[0]) - 2)
        return [
            [
                [
                    relu(
                        sum(
                            kernel[c][u][v] * image[c][i + u][j + v]
                            for c in range(len(image))
                            for u in range(3)
                            for v in range(3)
                        )
                        + bias
                    )
                    for j in size
                ]
                for i in size
            ]
            for kernel, bias in zip(kernels, biases, strict=True)
        ]

    def loss(image, y):
        hidden = convolved(convolved([image], kernels[0], biases[0]), kernels[1], biases[1])
        flat = [x for plane in hidden for row in plane for x in row]
        return -pick(y, log_softmax([dot(row, flat) for row in dense]))

    return loss


def convolutional_batch():
    loss = compile(convolutional())
    loss.value_and_grad(RNG.normal(size=(8, 10, 10)), np.arange(8) % 3)
    return loss


def convolutional_graph():
    image = [[Value(float(x)) for x in row] for row in RNG.normal(size=(10, 10))]
    return compile(convolutional()(image, 1), inputs=image)


def attention():
    wq, wk, wv = weights(4, 4), weights(4, 4), weights(4, 4)

    @compile
    def loss(xs):
        def linear(x, w):
            return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]

        queries, keys, values = ([linear(x, w) for x in xs] for w in (wq, wk, wv))
        total = 0.0
        for query in queries:
            shares = softmax([dot(query, key) * 0.5 for key in keys])
            total += sum(dot(shares, column) ** 2 for column in zip(*values, strict=True))
        return total

    loss.value_and_grad(RNG.normal(size=(3, 5, 4)))
    return loss


def hessian_vector():
    model = nn.MLP(2, [4, 1], "tanh", seed=1)
    data = nn.data.moons(8, seed=1)
    loss = nn.mse([model(x) for x, _ in data], [y + 0.5 for _, y in data])
    return hessian_vector_product(loss, model.parameters())


# Lines forward and backward, matrix products forward, and index tables.
FIGURES = {
    multilayer_perceptron: (11, 10, 2, 0),
    convolutional_batch: (16, 13, 3, 1),
    convolutional_graph: (15, 14, 3, 1),
    attention: (13, 10, 3, 0),
    hessian_vector: (12, 11, 5, 0),
}


@pytest.mark.parametrize("model", FIGURES, ids=lambda model: model.__name__)
def test_the_source_is_what_one_would_have_written(model):
    source = model().source
    forward, backward, products, tables = FIGURES[model]
    assert source == (GOLDEN / f"{model.__name__}.txt").read_text()
    found = re.match(r"# .* in (\d+) lines forward and (\d+) backward\n", source)
    assert int(found[1]) <= forward and int(found[2]) <= backward
    assert source.partition("def backward")[0].count(" @ ") == products
    assert len(re.findall(r"^    i\d+ = ", source, re.MULTILINE)) == tables
    assert not re.search(r"\bi\d+\b", source.partition("def forward")[2].partition("def")[0])


def test_the_source_is_the_same_every_time():
    def loss():
        layer = nn.Layer(8, 3, None, seed=0)
        differences = []
        for n, step in enumerate((1, 2, -1, 1)):  # of some examples not all, of one backwards
            z = layer([(3 * i + n) % 7 / 7 for i in range(8)])
            differences += [z[i] - (1 + n * i % 2) * z[(i + 1) % 3] for i in range(3)][::step]
        return sum(x * x for x in differences)

    programs = [compile(loss()) for _ in range(20)]  # all are kept: arrays at other addresses
    assert len({program.source for program in programs}) == 1
    assert programs[0].source.count("[...] = 0.0") == 2


if __name__ == "__main__":  # write the golden texts anew, to be looked at
    for model in FIGURES:
        (GOLDEN / f"{model.__name__}.txt").write_text(model().source)
