"""Compiled second derivatives: closed forms, the engine's own, finite differences, batches."""

from itertools import pairwise

import numpy as np
import pytest

import autograd_engine as ae
import nn
from autograd_engine import Value, dot, gradient, pick
from autograd_engine.compiler import compile, grad, hessian, hessian_vector_product

RNG = np.random.default_rng(0)


def of_network(numbers, data, activation, sizes=(2, 4, 1)):
    """The mean square error of a network with these parameters, for the engine's own hessian."""
    w = iter(numbers)
    layers = [[[next(w) for _ in range(n + 1)] for _ in range(m)] for n, m in pairwise(sizes)]
    total = 0.0
    for x, y in data:
        h = x
        for depth, layer in enumerate(layers):
            h = [dot(row[:-1], h) + row[-1] for row in layer]
            if depth < len(layers) - 1:
                h = [activation(z) for z in h]
        total = total + (h[0] - y) ** 2
    return total / len(data)


DATA = [(x, y + 0.5) for x, y in nn.data.moons(9, noise=0.1, seed=1)]
XS, YS = np.array([x for x, _ in DATA]), np.array([y for _, y in DATA])
SMOOTH = ["tanh", "sigmoid", "softplus", "gelu", "silu", "mish"]
KINKED = ["relu", "leaky_relu", "elu", "selu", "celu", "hardtanh", "relu6", "softsign", "abs"]


@pytest.mark.parametrize("name", SMOOTH + KINKED)
def test_hessians_of_networks_are_the_engines(name):
    activation = getattr(ae, name)
    model = nn.MLP(2, [4, 1], activation, seed=1)
    parameters = model.parameters()
    loss = nn.mse([model(x) for x, _ in DATA], [y for _, y in DATA])
    product = hessian_vector_product(loss, parameters)
    of_batches = hessian_vector_product(lambda x, y: (model(x) - y) ** 2)
    for numbers in ([p.data for p in parameters], RNG.normal(size=17).tolist()):
        # at other numbers other branches are taken
        expected = np.array(ae.hessian(lambda w: of_network(w, DATA, activation))(numbers))
        product.params[:] = numbers
        assert product.matrix() == pytest.approx(expected, rel=1e-9, abs=1e-11)
        for parameter, number in zip(parameters, numbers, strict=True):
            parameter.data = number
        assert of_batches.matrix(XS, YS) == pytest.approx(expected, rel=1e-9, abs=1e-11)
    vector = np.arange(17.0)
    assert product(vector) == pytest.approx(expected @ vector, rel=1e-9, abs=1e-9)
    assert "replayed" not in product.source


@pytest.mark.parametrize("name", SMOOTH + KINKED)
def test_gradients_of_networks_are_those_of_eager_code(name):
    model = nn.MLP(2, [4, 1], getattr(ae, name), seed=1)
    parameters = model.parameters()
    loss = nn.mse([model(x) for x, _ in DATA], [y for _, y in DATA])
    whole, of_batches = grad(loss, parameters), grad(lambda x, y: (model(x) - y) ** 2)
    for count in (9, 1):
        for numbers in ([p.data for p in parameters], RNG.normal(size=17).tolist()):
            for parameter, number in zip(parameters, numbers, strict=True):
                parameter.data = number
            some = DATA[:count]
            expected = gradient(
                nn.mse([model(x) for x, _ in some], [y for _, y in some]), parameters
            )
            found = of_batches(XS[:count], YS[:count])
            assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)
            if count == 9:
                whole.params[:] = numbers
                assert whole() == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert "replayed" not in whole.source


def test_back_propagation_is_found_in_the_scalars():
    model = nn.MLP(2, [8, 8, 1], "tanh", seed=0)
    weights = [p for p in model.parameters() if ".w[" in p.label]
    loss = compile(lambda x, y: (model(x) - y) ** 2 + 0.5 * dot(weights, weights))
    slopes = grad(loss)
    assert slopes(XS, YS) == pytest.approx(loss.value_and_grad(XS, YS)[1], rel=1e-12, abs=1e-14)
    backward = slopes.source.partition("def backward")[2]
    for layer in (1, 2, 3):
        assert f"gW{layer}[...] = W" in backward  # the penalty, which no example repeats
        (product,) = (line for line in backward.splitlines() if f"gW{layer} += " in line)
        assert "@" in product
    assert len(backward.splitlines()) < 20


def test_gradients_of_what_is_hardly_a_graph():
    x, y, z = Value(2.0), Value(3.0), Value(5.0)
    slopes = grad(x * y + x, [x, y, z])
    assert slopes().tolist() == [4.0, 2.0, 0.0]
    slopes.params[:] = [1.0, -1.0, 0.0]
    assert slopes().tolist() == [0.0, 1.0, 0.0]
    assert grad(x * y, [x], [y])([7.0]).tolist() == [7.0]
    assert grad(x * 1.0)().tolist() == [1.0]
    same = grad(lambda a: x * a[0] + y * a[0] + z)
    assert same([[1.0], [3.0]]).tolist() == [2.0, 2.0, 1.0]


def test_a_quadratic_has_its_matrix():
    a = RNG.normal(size=(4, 4))
    w = [Value(x) for x in RNG.normal(size=4)]
    loss = sum(w[i] * w[j] * a[i, j] for i in range(4) for j in range(4))
    assert hessian(loss, w)() == pytest.approx(a + a.T, abs=1e-12)
    x = [Value(1.0) for _ in range(4)]
    squares = hessian(sum(p * p * p * xi for p, xi in zip(w, x, strict=True)), w, x)
    for numbers in ([1.0, 2.0, 3.0, 4.0], [0.5, -1.0, 0.0, 2.0]):
        expected = np.diag(6.0 * np.array(numbers) * [p.data for p in w])
        assert squares(numbers) == pytest.approx(expected, abs=1e-12)


def test_finite_differences_of_the_gradient():
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=1)
    loss = nn.mse([model(x) for x, _ in DATA], [y for _, y in DATA])
    program = compile(loss, model.parameters())
    product = hessian_vector_product(loss, model.parameters())
    vector = RNG.normal(size=len(program.params))
    start, h = program.params.copy(), 1e-5
    slopes = []
    for sign in (1.0, -1.0):
        program.params[:] = start + sign * h * vector
        slopes.append(program.value_and_grad()[1].copy())
    differences = (slopes[0] - slopes[1]) / (2.0 * h)
    assert product(vector) == pytest.approx(differences, rel=1e-5, abs=1e-7)


def test_the_product_of_a_network_is_made_of_matrices():
    counts = []
    for examples, width in ((20, 8), (60, 24)):
        data = nn.data.moons(examples, seed=0)
        model = nn.MLP(2, [width, width, 1], "tanh", seed=0)
        loss = nn.mse([model(x) for x, _ in data], [y for _, y in data])
        source = hessian_vector_product(loss, model.parameters()).source
        counts.append(source.partition("def forward")[2].count("\n"))
        assert source.count(" @ ") + source.count("np.matmul") >= 12
    assert counts[0] == counts[1] < 55


def test_a_penalty_counts_once_and_not_for_each_example():
    w = [Value(0.5), Value(-1.0)]

    @compile
    def loss(x):
        return dot(w, x) ** 2 + 3.0 * dot(w, w)

    xs = RNG.normal(size=(7, 2))
    expected = 2.0 * xs.T @ xs / 7 + 6.0 * np.eye(2)
    curvature = hessian(loss)
    for batch, matrix in ((xs, expected), (xs[:1], 2.0 * xs[:1].T @ xs[:1] + 6.0 * np.eye(2))):
        assert curvature(batch) == pytest.approx(matrix, rel=1e-12, abs=1e-12)
    assert hessian_vector_product(loss)([1.0, 2.0], xs) == pytest.approx(expected @ [1.0, 2.0])


def test_it_is_taken_where_the_function_has_been_trained_to():
    w = Value(1.0)
    loss = compile(lambda x: (w * x[0]) ** 4)
    product = hessian_vector_product(loss)
    xs = np.array([[1.0], [2.0]])
    assert product([1.0], xs) == pytest.approx([12.0 * 17.0 / 2.0])
    step = loss.train_step(nn.SGD([w], lr=0.01))
    step(xs)
    number = 1.0 - 0.01 * 4.0 * 17.0 / 2.0
    assert product([1.0], xs) == pytest.approx([12.0 * 17.0 / 2.0 * number**2])
    assert w.data == 1.0


def test_classes_of_batches():
    model = nn.MLP(2, [5, 3], "relu", seed=3)
    ys = RNG.integers(0, 3, 9)
    loss = compile(lambda x, y: -pick(y, ae.log_softmax(model(x))))
    eager = nn.cross_entropy([model(x) for x in XS.tolist()], ys.tolist())
    slopes = gradient(eager, model.parameters(), create_graph=True)
    expected = np.array([gradient(slope, model.parameters()) for slope in slopes])
    assert hessian(loss)(XS, ys) == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_derivatives_by_inputs_within_a_compiled_loss():
    """A network is asked to solve u' = -u: its slope by its input is a part of the loss."""
    for activation in (ae.tanh, ae.relu):
        model = nn.MLP(1, [6, 1], activation, seed=2)

        def loss(x, model=model):
            t = x[0] if isinstance(x[0], Value) else Value(x[0])
            u = model([t])
            return (gradient(u, t, create_graph=True) + u) ** 2

        compiled = compile(loss)
        xs = RNG.normal(size=(8, 1))
        for _ in range(3):
            value, grads = compiled.value_and_grad(xs)
            eager = sum(map(loss, xs.tolist())) / 8
            assert value == pytest.approx(eager.data, rel=1e-10)
            expected = gradient(eager, compiled.parameters)
            assert grads == pytest.approx(expected, rel=1e-9, abs=1e-12)
            compiled.params[:] = RNG.normal(size=len(compiled.params))
            compiled.push()


def test_wrong_arguments_are_told():
    x, y = Value(1.0), Value(2.0)
    product = hessian_vector_product(x * x * y, [x, y])
    with pytest.raises(ValueError, match=r"a number for each of the 2 parameters, got \[1\.0\]"):
        product([1.0])
    with pytest.raises(TypeError, match=r"takes a Value or a function, got 3\.0"):
        hessian(3.0)
    with pytest.raises(ValueError, match="is no leaf of the graph"):
        hessian(x * y, [x * x])
    with pytest.raises(ValueError, match="dtype must be one of"):
        hessian(x * y, dtype="int8")
    with pytest.raises(ValueError, match="knows its parameters"):
        hessian(compile(lambda z: x * z), [x])
    with pytest.raises(TypeError, match="at least one array"):
        hessian(lambda z: x * z)()
    with pytest.raises(TypeError, match="grad takes a Value or a function, got None"):
        grad(None)
    linear = hessian(3.0 * x + y)
    assert linear().tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_inputs_in_a_dict_have_no_order():
    w, a, b = Value(2.0), Value(3.0), Value(5.0)
    loss = w * w * a + w * w * w * b
    inputs, other = {"a": a, "b": [b]}, {"b": [7.0], "a": 4.0}
    assert grad(loss, [w], inputs)(other).tolist() == [2 * 2 * 4 + 3 * 4 * 7]
    product = hessian_vector_product(loss, [w], inputs)
    assert product([1.0], other).tolist() == [2 * 4 + 6 * 2 * 7]
    assert hessian(loss, [w], [inputs])([other]).tolist() == [[2 * 4 + 6 * 2 * 7]]
    with pytest.raises(TypeError, match="as one list or dict"):
        product([1.0], 4.0, [7.0])


def test_other_values_are_those_of_now():
    w, scale = Value(2.0), Value(3.0)
    loss = compile(lambda x: w * w * scale * x, [w])
    slope, product = grad(loss), hessian_vector_product(loss)
    for number in (3.0, 5.0):
        scale.data = number
        loss.pull()
        assert slope([1.0, 3.0]).tolist() == loss.value_and_grad([1.0, 3.0])[1].tolist()
        assert product([1.0], [1.0, 3.0]).tolist() == [4.0 * number]
