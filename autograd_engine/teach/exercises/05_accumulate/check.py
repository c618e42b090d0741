from autograd_engine.teach import programs
from autograd_engine.teach.testing import check, close, expect


def gradients_of(run, program, inputs, upstream=1.0, mistakes=None):
    """Compare all gradients of a program with the right ones."""
    assigned = "; ".join(f"{name} = Value({x!r})" for name, x in inputs.items())
    names = [name for name, *_ in program]
    calls = "; ".join(f"{name}._backward()" for name in reversed(names))
    asked = ", ".join(f"{name}.grad" for name in inputs)
    spelled = programs.spelled(program)
    code = f"{assigned}; {spelled}; {names[-1]}.grad = {upstream}; {calls}; {asked}"
    right = programs.gradients(program, inputs)
    must = {name: upstream * slope for name, slope in right.items()}
    got = run.after_backward(code, program, inputs, upstream)
    figure = {"program": program, "inputs": inputs, "got": got}
    expect(got, must, mistakes=mistakes, figure=figure if upstream == 1.0 else None)


def only_one(got):
    return close(got["a"], 0.0) or close(got["b"], 0.0)


@check("one sum")
def one_sum(run):
    a, b = run.draws.numbers(2)
    gradients_of(
        run, [["y", "+", "a", "b"]], {"a": a, "b": b}, mistakes={"only_one_operand": only_one}
    )


@check("one product")
def one_product(run):
    a, b = run.draws.numbers(2)
    gradients_of(
        run, [["y", "*", "a", "b"]], {"a": a, "b": b}, mistakes={"only_one_operand": only_one}
    )


@check("with 3 from above")
def from_above(run):
    for operation in ("+", "*"):
        a, b = run.draws.numbers(2)
        program = [["y", operation, "a", "b"]]
        inputs = {"a": a, "b": b}
        slope = programs.gradients(program, inputs)["a"]

        def without(got, slope=slope):
            return close(got["a"], slope)

        gradients_of(run, program, inputs, 3.0, {"no_upstream": without})


@check("a + a and a * a")
def used_twice(run):
    for a in (3.0, run.draws.number()):
        for operation, one_share in (("+", 1.0), ("*", a)):
            gradients_of(
                run,
                [["y", operation, "a", "a"]],
                {"a": a},
                mistakes={"overwrites": {"a": one_share, "y": 1.0}},
            )


@check("ab + a")
def product_and_sum(run):
    a, b = run.draws.numbers(2)
    program = [["c", "*", "a", "b"], ["y", "+", "c", "a"]]
    gradients_of(
        run,
        program,
        {"a": a, "b": b},
        mistakes={"overwrites": lambda got: close(got["a"], b) or close(got["a"], 1.0)},
    )


@check("used five times")
def five_times(run):
    sums = [["c", "+", "a", "a"], ["d", "+", "c", "a"], ["e", "+", "d", "a"], ["y", "+", "e", "a"]]
    gradients_of(run, sums, {"a": run.draws.number()})


@check("random formulas")
def random_formulas(run):
    for _ in range(10):
        program = []
        names = ["a", "b"]
        for i in range(1, 6):
            operands = run.draws.shuffled([names[-1], run.draws.choice(names)])
            program.append([f"s{i}", run.draws.choice("+*"), *operands])
            names.append(f"s{i}")
        inputs = dict(zip("ab", run.draws.numbers(2), strict=True))
        gradients_of(run, program, inputs, run.draws.choice([1.0, 3.0]))


@check("the numbers themselves stay")
def data_stays(run):
    for operation in ("+", "*"):
        a, b = run.draws.numbers(2)
        must = [a, b, a + b if operation == "+" else a * b]
        expect(run.data_after_backward(operation, a, b), must)
