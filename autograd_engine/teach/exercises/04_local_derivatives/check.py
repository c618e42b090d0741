import math

from autograd_engine.primitives import TABLE
from autograd_engine.teach.testing import check, close, expect, require


def slopes(operation, *numbers):
    return TABLE[operation].evaluate(numbers)[1]


def points(run):
    """Pairs of mixed signs, none of them special."""
    a, b = (abs(x) for x in run.draws.numbers(2))
    return [(0.7, -1.3), (-0.9, 1.7), (a, -b), (-a, -b)]


def second(*wrong):
    """Whether the slope along b is one of those."""
    return lambda got: any(close(got[1], slope) for slope in wrong)


@check("between two numbers")
def between_two(run):
    for a, b in points(run):
        expect(run.d_add(a, b), slopes("+", a, b))
        expect(run.d_sub(a, b), slopes("-", a, b), mistakes={"sub_sign": second(1.0)})
        expect(run.d_mul(a, b), slopes("*", a, b), mistakes={"mul_swapped": (a, b)})
        wrong = (a / b, -a / b, a / b**2)  # without the square, the minus, or both
        expect(run.d_div(a, b), slopes("/", a, b), mistakes={"div_form": second(*wrong)})


@check("powers")
def powers(run):
    x = abs(run.draws.number())
    for base, k in [(0.7, 3), (-1.3, 3), (-0.9, 2), (x, -2), (-x, 1), (x, 0.5)]:
        expect(
            run.d_pow(base, k),
            slopes("**", base, k)[0],
            mistakes={
                "pow_form": lambda got: close(got, k * base**k) or close(got, base ** (k - 1))
            },
        )


@check("exp and log")
def exp_and_log(run):
    for x in (0.7, -1.3, run.draws.number()):
        expect(run.d_neg(x), slopes("neg", x)[0])
        expect(run.d_exp(x), slopes("exp", x)[0], mistakes={"exp_is_x": x})
        size = abs(x)
        expect(run.d_log(size), slopes("log", size)[0], mistakes={"log_squared": -1 / size**2})


@check("tanh, sigmoid and softplus")
def bends(run):
    expect(run.d_tanh(0.5), 0.7864477329659274, mistakes=tanh_forms(0.5))
    expect(run.d_tanh(1.0), 0.41997434161402607, mistakes=tanh_forms(1.0))
    expect(run.d_sigmoid(1.0), 0.19661193324148185)
    expect(run.d_sigmoid(10.0), 4.5395807735951671e-5)
    for x in (0.0, -1.3, run.draws.number()):
        expect(run.d_tanh(x), slopes("tanh", x)[0], mistakes=tanh_forms(x))
        expect(run.d_sigmoid(x), slopes("sigmoid", x)[0])
        expect(run.d_softplus(x), slopes("softplus", x)[0])


def tanh_forms(x):
    return {"tanh_form": lambda got: close(got, 1 - math.tanh(x)) or close(got, 1 - x**2)}


@check("the sigmoid is never steeper than 1/4")
def never_steeper(run):
    for _ in range(10):
        x = run.draws.uniform(-8.0, 8.0)
        got = run.d_sigmoid(x)
        expect(got, slopes("sigmoid", x)[0])
        require(0.0 < got <= 0.25, "between 0 and 1/4", got=got)


@check("with a kink at 0")
def kinks(run):
    size = abs(run.draws.number())
    for x in (1.7, size, 0.3, -1.3, -size, -0.3, 0.0):
        expect(
            run.d_relu(x),
            slopes("relu", x)[0],
            mistakes={"relu_passes": lambda got: x < 0 and close(got, 1.0)},
        )
        expect(
            run.d_leaky(x),
            slopes("leaky_relu", x, 0.1)[0],
            mistakes={"leaky_zero": lambda got: x < 0 and close(got, 0.0)},
        )
        expect(run.d_abs(x), slopes("abs", x)[0])
