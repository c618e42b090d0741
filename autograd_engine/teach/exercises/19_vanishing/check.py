import math
from itertools import pairwise

from autograd_engine import Value, sigmoid
from autograd_engine.teach.testing import check, close, expect, like, require


def gradients(weights, x):
    leaves = [Value(w) for w in weights]
    y = x
    for w in leaves:
        y = sigmoid(w * y)
    y.backward()
    return [w.grad for w in leaves]


@check("one sigmoid")
def one(run):
    expect(
        run.chain_gradient([1.0], 1.0),
        [0.19661193324148185],
        mistakes={"sigma_for_slope": [0.7310585786300049]},
    )


@check("the chain of three of the lecture")
def three(run):
    must = [0.0096415845415095515, 0.0358501285982466, 0.1509055906580287]
    expect(run.chain_gradient([1.0] * 3, 1.0), must)


@check("other chains")
def chains(run):
    for length in (2, 3, 5):
        weights, x = run.draws.numbers(length), run.draws.number()
        # No absolute tolerance here: a vanishing gradient is as good as 0.
        expect(run.chain_gradient(weights, x), gradients(weights, x), abs=0.0)
    got = run.chain_gradient([1.0] * 10, 1.0)
    like(got, [0.0] * 10)
    expect(got[0], 2.7847671758e-7, abs=0.0)


def forgets_signs(weights, x):
    """Whether a bound is the product without the magnitudes of the weights, of x, or of both."""
    quarters, others = 0.25 ** len(weights), math.prod(weights[1:])
    sizes = math.prod(map(abs, weights[1:]))
    wrong = [quarters * f for f in (1, x, abs(x), others, sizes, x * others, x * sizes)]
    wrong.append(abs(x) * others * quarters)
    return lambda got: any(close(got, number, abs=0.0) for number in wrong)


@check("the bound")
def bounds(run):
    expect(run.bound([1.0] * 3, 1.0), 0.015625)
    for weights, x in (
        ([1.0, -2.0], 1.0),
        ([0.5, -2.0, 3.0], -1.5),
        (run.draws.numbers(4), run.draws.number()),
        (run.draws.numbers(3), run.draws.number()),
    ):
        must = 0.25 ** len(weights) * abs(x) * math.prod(map(abs, weights[1:]))
        expect(
            run.bound(weights, x),
            must,
            abs=0.0,
            mistakes={"signed_bound": forgets_signs(weights, x)},
        )


def rms(rows):
    """The root mean square of all but the last of each row, the bias."""
    squares = [number**2 for *weights, _bias in rows for number in weights]
    return math.sqrt(sum(squares) / len(squares))


@check("gradients by layer")
def by_layer(run):
    for widths in ([2, 3, 1], [1, 2, 2, 2]):

        def drawn(widths=widths):
            """A row of weights and a bias for every neuron of every layer."""
            return [
                [[run.draws.number() for _ in range(nin + 1)] for _ in range(nout)]
                for nin, nout in pairwise(widths)
            ]

        numbers, slopes = drawn(), drawn()
        expect(
            run.rms_of(numbers, slopes),
            [rms(rows) for rows in slopes],
            call=f"layer_rms(model), with layers of {widths[1:]} neurons",
            mistakes={"rms_of_data": [rms(rows) for rows in numbers]},
        )


@check("eight hidden layers: sigmoid fades, ReLU does not")
def deep(run):
    for activation, initialiser in (("sigmoid", "xavier_uniform"), ("relu", "he_uniform")):
        got = run.rms_of_deep(activation, initialiser)
        like(got, [0.0] * 9)
        ratio = got[-1] / got[0] if got[0] else math.inf
        fades = activation == "sigmoid"
        require(
            ratio > 1e4 if fades else ratio < 100,
            f"a last number {'more than 10,000' if fades else 'less than 100'} times the first",
            got=f"{ratio:.3g} times",
            figure={activation: got},
        )


@check("dead units")
def dead(run):
    X = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]
    rows = {
        "never": [0.5, 0.25, 2.0],
        "dead": [1.0, 1.0, -3.0],
        "asleep at the first": [-1.0, 0.0, 0.0],
        "awake at the first only": [1.0, 0.0, 0.0],
        "also dead": [0.0, 0.5, -0.5],
        "awake at the last only": [0.0, -1.0, 0.0],
    }
    for _ in range(2):
        names = run.draws.shuffled(list(rows))
        must = [i for i, name in enumerate(names) if name.endswith("dead")]
        expect(
            run.dead("relu", [rows[name] for name in names], X),
            must,
            mistakes={"one_sample": lambda got, must=must: set(got) > set(must)},
        )


@check("a ReLU dies of too large a step, and leaks its way back")
def dying(run):
    expect(run.dead_after_training(2.0), [0])
    expect(run.dead_after_training(0.05), [])
    expect(run.dead_after_leaking(0), [0])
    expect(run.dead_after_leaking(100), [])
