"""Functions compiled for other array libraries: values, and the gradients these libraries find."""

import functools
import random
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_engine import Value, dot, gradient, log_softmax, pick, primitives, softmax
from autograd_engine.compiler import compile
from autograd_engine.compiler.array_api import _functions, _run, _standard
from autograd_engine.compiler.batch import batched
from autograd_engine.compiler.columns import Columns
from autograd_engine.compiler.differentiate import differentiate
from autograd_engine.compiler.functional import _spelled, emit_functional
from autograd_engine.compiler.interpret import interpret
from autograd_engine.compiler.normal import normalise
from autograd_engine.compiler.roll import roll
from autograd_engine.compiler.spelling import Expression

RNG = np.random.default_rng(0)


def jax_library():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)

    compiled = functools.cache(lambda f: jax.jit(jax.value_and_grad(f)))

    def value_and_grad(f, params, *args):
        return compiled(f)(params, *map(jax.numpy.asarray, args))

    return SimpleNamespace(xp=jax.numpy, value_and_grad=value_and_grad)


def torch_library():
    torch = pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")

    def value_and_grad(f, params, *args):
        params = params.clone().requires_grad_()
        value = f(params, *(torch.tensor(arg) for arg in args))
        if not value.requires_grad:  # it is a constant
            return value, torch.zeros_like(params)
        return value.detach(), torch.autograd.grad(value, params)[0].detach()

    return SimpleNamespace(xp=torch, value_and_grad=value_and_grad)


def numpy_library():
    if not hasattr(np, "permute_dims"):
        pytest.importorskip("array_api_compat")
    return SimpleNamespace(xp=np, value_and_grad=lambda f, *args: (f(*args), None))


def strict_library():
    """Nothing but the standard."""
    strict = pytest.importorskip("array_api_strict")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strict.set_array_api_strict_flags(api_version="2024.12")

    def value_and_grad(f, params, *args):
        return f(params, *map(strict.asarray, args)), None

    return SimpleNamespace(xp=strict, value_and_grad=value_and_grad)


@pytest.fixture(params=[numpy_library, strict_library, jax_library, torch_library])
def library(request):
    return request.param()


@pytest.fixture(params=[jax_library, torch_library])
def differentiating(request):
    return request.param()


# --- networks ------------------------------------------------------------------------------------


def numbers(shape):
    values = np.array([Value(x) for x in RNG.normal(size=shape).ravel()] + [None], object)
    return values[:-1].reshape(shape).tolist()


def flat(*tables):
    leaves = []
    for table in tables:
        leaves += flat(*table) if isinstance(table, list) else [table]
    return leaves


def linear(x, w):
    return [dot(row, x) for row in w]


def mlp():
    model = nn.MLP(4, [8, 8, 3], "relu", seed=2)

    def loss(x, y):
        return -pick(y, log_softmax(model(x)))

    return loss, model.parameters(), (RNG.normal(size=(20, 4)), RNG.integers(0, 3, 20))


def regression():
    model = nn.MLP(3, [5, 1], "sigmoid", seed=1)
    weights = [p for p in model.parameters() if ".w[" in p.label]

    def loss(x, y):
        return (model(x) - y) ** 2 + 0.1 * dot(weights, weights)

    return loss, model.parameters(), (RNG.normal(size=(7, 3)), RNG.normal(size=7))


def attention():
    """Causal, with an embedding."""
    table, wq, wk, wv = numbers((5, 4)), numbers((4, 4)), numbers((4, 4)), numbers((4, 4))

    def loss(tokens, target):
        keys, values, total = [], [], 0.0
        for token in tokens:
            x = pick(token, table)
            keys.append(linear(x, wk))
            values.append(linear(x, wv))
            query = linear(x, wq)
            weights = softmax([dot(query, key) * 0.5 for key in keys])
            mixed = [dot(weights, column) for column in zip(*values, strict=True)]
            total = total - pick(target, log_softmax(linear(mixed, table)))
        return total

    return loss, flat(table, wq, wk, wv), (RNG.integers(0, 5, (3, 6)), RNG.integers(0, 5, 3))


def cnn():
    """Two convolutions, in nested loops."""
    first, second, head = numbers((2, 1, 3, 3)), numbers((3, 2, 3, 3)), numbers((3, 3))

    def convolved(maps, kernels):
        rows = range(len(maps[0]) - 2)
        return [
            [
                [
                    sum(
                        kernel[c][a][b] * maps[c][i + a][j + b]
                        for c in range(len(maps))
                        for a in range(3)
                        for b in range(3)
                    ).relu()
                    for j in rows
                ]
                for i in rows
            ]
            for kernel in kernels
        ]

    def loss(image, label):
        maps = convolved(convolved([image], first), second)
        sums = [sum(v for row in each for v in row) for each in maps]
        return -pick(label, log_softmax(linear(sums, head)))

    images, labels = RNG.normal(size=(2, 7, 7)), RNG.integers(0, 3, 2)
    return loss, flat(first, second, head), (images, labels)


def eager(f, parameters, args):
    losses = [f(*row) for row in zip(*(arg.tolist() for arg in args), strict=True)]
    slopes = [gradient(loss, parameters) for loss in losses]
    return sum(loss.data for loss in losses) / len(losses), np.mean(slopes, axis=0)


@pytest.mark.parametrize("network", [mlp, regression, attention, cnn])
def test_networks(network, library):
    f, parameters, args = network()
    function = compile(f, parameters, xp=library.xp)
    for scale in (1.0, 0.5):  # the parameters are an argument: no number of theirs stays behind
        for parameter in parameters:
            parameter.data *= scale
        for count in (len(args[0]), 1):
            some = [arg[:count] for arg in args]
            expected, slopes = eager(f, parameters, some)
            value, grads = library.value_and_grad(function, function.params, *some)
            assert float(value) == pytest.approx(expected, rel=1e-9)
            if grads is not None:
                found = np.asarray(grads)
                assert found == pytest.approx(slopes, rel=1e-9, abs=1e-9 * np.abs(slopes).max())
    for forbidden in ("+=", "[...] =", "out=", "as_strided", "np."):
        assert forbidden not in function.source


# Kinks, saturation, and arguments at which an untaken branch overflows.
POINTS = [-800.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 800.0]
ELEMENTWISE = [
    primitive
    for name, primitive in primitives.TABLE.items()
    if not primitive.takes_sequences and name not in ("+", "-", "*", "/", "neg", "identity")
]
# Where there is no derivative, or none in the reals, libraries have their own.
BEYOND = {
    "**": lambda x, y: x == 0.0 and y <= 0.0,
    "cbrt": lambda x: x == 0.0,
    "atan2": lambda y, x: x == y == 0.0,
    "acosh": lambda x: x <= 1.0,
}


@pytest.mark.parametrize("primitive", ELEMENTWISE, ids=lambda p: p.name)
def test_the_library_finds_the_derivatives_of_the_table(primitive, differentiating):
    """Also at kinks, and where a branch that is not taken overflows."""
    settings = {"**n": {"exponent": 2.0}, "celu": {"alpha": 1.5}}.get(primitive.name, {})
    primitive = primitive.bind(**settings) if settings else primitive
    beyond = BEYOND.get(primitive.name, lambda *_: False)
    names = primitive.operands
    grid = np.stack(np.meshgrid(*[POINTS] * len(names)), -1).reshape(-1, len(names))
    if len(names) == 3:
        grid = grid[::7]
    grid = np.array([row for row in grid if not beyond(*row)])
    exact = [primitive.evaluate(tuple(map(float, row))) for row in grid]
    text = _spelled(primitive, [Expression(name) for name in names]).text
    xp = _standard(differentiating.xp)
    spelled = eval(f"lambda {', '.join(names)}: {text}", {"xp": xp, **_functions(xp, {})})

    def total(numbers):
        table = xp.reshape(numbers, grid.shape)
        found.append(spelled(*(table[:, i] for i in range(len(names)))))
        return xp.sum(found[-1] + 0.0 * table[:, 0])

    found = []
    numbers = xp.asarray(grid.ravel())
    _, grads = differentiating.value_and_grad(total, numbers)
    total(numbers)
    assert np.asarray(found[-1]) == pytest.approx(np.array([v for v, _ in exact]), nan_ok=True)
    slopes = np.array([partials for _, partials in exact])
    assert np.asarray(grads).reshape(grid.shape) == pytest.approx(slopes, nan_ok=True)


# --- random graphs -------------------------------------------------------------------------------


def random_graph(rng):
    """A graph of parameters and inputs, in rounds of the same operation on some numbers."""
    parameters = [Value(rng.uniform(-1.0, 1.0)) for _ in range(rng.randrange(1, 6))]
    inputs = [Value(rng.uniform(-1.0, 1.0)) for _ in range(rng.randrange(1, 6))]
    pool = [*parameters, *inputs]
    for _ in range(rng.randrange(1, 6)):
        operation = rng.choice(["sum", "dot", "softmax", "logsumexp", "tanh", "relu", "*"])
        made = []
        for k in range(rng.randrange(1, 7)):
            if rng.random() < 0.7:  # regular, as programs are
                xs = [pool[(k + j) % len(pool)] for j in range(rng.choice([3, 3, 3, 2, 5]))]
            else:
                xs = [rng.choice(pool) for _ in range(rng.randrange(2, 5))]
            if rng.random() < 0.2:
                xs[1] = xs[0]
            if operation == "sum":
                made.append(sum(xs) * rng.choice([1.0, -2.0]) + rng.choice([0.0, 3.0]))
            elif operation == "dot":
                made.append(dot(xs, xs[::-1]).tanh())
            elif operation == "softmax":
                made.append(softmax(xs)[rng.randrange(len(xs))])
            elif operation == "logsumexp":
                made.append(primitives.logsumexp(xs))
            else:
                made.append((xs[0] * xs[1]).tanh() if operation == "*" else xs[0].relu())
        pool = [*made, *rng.sample(pool, 2)]
    return sum(x * (i + 1) for i, x in enumerate(pool)), parameters, inputs


def check_random_graph(seed, library):
    rng = random.Random(seed)
    loss, parameters, inputs = random_graph(rng)
    normal = normalise(Columns(loss), loss, parameters, inputs)
    count = rng.choice([1, 3])
    plan = batched(roll(normal, len(parameters), len(inputs)), count)
    differentiate(plan)
    emitted = emit_functional(plan, count, "f", [("x", (len(inputs),), None)], [""] * 9, 0)
    program = _run(emitted, _standard(library.xp))
    numbers = np.array([p.data for p in parameters])
    rows = np.random.default_rng(seed).uniform(-1.0, 1.0, (count, len(inputs)))
    expected, slopes = interpret(plan, numbers, rows)
    value, grads = library.value_and_grad(program, _standard(library.xp).asarray(numbers), rows)
    assert float(value) == pytest.approx(expected, rel=1e-9, abs=1e-9), emitted.source
    if grads is not None:
        close = pytest.approx(slopes, rel=1e-9, abs=1e-9 * (1.0 + np.abs(slopes).max()))
        assert np.asarray(grads) == close, emitted.source


@given(st.integers(0, 2**32))
def test_random_graphs(seed):
    check_random_graph(seed, numpy_library())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_random_graphs_are_differentiated_by_torch(seed):
    check_random_graph(seed, torch_library())


# --- as a user meets it --------------------------------------------------------------------------


def test_the_source_is_that_of_the_lecture():
    f, parameters, args = mlp()
    function = compile(f, parameters, xp=np)
    function(function.params, *args)
    lines = [line.partition("  #")[0].strip() for line in function.source.splitlines()]
    start = lines.index("z1 = x @ W1.T + b1")
    assert lines[start : start + 5] == [
        "z1 = x @ W1.T + b1",
        "a1 = xp.where(z1 <= 0.0, 0.0, z1)",
        "z2 = a1 @ W2.T + b2",
        "a2 = xp.where(z2 <= 0.0, 0.0, z2)",
        "z3 = a2 @ W3.T + b3",
    ]
    assert "def loss(params, x, y):" in lines
    assert re.match(r"# [\d,]+ recorded scalars of one example, in \d+ lines\n", function.source)


def test_one_matrix_product_for_each_convolution():
    f, parameters, args = cnn()
    function = compile(f, parameters, xp=np)
    function(function.params, *args)
    assert len(re.findall("@|tensordot", function.source)) == 3


def test_training_and_giving_the_numbers_back(differentiating):
    f, parameters, args = mlp()
    function = compile(f, parameters, xp=differentiating.xp)
    params = function.params
    before, _ = differentiating.value_and_grad(function, params, *args)
    for _ in range(100):
        _, grads = differentiating.value_and_grad(function, params, *args)
        params = params - 0.5 * grads
    function.push(params)
    assert eager(f, parameters, args)[0] == pytest.approx(float(function(params, *args)), rel=1e-9)
    assert eager(f, parameters, args)[0] < 0.5 * float(before)


def test_jax_transforms_it_as_any_function():
    jax = pytest.importorskip("jax")
    library = jax_library()
    x, y = Value(3.0), Value(4.0)
    function = compile(lambda t: x * x * y * t, [x, y], xp=library.xp)
    hessian = jax.hessian(function)(function.params, np.ones(2))
    assert np.asarray(hessian) == pytest.approx(np.array([[8.0, 6.0], [6.0, 0.0]]))
    stacked = jax.numpy.stack([function.params, 2.0 * function.params])
    values = jax.vmap(function, in_axes=(0, None))(stacked, np.ones(2))
    assert np.asarray(values) == pytest.approx(np.array([36.0, 288.0]))
    slope = jax.grad(function, argnums=1)(function.params, jax.numpy.ones(2))
    assert np.asarray(slope) == pytest.approx(np.array([18.0, 18.0]))


def test_it_computes_in_the_precision_of_the_parameters(differentiating):
    f, parameters, args = mlp()
    xp = _standard(differentiating.xp)
    function = compile(f, parameters, xp=xp)
    value = function(xp.astype(function.params, xp.float32), *map(xp.asarray, args))
    assert value.dtype == xp.float32
    assert float(value) == pytest.approx(eager(f, parameters, args)[0], rel=1e-5)
    assert compile(f, parameters, xp=xp, dtype="float32").params.dtype == xp.float32


def test_an_integer_out_of_range_chooses_nan(library):
    f, parameters, (x, y) = mlp()
    function = compile(f, parameters, xp=library.xp)
    for wrong in (3, -1):
        y[0] = wrong
        value, _ = library.value_and_grad(function, function.params, x, y)
        assert np.isnan(float(value))


def test_wrong_arguments_are_told():
    f, parameters, (x, y) = mlp()
    function = compile(f, parameters, xp=np)
    params = function.params
    for arguments, error, message in [
        ((params[1:], x, y), ValueError, r"params must have the shape \(139,\).*got \(138,\)"),
        ((params.astype(int), x, y), TypeError, "params must be floats, got an array of int64"),
        ((params,), TypeError, "at least one array of examples"),
        ((params, x, y[:5]), ValueError, "argument 0 has 20 examples and argument 1 has 5"),
        ((params, x[:0], y[:0]), ValueError, "argument 0 of loss has no examples"),
        ((params, x, 3), TypeError, "argument 1 of loss must be an array"),
        ((params, x[:, :3], y), ValueError, "expected 4 inputs, got 3"),
    ]:
        with pytest.raises(error, match=message):
            function(*arguments)
    with pytest.raises(ValueError, match="there are 139 parameters, got 138"):
        function.push(params[1:])
    with pytest.raises(TypeError, match=r"compile\(f, model.parameters\(\), xp=...\)"):
        compile(f, xp=np)
    with pytest.raises(TypeError, match="takes the loss of an example as a function"):
        compile(Value(1.0) * 2.0, [], xp=np)
    with pytest.raises(ValueError, match="a parameter is given twice"):
        compile(f, parameters * 2, xp=np)
    with pytest.raises(TypeError, match="parameters must be Values that were given"):
        compile(f, [parameters[0] * 2.0], xp=np)
    with pytest.raises(TypeError, match="must return one Value"):
        compile(lambda x: x, parameters, xp=np)(params, x)


def test_numbers_that_change_are_found():
    w = Value(2.0)
    function = compile(lambda x: w * x * random.random(), [w], xp=np)
    with pytest.raises(ValueError, match="cannot be compiled: its value comes out as"):
        function(function.params, np.ones(3))


def test_what_has_no_structure_is_told():
    w = Value(0.5)

    def chain(x):
        for _ in range(300):
            x = (w * x).sin()
        return x

    function = compile(chain, [w], xp=np)
    with pytest.raises(ValueError, match=r"chain cannot be compiled: its .* scalars are in more"):
        function(function.params, np.ones(3))


def test_looking_at_numbers_is_refused():
    w = Value(2.0)
    for f, message in [
        (lambda x: w * x if x > 0.0 else w, "a comparison of an input"),
        (lambda x: w * x * w.data, "the .data of a parameter"),
    ]:
        function = compile(f, [w], xp=np)
        with pytest.raises(TypeError, match=message):
            function(function.params, np.ones(3))


def test_the_mode_of_a_module_counts():
    model = nn.Sequential(nn.Layer(3, 4, "relu", seed=0), nn.Dropout(0.5), nn.Neuron(4, seed=1))
    function = compile(lambda x: model(x) ** 2, model.parameters(), xp=np)
    x = RNG.normal(size=(5, 3))
    with pytest.raises(TypeError, match="draws random numbers"):
        function(function.params, x)
    model.eval()
    expected, _ = eager(lambda row: model(row) ** 2, model.parameters(), [x])
    assert float(function(function.params, x)) == pytest.approx(expected, rel=1e-9)
    model.train()
    with pytest.raises(TypeError, match="draws random numbers"):
        function(function.params, x)


def test_other_values_are_constants():
    w, c = Value(2.0), Value(3.0)

    @compile(parameters=[w], xp=np)
    def loss(x):
        return w * c * x

    assert loss.params.tolist() == [2.0]
    assert float(loss(np.array([5.0]), np.ones(4))) == 15.0


def test_names_from_labels_and_arguments_are_plain():
    w = [Value(1.0, label=f"xp = 1; import os #[{i}]") for i in range(3)]

    def params(xp, inputs):
        return dot(w, xp) * inputs

    function = compile(params, w, xp=np)
    assert float(function(function.params, np.ones((2, 3)), np.ones(2))) == 3.0
    assert "import" not in function.source.replace("import_", "")
