import math
from itertools import pairwise

from autograd_engine.teach.testing import check, close, expect, require

CURVES = {
    "sin(x)": math.sin,
    "x**2": lambda x: x * x,
    "x**3 - x": lambda x: x**3 - x,
    "exp(x)": math.exp,
}


def knots(a, b, n):
    return [a + (b - a) * i / n for i in range(n + 1)]


def total(pairs, x):
    return sum(w * max(x + bias, 0.0) for w, bias in pairs)


def as_pairs(got):
    """The pairs, or what is wrong with them."""
    require(isinstance(got, (list, tuple)) and len(got) > 0, "a list of pairs", got=got)
    for pair in got:
        fits = isinstance(pair, (list, tuple)) and len(pair) == 2
        numbers = fits and all(isinstance(z, (int, float)) for z in pair)
        require(numbers, "a pair of two numbers", got=pair)
    return got


def of_slopes(f, places):
    """What comes out at the knots if each ReLU has the whole slope of its interval."""
    pairs = [(f(places[0]), 1.0 - places[0]), (-f(places[0]), -places[0])]
    pairs += [((f(y) - f(x)) / (y - x), -x) for x, y in pairwise(places)]
    return [total(pairs, x) for x in places]


def meets(run, curve, scale, shift, a, b, n):
    """The pairs, if they meet the curve at the knots."""

    def f(x):
        return scale * CURVES[curve](x) + shift

    pairs = as_pairs(run.interpolant(curve, scale, shift, a, b, n))
    places = knots(a, b, n)
    must = [f(x) for x in places]
    mirrored = [(w, -bias) for w, bias in pairs]
    expect(
        [total(pairs, x) for x in places],
        must,
        rel=1e-6,
        abs=1e-9,
        call=f"the sum at the {n + 1} knots from {a:.6g} to {b:.6g}",
        mistakes={
            "constant_lost": [y - must[0] for y in must],
            "slopes": of_slopes(f, places),
            "sign": lambda got: all(
                close(total(mirrored, x), y, abs=1e-9) for x, y in zip(places, must, strict=True)
            ),
        },
        figure={"pairs": [list(pair) for pair in pairs], "knots": places, "must": must},
    )
    return pairs, f


def error(pairs, f, a, b):
    return max(abs(total(pairs, x) - f(x)) for x in knots(a, b, 1024))


@check("x squared at five knots")
def square(run):
    meets(run, "x**2", 1.0, 0.0, -2.0, 2.0, 4)


@check("errors of the lecture")
def errors(run):
    for curve, a, b, sizes in (
        ("x**2", -2.0, 2.0, {4: 0.25, 8: 0.0625, 16: 0.015625}),
        ("sin(x)", 0.0, math.tau, {4: 0.2105, 8: 0.0704, 16: 0.01885, 32: 0.004792}),
    ):
        for n, must in sizes.items():
            pairs, f = meets(run, curve, 1.0, 0.0, a, b, n)
            expect(error(pairs, f, a, b), must, rel=0.01, call=f"the largest error for n = {n}")


@check("other curves")
def others(run):
    for curve in run.draws.shuffled(list(CURVES)):
        a = run.draws.uniform(-1.5, -0.5)
        b = a + run.draws.uniform(2.0, 3.0)
        scale, shift = run.draws.number(), run.draws.number()
        found = []
        for n in (8, 16, 32):
            pairs, f = meets(run, curve, scale, shift, a, b, n)
            found.append(error(pairs, f, a, b))
        for rough, fine in pairwise(found):
            require(3.0 < rough / fine < 4.5, "about a quarter of the error", got=fine / rough)
    meets(run, "x**2", 1.0, 1.0, -1.0, 2.0, 1)


@check("two layers collapse")
def two(run):
    expect(
        run.collapse([[2.0, 3.0], [-1.5, 0.5]]),
        [-3.0, -4.0],
        mistakes={"forgets_bias": [-3.0, 0.5]},
    )


@check("more layers collapse")
def more(run):
    for count in (1, 3, 5):
        layers = [run.draws.numbers(2) for _ in range(count)]
        weight, bias = 1.0, 0.0
        for w, b in layers:
            weight, bias = w * weight, w * bias + b
        forgotten = [weight, layers[-1][1]]
        expect(run.collapse(layers), [weight, bias], mistakes={"forgets_bias": forgotten})
