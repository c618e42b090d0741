import math

from autograd_engine.teach import programs
from autograd_engine.teach.testing import check, expect

BETWEEN = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
FUNCTIONS = {
    "neg": lambda x: -x,
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "relu": lambda x: max(0.0, x),
}


def holds_a_value(got):
    return getattr(got, "type", "") == "Value"


def spelled(program, inputs, asked):
    """What a learner would type; asked is what is looked at in the end."""
    assigned = "; ".join(f"{name} = Value({x!r})" for name, x in inputs.items())
    return f"{assigned}; {programs.spelled(program)}; {asked}"


def value(run, step, inputs):
    return run.value(spelled([step], inputs, "c.data"), [step], inputs)


@check("a Value of a number")
def of_a_number(run):
    for x in (run.draws.number(), 3):
        must = {"data": float(x), "type of data": "float", "parents": [], "op": ""}
        expect(run.attributes(x), must)


@check("between two Values")
def between_values(run):
    a, b = run.draws.numbers(2)
    for operation, f in BETWEEN.items():
        expect(
            value(run, ["c", operation, "a", "b"], {"a": a, "b": b}),
            f(a, b),
            mistakes={"value_inside": holds_a_value},
        )


wrapping = {"AttributeError": "not_wrapped", "TypeError": "not_wrapped"}


@check("a number on the right", raises=wrapping)
def on_the_right(run):
    for y in (2, run.draws.number()):
        for operation, f in BETWEEN.items():
            x = run.draws.number()
            expect(
                run.right_number(x, operation, y),
                f(x, y),
                mistakes={"value_inside": holds_a_value},
            )


@check("a number on the left", raises=wrapping)
def on_the_left(run):
    for y in (5, run.draws.number()):
        for operation, f in BETWEEN.items():
            x = run.draws.number()
            expect(
                run.left_number(y, operation, x),
                f(y, x),
                mistakes={"reflected_swapped": f(x, y), "value_inside": holds_a_value},
            )


@check("functions of one Value")
def functions(run):
    for sign in (1, -1):
        a = sign * abs(run.draws.number())
        for operation, f in FUNCTIONS.items():
            if operation != "log" or a > 0.0:
                expect(value(run, ["c", operation, "a"], {"a": a}), f(a))
        for k in (3, -2):
            expect(value(run, ["c", "**", "a", k], {"a": a}), a**k)


@check("what is recorded")
def recorded(run):
    a, b = (abs(x) for x in run.draws.numbers(2))
    number = abs(run.draws.number())
    cases = [("+", ["a", "a"]), ("*", ["b", "b"])]
    cases += [(operation, pair) for operation in BETWEEN for pair in (["a", "b"], ["b", "a"])]
    cases += [(operation, ["a"]) for operation in FUNCTIONS]
    cases += [("**", ["a", 3])]
    cases += [(operation, ["a", number]) for operation in BETWEEN]
    cases += [("-", [number, "a"]), ("/", [number, "a"])]
    for operation, operands in cases:
        step, inputs = ["c", operation, *operands], {"a": a, "b": b}
        parents = operands[:1] if operation == "**" else operands

        def of_a_set(got, parents=parents):
            """Each parent once, in any order."""
            found = got["parents"]
            return found != parents and len(found) == len(set(found)) == len({*parents, *found})

        expect(
            run.record(spelled([step], inputs, "c.op, c.parents"), step, inputs),
            {"op": operation, "parents": parents, "a or b changed": False},
            mistakes={"parents_as_set": of_a_set},
        )


@check("equal numbers", raises={"TypeError": "equal_by_value"})
def equal_numbers(run):
    expect(
        run.equality(run.draws.number()),
        [False, True, 2],
        mistakes={"equal_by_value": lambda got: got[0] is not False},
    )


@check("random formulas")
def random_formulas(run):
    operations = ("+", "-", "*", "/", "**", "neg", "exp", "tanh", "relu")
    for _ in range(30):
        program = programs.random_program(run.draws, ("a", "b"), 6, operations)
        inputs = dict(zip("ab", run.draws.numbers(2), strict=True))
        try:
            steps = programs.run(program, inputs)
        except OverflowError:
            continue
        if all(abs(x) < 1e6 for x in steps.values()):
            last, must = list(steps.items())[-1]
            code = spelled(program, inputs, f"{last}.data")
            expect(run.value(code, program, inputs), must, rel=1e-9)
