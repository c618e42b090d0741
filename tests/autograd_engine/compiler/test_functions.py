"""Functions of one example, compiled, on whole batches."""

import random

import numpy as np
import pytest

import nn
from autograd_engine import Value, dot, gradient, log_softmax, pick, relu, softmax
from autograd_engine.compiler import CompiledFunction, CompileWarning, compile

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4))
Y = RNG.integers(0, 3, 20)


def classifier():
    model = nn.MLP(4, [8, 8, 3], "relu", seed=2)

    @compile
    def loss(x, y):
        return -pick(y, log_softmax(model(x)))

    return model, loss


def test_a_batch_equals_its_examples():
    model, loss = classifier()
    for count in (20, 7, 1):
        value, grads = loss.value_and_grad(X[:count], Y[:count])
        eager = nn.cross_entropy([model(x) for x in X[:count].tolist()], Y[:count].tolist())
        assert value == pytest.approx(eager.data, rel=1e-12)
        assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-9, abs=1e-14)
        assert loss(X[:count], Y[:count]) == value
    assert loss.__name__ == "loss" and loss.parameters == model.parameters()


def test_the_source_is_that_of_the_lecture():
    _, loss = classifier()
    loss.value_and_grad(X, Y)
    for line in (
        "z1 = x @ W1.T + b1",
        "a1 = np.maximum(z1, 0)",
        "z2 = a1 @ W2.T + b2",
        "e1 = np.exp(s1)",
        "gs1.sum(0, out=gb3)",
        "np.matmul(gs1.T, a2, out=gW3)",
        "gz2 = ga2 * (z2 > 0)",
    ):
        assert line in loss.source, loss.source
    assert loss.source.startswith("# ") and "recorded scalars of one example" in loss.source


def test_single_precision():
    model = nn.MLP(4, [8, 3], "tanh", seed=2)
    loss = compile(lambda x, y: -pick(y, log_softmax(model(x))), dtype="float32")
    value, grads = loss.value_and_grad(X, Y)
    eager = nn.cross_entropy([model(x) for x in X.tolist()], Y.tolist())
    assert grads.dtype == np.float32 and value == pytest.approx(eager.data, rel=1e-5)
    assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-3, abs=1e-5)


def test_embeddings_are_picked():
    table, head = nn.Embedding(5, 3, seed=1), nn.MLP(6, [5], seed=2)

    @compile
    def loss(tokens, target):
        vectors = pick(tokens[0], table.rows) + pick(tokens[1], table.rows)
        return -pick(target, log_softmax(head(vectors)))

    tokens, targets = RNG.integers(0, 5, (9, 2)), RNG.integers(0, 5, 9)
    value, grads = loss.value_and_grad(tokens, targets)
    eager = nn.cross_entropy(
        [head(table(int(a)) + table(int(b))) for a, b in tokens], targets.tolist()
    )
    assert value == pytest.approx(eager.data, rel=1e-12)
    assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-9, abs=1e-13)
    with pytest.raises(ValueError, match="indices must be from 0 to 4"):
        loss(tokens, targets + 1)


def test_training_on_the_flat_vector():
    model, loss = classifier()
    before = loss(X, Y)
    for _ in range(200):
        _, grads = loss.value_and_grad(X, Y)
        loss.params -= 0.5 * grads
    loss.push()
    eager = nn.cross_entropy([model(x) for x in X.tolist()], Y.tolist())
    assert eager.data == pytest.approx(loss(X, Y), rel=1e-9) and loss(X, Y) < 0.5 * before


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x[0] if x[0] > 0 else x[1], "a comparison of an input.*write where"),
        (lambda x: x[0] * 2.0 if x[0] else x[1], "the truth of an input"),
        (lambda x: x[0] * x[1].data, "the .data of an input"),
        (lambda x: x[0] if x[1] == 1 else x[1], "a comparison of an input"),
        (lambda x: x[0] if x[1] in (1.0, 2.0) else x[1], "a comparison of an input"),
        (lambda x: x[0] * float(x[1]), "gradient would be lost"),
    ],
)
def test_looking_at_an_input_is_refused_with_the_way_out(function, message):
    with pytest.raises(TypeError, match=message):
        compile(function)(X)


def test_an_integer_only_chooses():
    model = nn.MLP(4, [3], seed=0)
    for function in (
        lambda x, y: model(x)[y],
        lambda x, y: x[0] * int(y),
        lambda x, y: x[0] if y == 1 else x[1],
        lambda x, y: x[0] * y,
    ):
        with pytest.raises(TypeError, match=r"pick\(index, values\)"):
            compile(function)(X, Y)


def test_numbers_that_change_are_found_and_it_runs_eagerly():
    w = Value(2.0)
    loss = compile(lambda x: relu(w * x[0]) * random.random())
    with pytest.warns(CompileWarning, match="for another example, or at another time"):
        value, grads = loss.value_and_grad(X)
    assert np.isfinite(value) and grads.shape == (1,)


def test_wrong_batches_are_told_before_anything_happens():
    _, loss = classifier()
    loss(X, Y)
    before = loss.params.copy()
    for arguments, error, message in [
        ((), TypeError, "at least one array"),
        ((X, Y[:5]), ValueError, "argument 0 has 20 examples and argument 1 has 5"),
        ((X[:0], Y[:0]), ValueError, "argument 0 of loss has no examples"),
        ((X, 3), TypeError, "argument 1 of loss must be an array"),
        ((X.astype(str), Y), TypeError, "argument 0 of loss must be an array"),
        ((X[:, :3], Y), ValueError, "expected 4 inputs, got 3"),
    ]:
        with pytest.raises(error, match=message):
            loss.value_and_grad(*arguments)
    assert np.array_equal(loss.params, before)
    with pytest.raises(TypeError, match="must return one Value"):
        compile(lambda x: x)(X)


def test_pick_is_plain_indexing_elsewhere():
    values = [Value(1.0), Value(2.0)]
    assert pick(1, values) is values[1]
    with pytest.raises(IndexError, match="2 values, and no number 2"):
        pick(2, values)


def test_what_does_not_depend_on_the_example_is_computed_once():
    model = nn.MLP(4, [3, 1], "tanh", seed=0)
    weights = [p for p in model.parameters() if ".w[" in p.label]
    loss = compile(lambda x, y: (model(x) - y) ** 2 + 0.1 * dot(weights, weights))
    targets = RNG.normal(size=20)
    value, grads = loss.value_and_grad(X, targets)
    penalty = 0.1 * dot(weights, weights)
    eager = nn.mse([model(x) for x in X.tolist()], targets.tolist()) + penalty
    assert value == pytest.approx(eager.data, rel=1e-12)
    assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-9, abs=1e-13)


def test_a_loop_over_positions_is_attention():
    model = nn.Layer(3, 3, None, seed=0)

    @compile
    def loss(xs):
        queries = [model(x) for x in xs]
        scores = [[dot(q, x) for x in xs] for q in queries]
        mixed = [
            [dot(row, column) for column in zip(*xs, strict=True)] for row in map(softmax, scores)
        ]
        return sum(dot(m, m) for m in mixed)

    batch = RNG.normal(size=(6, 5, 3))
    value, grads = loss.value_and_grad(batch)

    def eager(xs):
        queries = [model(x) for x in xs]
        scores = [[dot(q, x) for x in xs] for q in queries]
        mixed = [
            [dot(row, column) for column in zip(*xs, strict=True)] for row in map(softmax, scores)
        ]
        return sum(dot(m, m) for m in mixed)

    total = sum(eager(xs.tolist()) for xs in batch) / 6
    assert value == pytest.approx(total.data, rel=1e-12)
    assert grads == pytest.approx(gradient(total, loss.parameters), rel=1e-9, abs=1e-13)


def test_other_results_come_along():
    model = nn.MLP(4, [8, 3], "tanh", seed=2)

    def loss(x, y):
        outputs = model(x)
        return -pick(y, log_softmax(outputs)), outputs

    function = CompiledFunction(loss, parameters=model.parameters(), has_aux=True)
    for count in (20, 1):
        function.value_and_grad(X[:count], Y[:count])
        outputs = np.array(function.aux).T
        expected = [[v.data for v in model(x)] for x in X[:count].tolist()]
        assert outputs == pytest.approx(np.array(expected), rel=1e-12)


def test_programs_of_other_shapes_leave_nothing_behind():
    positions = [[Value(float(i + j)) for j in range(2)] for i in range(3)]

    @compile
    def loss(xs):
        return sum(dot(x, p) ** 2 for x, p in zip(xs, positions, strict=False))

    long, short = RNG.normal(size=(4, 3, 2)), RNG.normal(size=(4, 2, 2))
    loss.value_and_grad(long)
    _, grads = loss.value_and_grad(short)
    by_value = dict(zip(loss.parameters, grads, strict=True))
    assert [by_value[p] for p in positions[2]] == [0.0, 0.0]
    assert all(by_value[p] != 0.0 for row in positions[:2] for p in row)
    total = sum(
        dot(x, p) ** 2 for xs in short.tolist() for x, p in zip(xs, positions, strict=False)
    )
    assert grads == pytest.approx(gradient(total / 4, loss.parameters), rel=1e-9)


def test_a_tiny_transformer():
    """Queries, keys and values of every position are one matrix product."""
    rng = np.random.default_rng(3)
    table = [[Value(x) for x in row] for row in rng.normal(size=(5, 4))]
    wq, wk, wv = ([[Value(x) for x in row] for row in rng.normal(size=(4, 4))] for _ in range(3))

    def linear(x, w):
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]

    def model(tokens, target):
        keys, values = [], []
        for token in tokens:
            x = pick(token, table)
            query = linear(x, wq)
            keys.append(linear(x, wk))
            values.append(linear(x, wv))
            weights = softmax([dot(query, key) * 0.5 for key in keys])
            mixed = [dot(weights, column) for column in zip(*values, strict=True)]
        return -pick(target, log_softmax(linear(mixed, table)))

    loss = compile(model)
    tokens, targets = rng.integers(0, 5, (3, 6)), rng.integers(0, 5, 3)
    value, grads = loss.value_and_grad(tokens, targets)
    eager = sum(model(ts, y) for ts, y in zip(tokens.tolist(), targets.tolist(), strict=True)) / 3
    assert value == pytest.approx(eager.data, rel=1e-12)
    assert grads == pytest.approx(gradient(eager, loss.parameters), rel=1e-9, abs=1e-13)


def test_compiling_leaves_the_user_s_numbers_alone():
    w = Value(0.1)
    w.grad = 3.0
    loss = compile(lambda x: w * x, dtype="float32")
    loss(np.ones(4))
    assert (w.data, w.grad) == (0.1, 3.0)
    with pytest.raises(ValueError, match="a parameter is given twice"):
        CompiledFunction(lambda x: w * x, parameters=[w, w])
