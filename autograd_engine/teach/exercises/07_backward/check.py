from autograd_engine.teach import programs
from autograd_engine.teach.testing import check, expect, like

SLIDE = [["a", "*", "w", "x"], ["y", "+", "a", "q"]]
TWO_PARAMETERS = [
    ["a", "*", "theta1", "theta2"],
    ["b", "*", "a", "x"],
    ["c", "-", "b", "y"],
    ["L", "**", "c", 2],
]
# A hidden and an output unit, the loss of label 1, and a penalty on both weights.
REGULARISED = [
    ["u1", "*", "w1", "x"],
    ["u2", "sigmoid", "u1"],
    ["u3", "*", "w2", "u2"],
    ["u4", "sigmoid", "u3"],
    ["u5", "log", "u4"],
    ["u6", "neg", "u5"],
    ["p1", "**", "w1", 2],
    ["p2", "**", "w2", 2],
    ["p", "+", "p1", "p2"],
    ["u8", "*", "lam", "p"],
    ["L", "+", "u6", "u8"],
]

# One weight in the losses of two examples.
TWO_EXAMPLES = [
    ["a", "*", "w", "x"],
    ["b", "-", "a", "y"],
    ["c", "**", "b", 2],
    ["d", "*", "w", "y"],
    ["e", "-", "d", "x"],
    ["f", "**", "e", 2],
    ["L", "+", "c", "f"],
]


def code(program, inputs, asked):
    assigned = "; ".join(f"{name} = Value({x!r})" for name, x in inputs.items())
    return f"{assigned}; {programs.spelled(program)}; {program[-1][0]}.backward(); {asked}"


def expect_gradients(run, program, inputs, must):
    """Compare the gradients that are named."""
    got = run.gradients(code(program, inputs, "the gradients"), program, inputs)
    like(got, dict.fromkeys([*inputs, *(name for name, *_ in program)], 0.0))
    nothing = all(slope == 0.0 for name, slope in got.items() if name != program[-1][0])
    expect(
        {name: got[name] for name in must},
        must,
        mistakes={"no_seed": lambda _: nothing},
        figure={"program": program, "inputs": inputs, "got": got},
    )


@check("y = wx + q, the numbers of the slide")
def slide(run):
    must = {"y": 1.0, "a": 1.0, "q": 1.0, "w": 3.0, "x": 2.0}
    expect_gradients(run, SLIDE, {"w": 2.0, "x": 3.0, "q": 1.0}, must)


@check("the model with two parameters")
def two_parameters(run):
    must = {"c": -58.0, "b": -58.0, "a": -232.0, "theta1": 696.0, "theta2": -464.0}
    must |= {"x": 348.0, "y": 58.0}
    inputs = {"theta1": 2.0, "theta2": -3.0, "x": 4.0, "y": 5.0}
    expect_gradients(run, TWO_PARAMETERS, inputs, must)


@check("a net with a penalty: two ways to each weight")
def regularised(run):
    inputs = {"w1": 0.5, "w2": -1.0, "x": 2.0, "lam": 0.1}
    must = {"w1": 0.36544086653621405, "w2": -0.6934919752860137}
    expect_gradients(run, REGULARISED, inputs, must)


@check("random formulas")
def random_formulas(run):
    count = 0
    while count < 10:
        drawn = programs.random_program(
            run.draws, ("a", "b"), 6, ("+", "-", "*", "**", "neg", "sigmoid")
        )
        program = [
            step if step[1] == "**" else ["b" if isinstance(x, float) else x for x in step]
            for step in drawn
        ]
        inputs = dict(zip("ab", run.draws.numbers(2), strict=True))
        # The sigmoid of the starter overflows far out.
        if all(abs(x) < 100.0 for x in programs.run(program, inputs).values()):
            expect_gradients(run, program, inputs, programs.gradients(program, inputs))
            count += 1


@check("backward twice")
def twice(run):
    expect(
        run.twice(3.0, 2.0, 1.0),
        [1.0, 2.0],
        mistakes={
            "clears_leaves": [1.0, 1.0],
            "old_gradients_flow": lambda got: got[0] == 1.0 and got[1] in (3.0, 4.0),
        },
    )


@check("two losses")
def two_losses(run):
    inputs = dict(zip("wx", run.draws.numbers(2), strict=True))
    c = ["c", "*", "w", "x"]
    of_one = programs.gradients([c, ["L", "*", "c", "c"]], inputs)["w"]
    of_other = programs.gradients([c, ["M", "+", "c", "w"]], inputs)["w"]
    expect(
        run.two_losses(inputs["w"], inputs["x"]),
        of_one + of_other,
        mistakes={"clears_leaves": of_other},
    )


@check("zero_grad")
def zero_grad(run):
    inputs = dict(zip("wxy", run.draws.numbers(3), strict=True))
    right = programs.gradients(TWO_EXAMPLES, inputs)
    expect(
        run.cleared(TWO_EXAMPLES, *inputs.values()),
        {"cleared": dict.fromkeys(right, 0.0), "w.grad again": right["w"]},
        mistakes={"zero_grad_misses": lambda got: got["cleared"]["w"] != 0.0},
    )


@check("the numbers themselves stay")
def data_stays(run):
    inputs = dict(zip("wxq", run.draws.numbers(3), strict=True))
    asked = "y.zero_grad(); the numbers in all Values"
    expect(run.data_after(code(SLIDE, inputs, asked), SLIDE, inputs), programs.run(SLIDE, inputs))


@check("a Value alone")
def alone(run):
    expect(run.gradients("a = Value(2.0); a.backward(); a.grad", [], {"a": 2.0}), {"a": 1.0})


@check("large graphs")
def large_graphs(run):
    asked = "x.backward(); a.grad"
    doubled, long = programs.doubling(60), programs.chain(5000)
    start = "a = Value(1.0); x = a + a, then"
    expect(run.gradient(f"{start} 59 times x = x + x; {asked}", doubled, {"a": 1.0}), 2.0**60)
    expect(run.gradient(f"{start} 4999 times x = x + a; {asked}", long, {"a": 1.0}), 5001.0)
