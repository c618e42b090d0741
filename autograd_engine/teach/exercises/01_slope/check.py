from autograd_engine import derivative, exp, grad, sin
from autograd_engine.teach.testing import check, close, expect, like, require


def wave(x):
    return exp(x) * sin(3 * x)


slope = derivative(wave)


def one_sided(x, h):
    """Whether a slope of the wave is of x and the point h to its right, or to its left."""
    differences = [(wave(x + d) - wave(x)) / d for d in (h, -h)]
    return lambda got: any(close(got, difference, rel=1e-9) for difference in differences)


def product(xs):
    a, b, c = xs
    return a * b * sin(c)


@check("slope of a wave")
def slope_of_a_wave(run):
    right = -10.51460103015124  # to all digits of a float, by computer algebra
    expect(
        run.slope_of_wave(1.3, 1e-5),
        right,
        rel=1e-7,
        mistakes={
            "doubled": lambda got: close(got, 2 * right, rel=1e-3),
            "one_sided": one_sided(1.3, 1e-5),
        },
    )


@check("the error shrinks with the square of h")
def order(run):
    # Away from 0.21 and 0.84, where the second derivative is 0, and the third.
    x = run.draws.uniform(0.35, 0.7)
    errors = []
    for h in (0.01, 0.005):
        got = run.slope_of_wave(x, h)
        like(got, 0.0)
        errors.append(abs(got - slope(x)))
    ratio = errors[0] / max(errors[1], 1e-300)
    require(
        ratio >= 3.5,
        "an error 4 times smaller when h halves",
        got=f"an error {ratio:.3g} times smaller",
        mistake="one_sided" if 1.5 < ratio < 2.5 else "",
    )


@check("whole numbers")
def whole_numbers(run):
    expect(run.slope_of_wave(1, 1e-5), slope(1.0))


@check("gradient")
def gradient_of_a_product(run):
    for _ in range(3):
        xs = run.draws.numbers(3)
        got = run.gradient_of_product(xs)
        require(
            got["xs"] == xs,
            f"{xs}, as before",
            got=got["xs"],
            call=f"xs = {xs}; gradient(f, xs); xs",
            mistake="changes_xs",
        )
        right = grad(product)(xs)
        moved = [[p != x for p, x in zip(point, xs)] for point in got["points"]]
        steps = [abs(p - x) for point in got["points"] for p, x in zip(point, xs) if p != x]

        def one_sided(gradient):
            nearly = all(close(g, r, rel=0.02) for g, r in zip(gradient, right, strict=True))
            return nearly and xs in got["points"]

        expect(
            got["gradient"],
            right,
            rel=1e-6,
            mistakes={
                "others_moved": lambda _: any(sum(inputs) > 1 for inputs in moved),
                "doubled": [2 * slope for slope in right],
                "tiny_step": lambda _: max(steps) < 1e-9,
                "one_sided": one_sided,
            },
        )
