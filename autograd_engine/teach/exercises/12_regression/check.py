import math
from itertools import pairwise

from autograd_engine import sigmoid, softplus, value_and_grad
from autograd_engine.teach.testing import check, close, expect, like, require, same


def line_loss(xs, ys):
    return lambda wb: sum((y - (wb[0] * x + wb[1])) ** 2 for x, y in zip(xs, ys)) / len(xs)


def logistic_loss(xs, ys):
    signs = [-1 if y else 1 for y in ys]
    return lambda wb: sum(softplus(s * (wb[0] * x + wb[1])) for x, s in zip(xs, signs))


def descended(loss, lr, steps, kept=0.0):
    """What the descent gives, if gradients are kept from step to step or not."""
    wb, sums, losses = [0.0, 0.0], [0.0, 0.0], []
    for _ in range(steps):
        now, slopes = value_and_grad(loss)(wb)
        losses.append(now)
        sums = [kept * s + slope for s, slope in zip(sums, slopes)]
        wb = [x - lr * s for x, s in zip(wb, sums)]
    return {"w": wb[0], "b": wb[1], "losses": losses}


def expect_descent(got, loss, data, lr, steps, kind):
    must = descended(loss, lr, steps)

    def stands_still(got):
        start = must["losses"][0]
        moved = not close(got["w"], 0.0)
        return steps > 1 and moved and same(got["losses"], [start] * steps)

    expect(
        got,
        must,
        mistakes={
            "ascent": descended(loss, -lr, steps),
            "not_rebuilt": stands_still,
            "no_zero_grad": descended(loss, lr, steps, kept=1.0),
        },
        figure={"xs": data[0], "ys": data[1], "got": got, "kind": kind},
    )


def falls(losses):
    require(
        all(after < before for before, after in pairwise(losses)),
        "losses that fall in every step",
        got=losses,
    )


@check("line: steps")
def line(run):
    for steps in (1, 2, 4):
        xs, ys = run.draws.numbers(5), run.draws.numbers(5)
        loss = line_loss(xs, ys)
        expect_descent(run.fit_line(xs, ys, 0.1, steps), loss, (xs, ys), 0.1, steps, "line")


@check("line: of the lecture")
def lecture_line(run):
    xs, ys = [-2, -1, 0, 1, 2], [-3.1, -0.9, 1.2, 2.8, 5.1]
    got = run.fit_line(xs, ys, 0.1, 200)
    like(got, {"w": 0.0, "b": 0.0, "losses": [0.0] * 200})
    figure = {"xs": xs, "ys": ys, "got": got, "kind": "line"}
    expect([got["w"], got["b"]], [2.01, 1.02], figure=figure)
    expect(got["losses"][-1], 0.0214)
    falls(got["losses"][:50])


@check("logistic: steps")
def logistic(run):
    for steps in (1, 2, 4):
        xs, ys = run.draws.numbers(5), run.draws.shuffled([0, 0, 1, 1, 1])
        loss = logistic_loss(xs, ys)
        got = run.fit_logistic(xs, ys, 0.1, steps)
        expect_descent(got, loss, (xs, ys), 0.1, steps, "logistic")


@check("logistic: at the end")
def logistic_maximum(run):
    xs, ys = (
        [-2.0, -1.0, -0.5, 0.5, 1.0, 2.5],
        run.draws.choice([[0, 0, 1, 0, 1, 1], [0, 1, 0, 1, 0, 1]]),
    )
    got = run.fit_logistic(xs, ys, 0.2, 200)
    like(got, {"w": 0.0, "b": 0.0, "losses": [0.0] * 200})
    falls(got["losses"][:50])
    errors = [sigmoid(got["w"] * x + got["b"]) - y for x, y in zip(xs, ys)]
    slope = sum(error * x for error, x in zip(errors, xs))
    require(
        abs(slope) < 1e-6 and abs(sum(errors)) < 1e-6,
        "the sums of (p - y) x and p - y both 0, as where the likelihood is highest",
        got=f"the sums {slope:.2g} and {sum(errors):.2g}",
        figure={"xs": xs, "ys": ys, "got": got, "kind": "logistic"},
    )


@check("LDA: the numbers of the lecture")
def lecture_lda(run):
    a = -0.8472978603872036
    b = -2.8472978603872034
    expect(
        run.lda_weights([0.0, 0.0], [2.0, 1.0], [[1.0, 0.5], [0.5, 2.0]], 0.3),
        ([2.0, 0.0], b),
        mistakes={"no_prior": lambda got: close(got[1], b - a)},
    )


@check("LDA: agrees with Bayes")
def bayes(run):
    for _ in range(3):
        mean0, mean1, x = (run.draws.numbers(2) for _ in range(3))
        s1, s2 = (round(run.draws.uniform(0.5, 1.5), 2) for _ in range(2))
        correlation = round(run.draws.uniform(-0.8, 0.8), 2)
        prior = round(run.draws.uniform(0.1, 0.4), 2)
        q = correlation * s1 * s2
        covariance = [[s1**2, q], [q, s2**2]]
        got = run.lda_weights(mean0, mean1, covariance, prior)
        like(got, ([0.0, 0.0], 0.0))

        def log_density(mean):
            """That of the first coordinate and, knowing it, the second; without the constants."""
            first = (x[0] - mean[0]) / s1
            second = ((x[1] - mean[1]) / s2 - correlation * first) ** 2 / (1 - correlation**2)
            return -(first**2 + second) / 2

        log_odds_before = math.log(prior / (1 - prior))
        log_odds = log_density(mean1) - log_density(mean0) + log_odds_before
        mine = sum(w * z for w, z in zip(got[0], x)) + got[1]
        expect(
            mine,
            log_odds,
            abs=1e-9,
            call=f"w, b = lda_weights({mean0}, {mean1}, {covariance}, {prior}); w . {x} + b",
            mistakes={"no_prior": log_odds - log_odds_before},
        )
