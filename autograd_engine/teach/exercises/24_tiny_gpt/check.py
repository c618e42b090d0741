import math

import nn
from autograd_engine import log_softmax, softmax
from autograd_engine.teach.testing import check, close, expect, like, require, same

PARAMETERS = 240


def rows(run, count, width):
    return [[run.draws.uniform(-2.0, 2.0) for _ in range(width)] for _ in range(count)]


def parameters(run):
    return [0.5 * run.draws.normal() for _ in range(PARAMETERS)]


def tokens(run, count):
    return [run.draws.integer(0, 2) for _ in range(count)]


def scores(queries, keys):
    return [[sum(x * y for x, y in zip(query, key)) for key in keys] for query in queries]


def causal(scores):
    """The weights of the positions up to each query's, 0 for the later ones."""
    return [softmax(row[: t + 1]) + [0.0] * (len(row) - t - 1) for t, row in enumerate(scores)]


def attention_weights(queries, keys):
    root = math.sqrt(len(queries[0]))
    return causal([[score / root for score in row] for row in scores(queries, keys)])


def next_token_loss(logits, targets):
    return sum(-log_softmax(row)[token] for row, token in zip(logits, targets)) / len(logits)


@check("rmsnorm")
def normed(run):
    expect(run.normed([3.0, 4.0]), [0.848528, 1.131371], rel=1e-5)
    for scale in (1.0, 0.001):
        x = [scale * number for number in run.draws.numbers(5)]
        expect(run.normed(x), [y.data for y in nn.RMSNorm(5, gain=False)(x)])
    expect(run.normed([0.0, 0.0]), [0.0, 0.0])


@check("the weights of a query")
def shares(run):
    for n, d in ((1, 2), (4, 3), (6, 4)):
        queries, keys = rows(run, n, d), rows(run, n, d)
        got = run.weights_of(queries, keys)
        like(got, [[0.0] * n for _ in range(n)])
        columns = all(close(sum(column), 1.0) for column in zip(*got))
        for t, row in enumerate(got):
            require(
                close(sum(row), 1.0),
                f"a sum of 1 of the weights of query {t}",
                got=sum(row),
                mistake="wrong_axis" if columns else "",
            )


@check("a later token changes no earlier logits")
def causality(run):
    for _ in range(2):
        numbers, text = parameters(run), tokens(run, 6)
        before = run.logits_of(numbers, text)
        like(before, [[0.0] * 3 for _ in range(6)])
        for place in (5, 3):
            changed = [*text[:place], (text[place] + 1) % 3, *text[place + 1 :]]
            after = run.logits_of(numbers, changed)
            like(after, before)
            require(
                same(after[2], before[2]),
                f"the {before[2]} of logits(model, {text})[2]",
                got=after[2],
                call=f"logits(model, {changed})[2]",
                mistake="no_mask",
            )
            expect(after[:place], before[:place], call=f"logits(model, {changed})[:{place}]")


@check("attention")
def attention(run):
    for n, d in ((2, 1), (3, 2), (6, 4), (5, 9)):
        queries, keys, values = rows(run, n, d), rows(run, n, d), rows(run, n, 3)
        weights = attention_weights(queries, keys)
        not_scaled = {"not_scaled": causal(scores(queries, keys))} if d > 1 else None
        expect(run.weights_of(queries, keys), weights, mistakes=not_scaled)
        mixed = [
            [sum(w * x for w, x in zip(row, column)) for column in zip(*values)] for row in weights
        ]
        expect(run.attended(queries, keys, values), mixed, abs=1e-9)
    large = [[900.0, 0.0], [900.0, 0.0]]
    expect(run.weights_of(large, large), [[1.0, 0.0], [0.5, 0.5]])


@check("the loss of the next tokens")
def next_tokens(run):
    expect(run.loss_of([[0.0] * 3] * 2, [0, 1, 2]), math.log(3.0))
    for n in (1, 3, 6):
        logits, text = rows(run, n, 3), tokens(run, n + 1)
        while text[:-1] == text[1:]:
            text = tokens(run, n + 1)
        wrong = next_token_loss(logits, text[:-1])
        must = next_token_loss(logits, text[1:])
        expect(run.loss_of(logits, text), must, mistakes={"own_token": wrong})
    expect(run.loss_of([[1000.0, 0.0, 0.0]], [2, 1]), 1000.0)


@check("the gradients of five parameters")
def gradients(run):
    numbers = parameters(run)
    places = [run.draws.integer(low, low + 11) for low in (0, 40, 60, 90, 228)]
    got = run.slopes(numbers, places)
    like(got, {"backward": [0.0] * 5, "differences": [0.0] * 5})
    expect(got["backward"], got["differences"], rel=1e-4, abs=1e-7)


@check("the first loss")
def first_loss(run):
    for _ in range(4):
        for got in run.first_losses(run.draws.integer(0, 999)):
            like(got, 0.0)
            require(
                abs(got - math.log(3.0)) < 0.3,
                "near ln 3 = 1.0986, within 0.3",
                got=got,
                mistake="large_start",
            )


@check("parameters to start from")
def starts(run):
    expect(run.kinds(2, 3), ["Value"])
    seed = run.draws.integer(0, 999)
    got = run.start(40, 25, seed)
    like(got, [[0.0] * 25 for _ in range(40)])
    numbers = [x for row in got for x in row]
    centre = sum(numbers) / 1000
    spread = math.sqrt(sum((x - centre) ** 2 for x in numbers) / 1000)
    require(abs(centre) < 0.02, "a mean near 0", got=centre)
    require(0.07 < spread < 0.09, "a standard deviation near 0.08", got=spread)
    require(got == run.start(40, 25, seed), "the same for the same rng", got="others")
    require(got != run.start(40, 25, seed + 1), "others for another rng", got="the same")


@check("training")
def training(run):
    got = run.trained(200, run.draws.integer(0, 999))
    like(got, {"losses": [0.0] * 200, "after": [0.0, 0.0]})
    loss = sum(got["after"]) / 2
    require(loss < 0.35, "a loss below 0.35", got=loss, figure={"losses": got["losses"]})
