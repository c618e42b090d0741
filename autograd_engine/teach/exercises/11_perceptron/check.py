import math

from autograd_engine.teach.testing import check, close, expect, like, require

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
SHAPE = {"weights": [0.0, 0.0], "bias": 0.0, "updates": 0, "epochs": 0, "converged": True}


def result(weights, bias, updates, epochs, converged=True):
    return dict(zip(SHAPE, (weights, bias, updates, epochs, converged), strict=True))


def fires(got, x):
    return sum(w * z for w, z in zip(got["weights"], x, strict=True)) + got["bias"] >= 0


def right(got, X, y):
    return sum(fires(got, x) == bool(wanted) for x, wanted in zip(X, y, strict=True))


@check("nothing to learn")
def nothing(run):
    # With all weights at 0 the sum is 0 and the unit fires: both answers are right already.
    got = run.fit([[1.0, 2.0], [-3.0, 0.5]], [1, 1], 10)
    moved = {"updates_correct": lambda got: got["weights"] != [0.0, 0.0] or got["bias"] != 0}
    expect(got, result([0.0, 0.0], 0.0, 0, 1), mistakes=moved)


@check("one wrong answer")
def one_update(run):
    got = run.fit([[2.0, -3.0]], [0], 10)
    like(got, SHAPE)
    expect(
        got,
        result([-2.0, 3.0], -1.0, 1, 2),
        mistakes={
            "sign": lambda got: close(got["weights"][0] * 2.0, abs(got["weights"][0] * 2.0)),
            "no_bias": lambda got: got["bias"] == 0 and got["weights"] != [0.0, 0.0],
        },
    )


@check("OR, AND and NAND, as in the lecture")
def gates(run):
    for y, must in (
        ([0, 1, 1, 1], result([1.0, 1.0], -1.0, 5, 4)),
        ([0, 0, 0, 1], result([2.0, 1.0], -3.0, 11, 6)),
        ([1, 1, 1, 0], result([-2.0, -1.0], 2.0, 10, 6)),
    ):
        got = run.fit(CORNERS, y, 100)
        like(got, SHAPE)
        expect(
            got,
            must,
            mistakes={
                "no_bias": lambda got: got["bias"] == 0,
                "updates_correct": lambda got, must=must: got["updates"] > must["updates"],
            },
            figure={"X": CORNERS, "y": y, "got": got},
        )


@check("20 sets that a line separates")
def separable(run):
    for _ in range(20):
        direction = run.draws.uniform(0.0, math.tau)
        w, b = (math.cos(direction), math.sin(direction)), run.draws.uniform(-0.5, 0.5)
        margin, X, y = 0.1, [], []
        while len(X) < 20:
            x = [run.draws.uniform(-1.0, 1.0), run.draws.uniform(-1.0, 1.0)]
            side = w[0] * x[0] + w[1] * x[1] + b
            if abs(side) > margin:
                X.append(x)
                y.append(int(side > 0))
        # Of the examples with a 1 for the bias beside them.
        radius = max(math.hypot(*x, 1.0) for x in X)
        bound = (radius * math.hypot(*w, b) / margin) ** 2
        got = run.fit(X, y, 100_000)
        like(got, SHAPE)
        figure = {"X": X, "y": y, "got": got}
        require(got["converged"], "converged", got="not converged", figure=figure)
        correct = right(got, X, y)
        require(correct == len(X), f"{len(X)} of {len(X)} right", got=correct, figure=figure)
        require(
            got["updates"] <= bound,
            f"at most {bound:.0f} updates",
            got=got["updates"],
            mistake="updates_correct",
        )


@check("XOR", raises={"Timeout": "endless"})
def xor(run):
    got = run.fit(CORNERS, [0, 1, 1, 0], 100)
    like(got, SHAPE)
    figure = {"X": CORNERS, "y": [0, 1, 1, 0], "got": got}
    expect([got["converged"], got["epochs"], got["updates"]], [False, 100, 398], figure=figure)


@check("an epoch that is the last one allowed")
def last_epoch(run):
    got = run.fit(CORNERS, [0, 1, 1, 1], 4)
    like(got, SHAPE)
    expect([got["converged"], got["epochs"]], [True, 4])
    got = run.fit(CORNERS, [0, 1, 1, 1], 3)
    like(got, SHAPE)
    expect([got["converged"], got["epochs"]], [False, 3])
