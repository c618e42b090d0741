import math

from autograd_engine import Value, log_softmax, logsumexp, sigmoid, softmax, softplus
from autograd_engine.teach.testing import check, close, expect, like, require

OVERFLOW = {"OverflowError": "overflow"}
LOG_OF_0 = OVERFLOW | {"ValueError": "log_of_probability"}  # math.log(0.0)


def not_finite(got):
    return any(not math.isfinite(x) for x in (got if isinstance(got, (list, tuple)) else [got]))


TOO_LARGE = {"overflow": not_finite}


@check("sigmoid")
def sigmoid_of_small_numbers(run):
    for z, must in ((0.0, 0.5), (1.0, 0.7310585786300049), (-1.0, 0.2689414213699951)):
        expect(run.sigmoid(z), must)
    for z in run.draws.numbers(3):
        expect(run.sigmoid(5 * z), sigmoid(5 * z))


@check("sigmoid, far out", raises=OVERFLOW)
def sigmoid_of_large_numbers(run):
    for z in (1000.0, -1000.0, 1000, -1000):
        expect(run.sigmoid(z), float(z > 0), mistakes=TOO_LARGE)
    expect(run.sigmoid(-40.0), 4.248354255291589e-18, abs=0.0)


@check("tanh(z) = 2 sigmoid(2z) - 1")
def sigmoid_and_tanh(run):
    for _ in range(20):
        z = run.draws.uniform(-50.0, 50.0)
        got = run.sigmoid(2 * z)
        like(got, 0.0)
        must = (math.tanh(z) + 1) / 2
        require(abs(got - must) <= 1e-15, f"{must!r}, to 1e-15", got=got)


@check("softplus", raises=OVERFLOW)
def softplus_of_numbers(run):
    expect(run.softplus(0.0), 0.6931471805599453)
    expect(run.softplus(1), 1.3132616875182228)
    for z in (1000.0, run.draws.uniform(800.0, 900.0)):
        expect(run.softplus(z), z, mistakes=TOO_LARGE)
    expect(
        run.softplus(-50.0),
        1.9287498479639178e-22,
        abs=0.0,
        mistakes={"log_of_1_plus": 0.0},
    )
    expect(run.softplus(-1000.0), 0.0)
    for z in run.draws.numbers(3):
        expect(run.softplus(10 * z), softplus(10 * z))


@check("logsumexp", raises=OVERFLOW)
def logsumexp_of_numbers(run):
    zs = run.draws.numbers(4)
    expect(run.logsumexp(zs), logsumexp(zs))
    expect(run.logsumexp([1000.0, 1001.0, 1002.0]), 1002.4076059644444, mistakes=TOO_LARGE)


@check("logsumexp, far down", raises=LOG_OF_0 | {"ValueError": "overflow"})
def logsumexp_of_small_numbers(run):
    expect(run.logsumexp([-1000.0, -1001.0]), -999.686738312481, mistakes=TOO_LARGE)
    zs, shift = run.draws.numbers(3), run.draws.uniform(900.0, 2000.0)
    for far in (-shift, shift):
        must = logsumexp(zs) + far
        expect(run.logsumexp([z + far for z in zs]), must, mistakes=TOO_LARGE)


@check("log_softmax")
def log_softmax_of_numbers(run):
    for zs in ([1.0, 2.0, 3.0], run.draws.numbers(4)):
        got = run.log_softmax(zs)
        expect(got, log_softmax(zs), mistakes={"reversed": log_softmax([-z for z in zs])})


@check("log_softmax, far apart", raises=LOG_OF_0)
def log_softmax_of_large_numbers(run):
    def infinite(got):
        return -math.inf in got and not any(map(math.isnan, got))

    mistakes = {"log_of_probability": infinite} | TOO_LARGE
    expect(run.log_softmax([1000.0, 0.0]), [0.0, -1000.0], mistakes=mistakes)
    expect(run.log_softmax([0, -2000, -3000]), [0, -2000, -3000], mistakes=mistakes)
    zs, shift = run.draws.numbers(3), run.draws.uniform(900.0, 2000.0)
    expect(run.log_softmax([z + shift for z in zs]), log_softmax(zs), mistakes=mistakes)


@check("bce_with_logits", raises=LOG_OF_0)
def bce_of_numbers(run):
    mistakes = {"log_of_probability": math.isinf, "overflow": math.isnan}
    expect(run.bce_with_logits(2.0, 1), 0.1269280110429725)
    expect(run.bce_with_logits(2.0, 0), 2.1269280110429725)
    expect(run.bce_with_logits(40.0, 0), 40.0, mistakes=mistakes)
    expect(run.bce_with_logits(-1000.0, 1), 1000.0, mistakes=mistakes)
    expect(run.bce_with_logits(1000.0, 1), 0.0, mistakes=mistakes)
    z, y = run.draws.number(), run.draws.uniform(0.1, 0.9)
    expect(run.bce_with_logits(z, y), y * softplus(-z) + (1 - y) * softplus(z))


def expect_gradient(got, data, gradient):
    """A Value with this data and these gradients."""
    require(isinstance(got, dict), "a Value", got=got)

    def one_off(got):
        differences = [abs(g - must) for g, must in zip(got["gradient"], gradient, strict=True)]
        return any(close(difference, 1.0) for difference in differences)

    expect(
        got,
        {"data": data, "gradient": gradient},
        mistakes={
            "overflow": lambda got: not_finite(got["gradient"]),
            "shift_has_gradient": lambda got: close(got["data"], data) and one_off(got),
        },
    )


@check("one Value: sigmoid and softplus", raises=OVERFLOW)
def values(run):
    for z in (0.0, *run.draws.numbers(2), 1000.0, -1000.0):
        x = Value(z)
        sigmoid(x).backward()
        expect_gradient(run.gradient_of_sigmoid(z), sigmoid(z), [x.grad])
        expect_gradient(run.gradient_of_softplus(z), softplus(z), [sigmoid(z)])


@check("Values: logsumexp", raises=OVERFLOW)
def values_logsumexp(run):
    for zs in (run.draws.numbers(3), [1000.0, 1001.0, 1002.0], [0.5, 0.5]):
        got = run.gradient_of_logsumexp(zs)
        expect_gradient(got, logsumexp(zs), softmax(zs))


@check("Values: log_softmax", raises=LOG_OF_0)
def values_log_softmax(run):
    # The loss of a wrong label, and its gradient: probabilities minus the label's one.
    expect_gradient(run.gradient_of_log_softmax([1000.0, 0.0], 1), 1000.0, [1.0, -1.0])
    zs = run.draws.numbers(4)
    label = run.draws.integer(0, 3)
    must = [p - (i == label) for i, p in enumerate(softmax(zs))]
    expect_gradient(run.gradient_of_log_softmax(zs, label), -log_softmax(zs)[label], must)


@check("Values: bce_with_logits", raises=LOG_OF_0)
def values_bce(run):
    for z, y in ((40.0, 0), (-1000.0, 1), (run.draws.number(), 1), (run.draws.number(), 0.25)):
        loss = y * softplus(-z) + (1 - y) * softplus(z)
        expect_gradient(run.gradient_of_bce(z, y), loss, [sigmoid(z) - y])
