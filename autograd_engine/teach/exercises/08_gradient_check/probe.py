"""What is asked of the learner's functions."""

from autograd_engine.primitives import TABLE
from autograd_engine.teach.engines import Engine, engine
from autograd_engine.teach.programs import run


def verdict(answer, code, program, xs, bug):
    """{code!s}"""
    return _verdict(answer, program, xs, engine(bug))


def verdict_on_slopes(answer, code, program, xs, operation, factor):
    """{code!s}"""

    def slopes(result, *operands):
        return tuple(factor * slope for slope in TABLE[operation].evaluate(operands)[1])

    off = type("Value", (Engine,), {"wrong_slopes": {operation: slopes}})
    return _verdict(answer, program, xs, off)


def diagnosis(answer, number, bug):
    """diagnose(Value) of sealed engine {number}"""
    return answer.diagnose(engine(bug))


def _verdict(answer, program, xs, Value):
    calls = 0

    def f(*numbers):
        nonlocal calls
        calls += 1
        return list(run(program, dict(zip("abc", numbers, strict=False))).values())[-1]

    return {"gradcheck": answer.gradcheck(Value, f, list(xs)), "calls of f": calls}
