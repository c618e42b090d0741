import math
from statistics import NormalDist

from autograd_engine import Value, sigmoid, softmax
from autograd_engine.teach.testing import check, expect, like, require
from nn import losses

LN_10 = math.log(10.0)
REDUCTIONS = ("mean", "sum")
# What the library calls them.
OURS = {
    "mse": losses.mse,
    "mae": losses.mae,
    "bce": losses.binary_cross_entropy,
    "logistic": losses.logistic,
    "ce": losses.cross_entropy,
}


def expect_loss(loss, got, must, n=1):
    """A loss of n examples."""
    mistakes = {}
    if loss not in ("mse", "mae"):
        mistakes |= {
            "no_minus": -must,
            "log10": must / LN_10,
            "swapped": lambda got: not math.isfinite(got),
        }
    if n > 1:
        mistakes |= {
            "reduction": lambda got: any(same_number(got, x) for x in (must * n, must / n))
        }
    expect(got, must, mistakes=mistakes)


def same_number(a, b):
    return math.isclose(a, b, rel_tol=1e-6)


def inputs(run, loss, n):
    """Predictions and targets as a loss takes them."""
    if loss in ("mse", "mae"):
        return run.draws.numbers(n), run.draws.numbers(n)
    if loss == "ce":
        return [run.draws.numbers(3) for _ in range(n)], [run.draws.integer(0, 2) for _ in range(n)]
    labels = run.draws.shuffled([0, 1] + [run.draws.integer(0, 1) for _ in range(n - 2)])
    if loss == "bce":
        return [round(run.draws.uniform(0.05, 0.95), 3) for _ in range(n)], labels
    return [3 * z for z in run.draws.numbers(n)], [2 * y - 1 for y in labels]


def both_reductions(run, loss, n):
    for reduction in REDUCTIONS:
        predictions, targets = inputs(run, loss, n)
        got = getattr(run, loss)(predictions, targets, reduction)
        expect_loss(loss, got, OURS[loss](predictions, targets, reduction), n)


@check("mse and mae")
def regression(run):
    expect_loss("mse", run.mse([1.0, 2.0], [1.0, 4.0], "sum"), 4.0, 2)
    expect_loss("mae", run.mae([1.0, 2.0], [1.0, 4.0], "sum"), 2.0, 2)
    both_reductions(run, "mse", 5)
    both_reductions(run, "mae", 5)


@check("bce", raises={"ValueError": "swapped"})
def bce(run):
    expect_loss("bce", run.bce([0.9], [1], "mean"), 0.10536051565782628)
    expect_loss("bce", run.bce([0.9], [0], "mean"), 2.302585092994046)
    expect_loss("bce", run.bce([0.5], [1], "sum"), 0.6931471805599453)
    both_reductions(run, "bce", 5)


@check("logistic")
def logistic(run):
    expect_loss("logistic", run.logistic([2.0], [1], "mean"), 0.1269280110429725)
    expect_loss("logistic", run.logistic([2.0], [-1], "mean"), 2.1269280110429725)
    both_reductions(run, "logistic", 5)


@check("ce")
def ce(run):
    expect_loss("ce", run.ce([[0.0] * 10], [7], "mean"), 2.302585092994046)
    expect_loss("ce", run.ce([[0.0, 3.0, -2.0, 1.0]], [3], "mean"), 2.1755153626167146)
    both_reductions(run, "ce", 5)


@check("l2")
def l2(run):
    expect(run.l2([0.5, -1.0], 0.1), 0.125)
    parameters, strength = run.draws.numbers(4), round(run.draws.uniform(0.2, 0.8), 3)
    expect(run.l2(parameters, strength), losses.l2([Value(p) for p in parameters], strength).data)


@check("without a reduction")
def without_reduction(run):
    for loss in OURS:
        predictions, targets = inputs(run, loss, 4)
        got = getattr(run, loss)(predictions, targets)
        expect_loss(loss, got, OURS[loss](predictions, targets), 4)


@check("identities")
def identities(run):
    z = 3 * run.draws.number()
    for label in (0, 1):
        # On the probability of a score, on the score, and on a score beside 0.
        one = run.bce([sigmoid(z)], [label])
        like(one, 0.0)
        expect(run.logistic([z], [2 * label - 1]), one)
        expect(run.ce([[0.0, z]], [label]), one)
    # Half the squared error and a constant make minus the logarithm of the normal density.
    mean, y = run.draws.numbers(2)
    error = run.mse([mean], [y])
    like(error, 0.0)
    must = -math.log(NormalDist(mean, 1.0).pdf(y))
    require(
        abs(error / 2 + 0.9189385332046727 - must) < 1e-9,
        f"{2 * (must - 0.9189385332046727)!r}",
        got=error,
    )


@check("gradients")
def gradients(run):
    for loss in ("mse", "mae", "bce", "logistic"):
        for reduction in REDUCTIONS:
            predictions, targets = inputs(run, loss, 3)
            expect_gradient(
                run.gradient(loss, predictions, targets, reduction),
                lambda values: OURS[loss](values, targets, reduction),
                predictions,
            )


@check("gradients of ce and l2")
def gradients_of_lists(run):
    rows, labels = inputs(run, "ce", 2)
    # Probabilities minus the label's one, over the number of examples.
    slopes = [
        (p - (k == label)) / 2
        for row, label in zip(rows, labels)
        for k, p in enumerate(softmax(row))
    ]
    got = run.gradient_of_ce(rows, labels, "mean")
    require(isinstance(got, dict), "a Value", got=got)
    expect(got, {"data": losses.cross_entropy(rows, labels), "gradient": slopes})
    parameters = run.draws.numbers(3)
    expect_gradient(
        run.gradient_of_l2(parameters, 0.1), lambda values: losses.l2(values, 0.1), parameters
    )


def expect_gradient(got, loss, predictions):
    require(isinstance(got, dict), "a Value", got=got)
    values = [Value(p) for p in predictions]
    must = loss(values)
    must.backward()
    expect(got, {"data": must.data, "gradient": [v.grad for v in values]})
