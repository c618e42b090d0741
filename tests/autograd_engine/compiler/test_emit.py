"""The emitted source: right for every batch, and what one would have written by hand."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_engine as ae
from autograd_engine import Value, gradient, pick
from autograd_engine.compiler import CompiledFunction
from autograd_engine.compiler.views import spelled_view

UNARY = [ae.tanh, ae.relu, ae.sigmoid, ae.square, abs, lambda x: -x, lambda x: x / 3.0]


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
