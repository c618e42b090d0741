from autograd_engine import Value, derivative, exp, grad, hessian, sigmoid, sin, tanh
from autograd_engine import gradient as engine_gradient
from autograd_engine.teach.programs import doubling, random_program, run, spelled
from autograd_engine.teach.testing import check, close, expect, same

OPERATIONS = {
    "+": 2,
    "-": 2,
    "*": 2,
    "/": 2,
    "neg": 1,
    "exp": 1,
    "sin": 1,
    "cos": 1,
    "tanh": 1,
    "sigmoid": 1,
}
SMOOTH = ("+", "-", "*", "neg", "tanh", "sin", "cos", "sigmoid")
# As the probes name them.
FUNCTIONS = {
    "x * x * x": lambda x: x * x * x,
    "tanh(x)": tanh,
    "sigmoid(x)": sigmoid,
    "exp(x) * sin(3 * x)": lambda x: exp(x) * sin(3.0 * x),
    "sin(x) / (x * x + 1)": lambda x: sin(x) / (x * x + 1.0),
}
ORDERS = [
    ("x * x * x", 2.0, 1, 12.0),
    ("x * x * x", 2.0, 2, 12.0),
    ("x * x * x", 2.0, 3, 6.0),
    ("tanh(x)", 0.5, 2, -0.7268619813835873),
    ("sigmoid(x)", 1.0, 2, -0.09085774767294841),
    ("exp(x) * sin(3 * x)", 1.3, 2, 4.206978699647937),
]


def made(steps, values):
    nodes = run(steps, {name: Value(x) for name, x in values.items()})
    return nodes, list(nodes.values())[-1]


def slopes(steps, values, names):
    nodes, output = made(steps, values)
    return [x.data for x in engine_gradient(output, [nodes[name] for name in names], True)]


def called(what, steps, values):
    numbers = "; ".join(f"{name} = Value({x!r})" for name, x in values.items())
    return f"{numbers}; {spelled(steps)}; {what}"


@check("local derivatives")
def local(run):
    for operation, count in OPERATIONS.items():
        for _ in range(2):
            values = dict(zip("ab"[:count], run.draws.numbers(count)))
            steps = [["y", operation, *values]]
            _, output = made(steps, values)
            call = called("partials(y)", steps, values)
            expect(run.partials_of(steps, values), output.partials, call=call)


def random_case(run, steps=6):
    names = ("a", "b", "c")
    program = random_program(run.draws, names, steps=steps, operations=SMOOTH)
    return program, dict(zip(names, run.draws.numbers(3)))


@check("gradient")
def backwards(run):
    first = [["s", "*", "a", "b"], ["y", "+", "s", "a"]]
    cases = [(first, dict(zip("abc", run.draws.numbers(3))))]
    cases += [random_case(run) for _ in range(8)]
    for steps, values in cases:
        inner = steps[len(steps) // 2][0]
        for names in (["a", "b", "c"], [inner, "a"]):
            must = slopes(steps, values, names)
            call = called(f"gradient({steps[-1][0]}, [{', '.join(names)}])", steps, values)
            expect(run.gradient_of(steps, values, names), must, abs=1e-9, call=call)
    expect(run.gradient_of(doubling(30), {"a": 1.0}, ["a"]), [2.0**30])


@check("gradient, twice")
def twice(run):
    for _ in range(3):
        steps, values = random_case(run)
        must = slopes(steps, values, ["a", "b", "c"])
        expect(
            run.gradient_twice(steps, values, ["a", "b", "c"]),
            {"first": must, "second": must},
            abs=1e-9,
            call=called(f"gradient({steps[-1][0]}, [a, b, c]), two times", steps, values),
            mistakes={"no_zero": lambda got, must=must: same(got["first"], must, abs=1e-9)},
        )


@check("gradients of gradients")
def nested_gradients(run):
    for function, x, order, must in ORDERS:
        mistakes = {"on_data": 0.0} if order > 1 else None
        figure = {"function": function, "x": x}
        got = run.gradients_of_gradients(function, x, order)
        expect(got, must, mistakes=mistakes, figure=figure)
    for function, f in FUNCTIONS.items():
        x = run.draws.number()
        got = run.gradients_of_gradients(function, x, 2)
        expect(got, derivative(f, 2)(x), abs=1e-9, mistakes={"on_data": 0.0})


@check("tangent, forwards as backwards")
def forwards(run):
    for _ in range(8):
        steps, values = random_case(run)
        inner = steps[len(steps) // 2][0]
        for names in (["a", "b", "c"], [inner], ["b"]):
            direction = run.draws.numbers(len(names))
            pairs = zip(slopes(steps, values, names), direction)
            must = sum(slope * speed for slope, speed in pairs)
            call = called(
                f"tangent({steps[-1][0]}, [{', '.join(names)}], {direction})", steps, values
            )
            got = run.tangent_of(steps, values, names, direction)
            expect(got, must, abs=1e-9, call=call)
    expect(run.tangent_of(doubling(30), {"a": 1.0}, ["a"], [1.0]), 2.0**30)


@check("derivatives of derivatives")
def nested_derivatives(run):
    for function, x, order, must in ORDERS:
        mistakes = {"on_data": 0.0} if order > 1 else None
        expect(run.derivatives_of(function, x, order), must, mistakes=mistakes)
    for function, f in FUNCTIONS.items():
        x = run.draws.number()
        got = run.derivatives_of(function, x, 2)
        expect(got, derivative(f, 2)(x), abs=1e-9, mistakes={"on_data": 0.0})


@check("a derivative within a function")
def within(run):
    for _ in range(3):
        x, y = run.draws.numbers(2)
        expect(run.inner_sum(x, y), 1.0, mistakes={"confusion": 2.0})
        expect(run.inner_product(x), 1.0, mistakes={"confusion": 2.0})
        # The inner derivative is x cos(x * x), where x is held fixed; otherwise of sin(y * y).
        confused = grad(lambda x: x * grad(lambda y: sin(y * y))(x))(x)
        must = grad(lambda x: x * grad(lambda y: sin(x * y))(x))(x)
        expect(run.inner_sine(x), must, mistakes={"confusion": confused})


def asymmetric(got):
    n = len(got)
    return any(not close(got[i][j], got[j][i], abs=1e-9) for i in range(n) for j in range(i))


@check("the Hessian")
def second(run):
    got = run.hessian_of_lecture([2.0, 3.0])
    expect(got, [[6.0, 4.0], [4.0, 18.0]], mistakes={"not_symmetric": asymmetric})
    for _ in range(4):
        steps, values = random_case(run, steps=5)
        names, xs = list(values), list(values.values())

        def f(z, steps=steps, names=names):
            return made_of(steps, dict(zip(names, z)))

        call = f"f = lambda a, b, c: {spelled(steps)}; hessian(f, {xs})"
        got = run.hessian_of(steps, names, xs)
        expect(got, hessian(f)(xs), abs=1e-9, call=call, mistakes={"not_symmetric": asymmetric})


def made_of(steps, values):
    return list(run(steps, values).values())[-1]
