"""Functions of one example, compiled, on whole batches."""

import math
import random

import numpy as np
import pytest

import nn
from autograd_engine import (
    Value,
    dot,
    gradient,
    log_softmax,
    minimum,
    no_grad,
    pick,
    relu,
    softmax,
    tanh,
)
from autograd_engine.compiler import CompiledFunction, CompileWarning, compile
from autograd_engine.compiler import function as module
from autograd_engine.compiler.ir import Ref, SumStatement

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


W = [Value(float(i) + 0.5, label=f"w{i}") for i in range(4)]


OUTSIDE = W[0] * 2.0


def without_recording(x):
    with no_grad():
        mean = (x[0] + x[1]) / 2.0
    return W[0] * x[0] - mean


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x[0] if x[0] > 0 else x[1], "a comparison of an input.*write where"),
        (lambda x: x[0] * 2.0 if x[0] else x[1], "the truth of an input.*write where"),
        (lambda x: x[0] * x[1].data, "the .data of an input.*compute with the Value itself"),
        (lambda x: x[0] * x[1].grad, "the .grad of an input"),
        (lambda x: x[0] if x[1] == 1 else x[1], "a comparison of an input"),
        (lambda x: x[0] if x[1] in (1.0, 2.0) else x[1], "a comparison of an input"),
        (lambda x: x[0] * float(x[1]), "the float of an input.*autograd_engine.exp"),
        (lambda x: x[0] * int(x[1]), "the float of an input"),
        (lambda x: x[0] * math.exp(x[1]), "the float of an input"),
        (lambda x: x[0] * math.floor(x[1]), "the float of an input"),
        (lambda x: x[0] * round(x[1]), "the rounded number of an input"),
        (lambda x: W[x[0]], r"the index of an input.*pick\(index, values\)"),
        (lambda x: pick(x[0], W), "got a float: give an array of integers"),
        (lambda x: max(x), "a comparison of an input"),
        (lambda x: sorted(x)[0], "a comparison of an input"),
        (lambda x: x[0] if W[0] * x[0] > 0 else x[1], "a comparison of what the function computes"),
        (lambda x: x[0] * (W[0] * x[0]).data, "the .data of what the function computes"),
        (lambda x: x[0] * float(tanh(x[0])), "the float of what the function computes"),
        (lambda x: x[0] if dot(W, x) > 1.0 else x[1], "a comparison of what the function computes"),
        (lambda x: [x[0], x[1]][x[2] * 2.0], "the index of what the function computes"),
        (lambda x: max(W[0] * v for v in x), "a comparison of what the function computes"),
        (lambda x: W[0] * x[0] if W[0] > 0.0 else x[1] * W[0], "a comparison of a parameter"),
        (lambda x: W[0] * x[0] / abs(W[0].data), "the .data of a parameter"),
        (without_recording, "computed in no_grad"),
        (lambda x: OUTSIDE * x[0], "a Value that was computed before the call"),
    ],
)
def test_looking_at_a_number_is_refused_with_the_way_out(function, message):
    before = [(w.data, type(w)) for w in W]
    with pytest.raises(TypeError, match=f"(?s){message}"):
        compile(function)(X)
    assert [(w.data, type(w)) for w in W] == before


def test_an_error_names_the_line():
    with pytest.raises(
        TypeError, match=r"at .*test_functions.py:\d+: compile\(lambda x: x\[0\] if"
    ):
        compile(lambda x: x[0] if x[0] > 0 else x[1])(X)


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
    where = r"for another example, or at another time.*, at .*test_functions.py:\d+: loss = "
    with pytest.warns(CompileWarning, match=where) as caught:
        value, grads = loss.value_and_grad(X)
    assert np.isfinite(value) and grads.shape == (1,)
    assert caught[0].filename == __file__ and loss.source.startswith("# run eagerly")


def test_what_is_told_apart_by_its_type():
    w = Value(2.0)
    loss = compile(lambda x: w * (x if isinstance(x, float) else 3.0 * x))
    with pytest.warns(CompileWarning, match=r"gives 6\.0 for Values and 2\.0 for the same numbers"):
        value, grads = loss.value_and_grad([1.0, 2.0])
    assert value == 3.0 and grads.tolist() == [1.5]


A, B = Value(0.5), Value(2.0)


@pytest.mark.parametrize(
    ("function", "harmless", "harmful"),
    [
        (
            lambda x, y: -pick(y, log_softmax([A * x[0], B * x[1], A + x[2]])),
            [[1.0, 2.0, 3.0], [2.0, 1.0, 0.0]],
            [[1.0, 2.0, -math.inf], [2.0, 1.0, 0.0]],
        ),
        (
            lambda x, y: (
                sum(minimum(dot([A] * t, x[:t]), B) for t in range(1, 5)) + pick(y, [B, A])
            ),
            [[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 0.0, 1.0]],
            [[1.0, 2.0, 3.0, math.inf], [2.0, 1.0, 0.0, 1.0]],
        ),
    ],
)
def test_where_arrays_meet_0_times_inf_eager_code_is_right(function, harmless, harmful):
    loss = compile(function, [A, B])
    for rows in (harmless, harmful):
        value, grads = loss.value_and_grad(rows, [0, 1])
        examples = [function(x, y) for x, y in zip(rows, [0, 1], strict=True)]
        mean = (examples[0] + examples[1]) * 0.5
        assert math.isfinite(mean.data)
        assert value == pytest.approx(mean.data, rel=1e-12)
        assert grads == pytest.approx(gradient(mean, [A, B]), rel=1e-9, nan_ok=True)
    assert "eagerly" not in loss.source


def test_what_is_told_apart_by_another_example():
    """What depends on how often, or in which order, it was called."""
    calls = [0]

    def longer(x):
        calls[0] += 1
        return sum([w * v for w, v in zip(W, x, strict=True)][: 2 + calls[0] % 2])

    def other(x):
        calls[0] += 1
        return tanh(W[0] * x[0]) if calls[0] % 2 else relu(W[0] * x[0])

    def elsewhere(x):
        calls[0] += 1
        return W[calls[0] % 2] * x[0]

    for function, what in (
        (longer, "it computes (something else|[0-9]+ scalars)"),
        (other, "it computes tanh for one example and relu for another, at .*: return tanh"),
        (elsewhere, "it computes something else for another example"),
    ):
        calls[0] = 0
        with pytest.warns(CompileWarning, match=f"{function.__name__} is run eagerly.*{what}"):
            compile(function, W)(X)


def test_a_single_example_is_compared_when_there_is_another():
    scale = [1.0]
    loss = compile(lambda x: W[0] * x[0] * scale[0])
    loss(X[:1])
    loss(X[:1])
    scale[0] = 2.0
    with pytest.warns(CompileWarning, match=r"the number 1.0 is 2.0 for another example"):
        value = loss(X[1:2])
    assert value == pytest.approx(2.0 * W[0].data * X[1, 0])


def test_what_has_changed_is_told_and_forgotten():
    scale = [1.0]
    loss = compile(lambda x: W[0] * x[0] * scale[0])
    first = loss(X)
    assert loss.changed() is None
    scale[0] = 2.0
    assert "the number 1.0 is 2.0" in loss.changed() and loss(X) == first
    loss.forget()
    assert loss(X) == pytest.approx(2.0 * first)


@pytest.mark.parametrize("broken", ["value", "gradient", "output"])
def test_every_program_is_checked(monkeypatch, broken):
    """A bug that is planted in the programs of five examples alone."""
    model = nn.MLP(4, [3, 1], "tanh", seed=0)

    def loss(x):
        y = model(x)
        return y * y, [y]

    function = CompiledFunction(loss, parameters=model.parameters(), has_aux=True)
    batched, differentiate = module.batched, module.differentiate

    def planted(plan, n):
        plan = batched(plan, n)
        plan.is_planted = n == 5
        sums = [s for s in plan.forward if isinstance(s, SumStatement)]
        if n == 5 and broken == "value":
            sums[-1].coefficient *= 1.0 + 1e-7
        if n == 5 and broken == "output":
            plan.outputs[0] = Ref(plan.outputs[0].array, 0, (0,))
        return plan

    def planted_backward(plan):
        differentiate(plan)
        if plan.is_planted and broken == "gradient":
            plan.backward[-1].coefficient *= 1.0 + 1e-6

    monkeypatch.setattr(module, "batched", planted)
    monkeypatch.setattr(module, "differentiate", planted_backward)
    value = function(X)
    with pytest.warns(CompileWarning, match="loss is run eagerly.* comes out "):
        ours, grads = function.value_and_grad(X[:5])
    eager = sum(loss(x)[0] for x in X[:5].tolist()) / 5
    assert ours == pytest.approx(eager.data, rel=1e-12)
    assert grads == pytest.approx(gradient(eager, model.parameters()), rel=1e-9)
    assert np.isfinite(value)


def test_dropout_draws_as_in_eager_code_and_not_in_use():
    def make():
        layers = nn.Layer(4, 6, seed=0), nn.Dropout(0.5, seed=1), nn.Layer(6, 1, seed=2)
        return nn.Sequential(*layers)

    model, twin = make(), make()
    loss = compile(lambda x: model(x)[0] ** 2)

    def eager():
        return sum(twin(x)[0].data ** 2 for x in X.tolist()) / len(X)

    assert [loss(X) for _ in range(3)] == pytest.approx([eager() for _ in range(3)], rel=1e-12)
    model.eval(), twin.eval()
    assert [loss(X) for _ in range(2)] == pytest.approx([eager()] * 2, rel=1e-12)
    model.train(), twin.train()
    assert loss(X) == pytest.approx(eager(), rel=1e-12)


def test_everything_that_is_returned_comes_along():
    def loss(x):
        y = W[0] * x[0]
        return y * y, (y, {"a": [x[1], W[2], 3, Value(2.0)]}, y, y * y)

    function = CompiledFunction(loss, has_aux=True)
    for count in (3, 1):
        function.value_and_grad(X[:count])
        y, inner, again, square = function.aux
        assert y == pytest.approx(0.5 * X[:count, 0]) and again == pytest.approx(y)
        assert square == pytest.approx(y * y)
        chosen, parameter, number, constant = inner["a"]
        assert chosen == pytest.approx(X[:count, 1]) and number == 3
        assert parameter.tolist() == [2.5] * count and constant.tolist() == [2.0] * count


def test_what_is_returned_is_of_each_example_where_nan_or_inf_is_run_eagerly():
    function = CompiledFunction(lambda x: (W[0] * x, {"a": x * 2, "b": 3.0}), has_aux=True)
    for row in ([1.0, 2.0], [1.0, math.inf]):
        function(row)
        assert function.aux["a"].tolist() == [2.0 * x for x in row] and function.aux["b"] == 3.0


def test_parameters_are_given_or_fixed_by_the_first_call():
    given = compile(lambda x: dot(W, x) ** 2, parameters=W[2:])
    assert given.parameters == W[2:] and given.params.tolist() == [2.5, 3.5]
    every = compile(lambda x: dot(W, x) ** 2)
    value, grads = every.value_and_grad(X)
    assert every.parameters == W
    assert given.value_and_grad(X)[0] == pytest.approx(value)
    assert given.grads == pytest.approx(grads[2:])
    view = every.parameters
    view.clear()
    assert every.parameters == W
    W[0].data = 1.5  # not trained, and taken over like the others
    try:
        given.pull(), every.pull()
        assert given(X) == pytest.approx(every(X)) and given(X) != pytest.approx(value)
    finally:
        W[0].data = 0.5

    @compile(parameters=W)
    def decorated(x):
        return dot(W[:2], x[:2])

    assert decorated.value_and_grad(X)[1][2:].tolist() == [0.0, 0.0]
    few = compile(lambda x: sum(w * v for w, v in zip(W, x, strict=False)))
    few(X[:, :2])
    with pytest.raises(ValueError, match=r"did not use, such as w2, w3: give all its parameters"):
        few(X)
    for wrong, error in (([W[0], W[0]], ValueError), ([W[0] * 2], ValueError), ([2.0], TypeError)):
        with pytest.raises(error, match="parameter"):
            compile(lambda x: W[0] * x[0], parameters=wrong)
    with pytest.raises(TypeError, match="takes its inputs when it is called"):
        compile(lambda x: W[0] * x[0], inputs=[W[1]])


def test_values_made_by_the_function_are_numbers():
    loss = compile(lambda x: Value(3.0) * x[0] * W[0] + Value(2.0))
    value, _ = loss.value_and_grad(X)
    assert loss.parameters == W[:1]
    assert value == pytest.approx(float(np.mean(1.5 * X[:, 0] + 2.0)))


def test_wrong_batches_are_told_before_anything_happens():
    _, loss = classifier()
    loss.value_and_grad(X, Y)
    before, grads = loss.params.copy(), loss.grads.copy()
    for arguments, error, message in [
        ((), TypeError, "at least one array"),
        ((X, Y[:5]), ValueError, "argument 0 has 20 examples and argument 1 has 5"),
        ((X[:0], Y[:0]), ValueError, "argument 0 of loss has no examples"),
        ((X, 3), TypeError, "argument 1 of loss must be an array"),
        ((X,), TypeError, "missing 1 required positional argument"),
        ((X, Y, Y), TypeError, "positional arguments"),
        (([[1.0, 2.0], [1.0]], Y[:2]), ValueError, "argument 0 of loss has examples of several"),
        ((X + 1j, Y), TypeError, "argument 0 of loss must be an array of numbers"),
        ((X, Y + 1), ValueError, "argument 1 of loss: indices must be from 0 to 2, got 3 in exa"),
        ((X, Y - 1), ValueError, "argument 1 of loss: indices must be from 0 to 2, got -1 in exa"),
        ((X, Y.astype(float)), TypeError, "pick chooses by an integer, got a float"),
        ((X.astype(str), Y), TypeError, "argument 0 of loss must be an array"),
        ((X[:, :3], Y), ValueError, "expected 4 inputs, got 3"),
    ]:
        with pytest.raises(error, match=message):
            loss.value_and_grad(*arguments)
    assert np.array_equal(loss.params, before) and np.array_equal(loss.grads, grads)
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


def test_a_report_says_what_was_found():
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    loss = compile(lambda x: model(x) ** 2)
    loss(np.ones((5, 2)))
    heading, *groups = loss.report().splitlines()
    assert heading in loss.source and "recorded scalars of one example" in heading
    assert "  map over (5, 4) gives (5, 4)" in groups
