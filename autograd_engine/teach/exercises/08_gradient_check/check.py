import math

from autograd_engine import Value
from autograd_engine.teach import programs
from autograd_engine.teach.engines import BUGS
from autograd_engine.teach.testing import check, like, require, same, show

NAMES = "abc"
FORWARD = [bug for bug in BUGS if bug.endswith("_reflected")]
# What cannot be seen at 1 and 1.
ALIKE = ["mul_own_factor", "div_no_square", "pow_same_exponent"]


def code(program, xs, of):
    arguments = ", ".join(NAMES[: len(xs)])
    f = f"f({arguments}): {programs.spelled(program)}; return {program[-1][0]}"
    return f"gradcheck(Value, f, {list(xs)}) of {of}, def {f}"


def expect_verdict(got, must, mistake=""):
    like(got, {"gradcheck": True, "calls of f": 0})
    if must and got["calls of f"] < 2:
        mistake = "old_graph"
    require(got["gradcheck"] is must, f"{must}", got=got["gradcheck"], mistake=mistake)


def accepts(run, program, xs, mistake=""):
    got = run.verdict(code(program, xs, "a correct engine"), program, xs, "")
    expect_verdict(got, True, mistake)


@check("a correct engine")
def a_correct_engine(run):
    accepts(run, [["y", "*", "a", "b"]], run.draws.numbers(2))
    program = [["c", "*", "a", "b"], ["d", "tanh", "c"], ["y", "*", "d", "a"]]
    accepts(run, program, run.draws.numbers(2))


@check("engines with a bug")
def engines_with_a_bug(run):
    formulas = {
        "mul_own_factor": [["y", "*", "a", "b"]],
        "sub_sign": [["y", "-", "a", "b"]],
        "tanh_input": [["c", "tanh", "b"], ["y", "*", "a", "c"]],
        "pow_no_factor": [["c", "**", "a", 3], ["y", "+", "b", "c"]],
        "div_no_minus": [["y", "/", "a", "b"]],
        "add_overwrites": [["y", "+", "b", "b"]],
    }
    for bug, program in formulas.items():
        xs = run.draws.numbers(2)
        text = code(program, xs, f"an engine with a bug in {BUGS[bug]}")
        expect_verdict(run.verdict(text, program, xs, bug), False)


@check("small gradients")
def small_gradients(run):
    for scale, factor, much in ((1e-3, 2.0, "100 %"), (1e-4, 1.1, "10 %"), (1e-4, 0.9, "-10 %")):
        program = [["c", "tanh", "a"], ["y", "*", scale, "c"]]
        xs = run.draws.numbers(1)
        accepts(run, program, xs)
        text = code(program, xs, f"an engine in which tanh is {much} too steep")
        got = run.verdict_on_slopes(text, program, xs, "tanh", factor)
        expect_verdict(got, False, mistake="absolute")


@check("large gradients, and none")
def large_and_none(run):
    xs = run.draws.numbers(2)
    accepts(run, [["c", "*", "a", "b"], ["y", "*", 1000.0, "c"]], xs)
    accepts(run, [["y", "tanh", "a"]], xs)


@check("kinks")
def kinks(run):
    b, c = run.draws.numbers(2)
    accepts(run, [["y", "relu", "a"]], [0.0], "kink")
    accepts(run, [["d", "relu", "a"], ["y", "*", "d", "b"]], [0.0, b], "kink")
    accepts(run, [["d", "-", "a", abs(c)], ["y", "relu", "d"]], [abs(c)], "kink")


@check("nothing is excused beside a kink")
def beside_a_kink(run):
    program = [["c", "relu", "a"], ["d", "*", "b", "b"], ["y", "+", "c", "d"]]
    xs = [0.0, run.draws.number()]
    text = code(program, xs, "an engine in which * is 10 % too steep")
    expect_verdict(run.verdict_on_slopes(text, program, xs, "*", 1.1), False)


@check("random formulas")
def random_formulas(run):
    operations = ("+", "-", "*", "/", "**", "neg", "tanh", "exp")
    count = 0
    while count < 25:
        program = programs.random_program(run.draws, ("a", "b"), 5, operations)
        xs = run.draws.numbers(2)
        if is_gentle(program, xs):
            accepts(run, program, xs)
            count += 1


def is_gentle(program, xs):
    """Whether differences with any sensible step give its gradients."""

    def steps(*numbers):
        values = {name: Value(x) for name, x in zip(NAMES, numbers, strict=False)}
        return [step.data for step in programs.run(program, values).values()]

    if not all(abs(x) < 10.0 for x in steps(*xs)):
        return False
    slopes = programs.gradients(program, dict(zip(NAMES, xs, strict=False)))
    for i, x in enumerate(xs):
        slope = slopes[NAMES[i]]
        used = any(NAMES[i] in operands for _, _, *operands in program)
        if used and not 0.01 < abs(slope) < 100.0:
            return False
        for h in (1e-3, 1e-6):
            above, below = (steps(*xs[:i], x + d, *xs[i + 1 :])[-1] for d in (h, -h))
            if not math.isclose((above - below) / (2 * h), slope, rel_tol=1e-4, abs_tol=1e-12):
                return False
    return True


def expect_diagnosis(run, number, bug):
    got, must = run.diagnosis(number, bug), BUGS.get(bug)
    mistake = ""
    if bug in ALIKE and got is None:
        mistake = "special_points"
    if bug in FORWARD and got in (None, "backward"):
        mistake = "forward_unseen"
    require(same(got, must), show(must), got=show(got), mistake=mistake)


@check("six sealed engines")
def six_sealed(run):
    drawn = [run.draws.choice(ALIKE), "", run.draws.choice(FORWARD)]
    rest = [bug for bug in BUGS if bug not in (*ALIKE, *FORWARD)]
    for number, bug in enumerate([*drawn, *run.draws.shuffled(rest)[:3]], 1):
        expect_diagnosis(run, number, bug)


@check("every other sealed engine")
def every_sealed(run):
    for number, bug in enumerate(run.draws.shuffled(["", *BUGS]), 7):
        expect_diagnosis(run, number, bug)
