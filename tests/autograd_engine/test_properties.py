"""Laws that hold for every program: random expressions, read in every way there is."""

import importlib
import math
import operator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_engine as ae
from autograd_engine import Value, grad, gradient, hessian, jvp
from autograd_engine.checking import central_difference

# A program is a list of steps (operation, operand, operand) on a growing list of numbers, of
# which the first three are the variables. The operations are smooth and stay in range.
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": lambda x, y: x * y * 0.5,
    "/": lambda x, y: x / (y * y + 1.0),
    "atan2": lambda x, y: ae.atan2(x, y * y + 0.5),
    "hypot": lambda x, y: ae.hypot(x, y + 3.0),
    "logsumexp": lambda x, y: ae.logsumexp([x, y, 0.5]),
    "dot": lambda x, y: ae.dot([x, y], [y, 0.25]),
    "prod": lambda x, y: ae.prod([x, y, 0.5]),
    "**": lambda x, y: (x * x + 1.0) ** (y * 0.25),
}
UNARY = {
    "neg": operator.neg,
    "**2": lambda x: x**2 * 0.25,
    "tanh": ae.tanh,
    "sigmoid": ae.sigmoid,
    "softplus": ae.softplus,
    "sin": ae.sin,
    "gelu": ae.gelu,
    "silu": ae.silu,
    "erf": ae.erf,
    "asinh": ae.asinh,
    "log": lambda x: ae.log(x * x + 0.5),
    "sqrt": lambda x: ae.sqrt(x * x + 0.5),
    "exp": lambda x: ae.exp(-x * x),
}
# The same in plain Python, on floats.
PLAIN = {
    "atan2": lambda x, y: math.atan2(x, y * y + 0.5),
    "hypot": lambda x, y: math.sqrt(x * x + (y + 3.0) ** 2),
    "logsumexp": lambda x, y: math.log(math.exp(x) + math.exp(y) + math.exp(0.5)),
    "dot": lambda x, y: x * y + y * 0.25,
    "prod": lambda x, y: x * y * 0.5,
    "**": lambda x, y: math.pow(x * x + 1.0, y * 0.25),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)),
    "softplus": lambda x: math.log(1.0 + math.exp(x)),
    "sin": math.sin,
    "gelu": lambda x: x * 0.5 * (1.0 + math.erf(x / math.sqrt(2.0))),
    "silu": lambda x: x / (1.0 + math.exp(-x)),
    "erf": math.erf,
    "asinh": math.asinh,
    "log": lambda x: math.log(x * x + 0.5),
    "sqrt": lambda x: math.sqrt(x * x + 0.5),
    "exp": lambda x: math.exp(-x * x),
}

numbers = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
points = st.lists(numbers, min_size=3, max_size=3)
position = st.integers(0, 30)
steps = st.one_of(
    st.tuples(st.sampled_from(sorted(BINARY)), position, position),
    st.tuples(st.sampled_from(sorted(UNARY)), position),
)
programs = st.lists(steps, min_size=1, max_size=12)


def run(program, variables, binary=BINARY, unary=UNARY):
    pool = list(variables)
    for name, *at in program:
        operands = [pool[i % len(pool)] for i in at]
        result = (binary if len(at) == 2 else unary)[name](*operands)
        assume(abs(getattr(result, "data", result)) < 1e3)
        pool.append(result)
    return pool[-1] + 0.0 * pool[0]


@given(programs, points)
def test_the_value_is_that_of_plain_arithmetic(program, point):
    plain = run(program, point, BINARY | PLAIN, UNARY | PLAIN)
    assert run(program, [Value(x) for x in point]).data == pytest.approx(plain, rel=1e-9, abs=1e-9)


@given(programs, points)
def test_the_gradient_is_that_of_differences(program, point):
    variables = [Value(x) for x in point]
    slopes = gradient(run(program, variables), variables)
    for i, slope in enumerate(slopes):

        def along(x, i=i):
            return run(program, [*point[:i], x, *point[i + 1 :]])

        estimate, error = central_difference(along, point[i])
        assert slope == pytest.approx(estimate, rel=1e-6, abs=1e-6 + 10.0 * error)


@given(programs, points, points)
def test_reverse_equals_forward_mode(program, point, direction):
    slopes = grad(lambda x: run(program, x))(point)
    _, along = jvp(lambda x: run(program, x), (point,), (direction,))
    total = math.fsum(s * d for s, d in zip(slopes, direction, strict=True))
    scale = math.fsum(abs(s * d) for s, d in zip(slopes, direction, strict=True))
    assert along == pytest.approx(total, rel=1e-9, abs=1e-9 * (1.0 + scale))


@given(programs, points)
def test_second_derivatives_are_symmetric_and_those_of_the_gradient(program, point):
    matrix = hessian(lambda x: run(program, x))(point)
    size = 1.0 + max(abs(x) for row in matrix for x in row)
    for i in range(3):
        for j in range(i):
            assert matrix[i][j] == pytest.approx(matrix[j][i], rel=1e-8, abs=1e-9 * size)

    def slope_along(x):
        return grad(lambda v: run(program, v))([x, *point[1:]])[0]

    estimate, error = central_difference(slope_along, point[0])
    assert matrix[0][0] == pytest.approx(estimate, rel=1e-5, abs=1e-5 * size + 10.0 * error)


@given(programs, points, st.randoms(use_true_random=False))
def test_the_order_of_building_does_not_matter(program, point, random):
    def build(order):
        variables = [Value(x) for x in point]
        made = dict(enumerate(variables))
        waiting = list(enumerate(program, 3))
        order(waiting)
        while waiting:
            for entry in list(waiting):
                index, (name, *at) = entry
                needed = [i % index for i in at]
                if all(i in made for i in needed):
                    operands = [made[i] for i in needed]
                    made[index] = (BINARY if len(at) == 2 else UNARY)[name](*operands)
                    waiting.remove(entry)
        root = made[2 + len(program)]
        root.backward()
        return root.data, [v.grad for v in variables]

    data, slopes = build(lambda waiting: None)
    assume(all(map(math.isfinite, [data, *slopes])))
    shuffled_data, shuffled = build(random.shuffle)
    assert shuffled_data == data
    assert shuffled == pytest.approx(slopes, rel=1e-12, abs=1e-12)


@given(programs, points)
def test_backward_gradient_and_create_graph_agree(program, point):
    variables = [Value(x) for x in point]
    root = run(program, variables)
    slopes = gradient(root, variables)
    again = gradient(root, variables, create_graph=True)
    root.backward()
    assert [v.grad for v in variables] == slopes
    assert [slope.data for slope in again] == pytest.approx(slopes, rel=1e-12, abs=1e-12)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=8), st.floats(-100, 100))
def test_softmax_is_a_distribution_that_a_shift_leaves_alone(xs, shift):
    p = ae.softmax(xs)
    assert math.fsum(p) == pytest.approx(1.0, abs=1e-15) and all(0.0 <= x <= 1.0 for x in p)
    assert ae.softmax([x + shift for x in xs]) == pytest.approx(p, rel=1e-11, abs=1e-300)
    assert ae.logsumexp(xs) >= max(xs)


@given(programs, points)
def test_torch_agrees(program, point):
    if not importlib.util.find_spec("torch"):
        pytest.skip("torch is not installed")
    torch = importlib.import_module("torch")
    functions = {
        "atan2": lambda x, y: torch.atan2(x, y * y + 0.5),
        "hypot": lambda x, y: torch.hypot(x, y + 3.0),
        "logsumexp": lambda x, y: torch.logsumexp(torch.stack([x, y, torch.tensor(0.5)]), 0),
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "softplus": torch.nn.functional.softplus,
        "sin": torch.sin,
        "gelu": torch.nn.functional.gelu,
        "silu": torch.nn.functional.silu,
        "erf": torch.erf,
        "asinh": torch.asinh,
        "log": lambda x: torch.log(x * x + 0.5),
        "sqrt": lambda x: torch.sqrt(x * x + 0.5),
        "exp": lambda x: torch.exp(-x * x),
        "**": lambda x, y: (x * x + 1.0) ** (y * 0.25),
        "dot": lambda x, y: x * y + y * 0.25,
        "prod": lambda x, y: x * y * 0.5,
    }
    variables = [Value(x) for x in point]
    run(program, variables).backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    run(program, tensors, BINARY | functions, UNARY | functions).backward()
    theirs = [0.0 if t.grad is None else t.grad.item() for t in tensors]
    assert [v.grad for v in variables] == pytest.approx(theirs, rel=1e-8, abs=1e-8)
