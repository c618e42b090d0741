from autograd_engine.teach.testing import check, expect, like, require


def shape(n):
    return {"hidden": [[0.0, 0.0]] * n, "biases": [0.0] * (n + 1), "output": [0.0] * n}


def all_zero(got):
    return not any(any(row) for row in got["hidden"]) and not any(got["output"])


@check("your prediction")
def predicted(run):
    got = run.prediction(3)
    like(got, (0, 0))
    require(
        all(number in (1, 2, 3) for number in got), "two whole numbers from 1 to 3 for 3", got=got
    )


@check("counting different neurons")
def counting(run):
    a, b, c = run.draws.numbers(3)
    n = run.draws.number
    for rows, must in (
        ([[a, b, c]], 1),
        ([[a, b, c], [a, b, c], [a, b, c]], 1),
        ([[a, b, c], [b, a, c], [a, b, c]], 2),
        ([[a, b, c], [a, b, -c], [a, b, c]], 2),
        ([[a, b, c], [a, b, c + 1e-12]], 2),
        ([[a, b, c], [a, c, b], [c, a, b], [a, b, c]], 3),
    ):
        expect(run.distinct(rows, [n() for _ in rows] + [n()]), must)
    expect(run.distinct([[a, b, c]] * 2, [0.5, 0.7, 0.1]), 1)


@check("the equal start")
def equal_start(run):
    for n in (3, 5):
        must = {"hidden": [[0.5, 0.5]] * n, "biases": [0.1] * (n + 1), "output": [0.5] * n}
        expect(run.equal_start(n), must, mistakes={"all_zero": all_zero})


@check("the random start")
def random_start(run):
    n, seed = 40, run.draws.integer(1, 1000)
    got = run.random_start(n, seed)
    like(got, shape(n))
    hidden, output = got["hidden"], got["output"]
    weights = [w for row in hidden for w in row]
    require(not all_zero(got), "weights between -1 and 1", got="all 0", mistake="all_zero")
    clones = all(row == hidden[0] for row in hidden)
    only_output = len(set(weights)) == 1 and len(set(output)) == n
    require(
        len({tuple(row) for row in hidden}) == n,
        f"{n} different hidden neurons",
        got="equal hidden neurons, and random output weights" if only_output else "equal ones",
        mistake="output_only" if only_output else "re_seeded" if clones else "",
    )
    require(
        len({*weights, *output}) == 3 * n,
        f"{3 * n} weights, each drawn for itself",
        got=f"{len({*weights, *output})} different numbers",
    )
    for name, of, spread in (("hidden", weights, 0.5), ("output", output, 0.0)):
        low, high = min(of), max(of)
        require(
            -1 <= low < -spread and spread < high <= 1,
            f"{name} weights all over the range from -1 to 1",
            got=f"weights from {low:.3g} to {high:.3g}",
        )
    expect(got["biases"], [0.0] * (n + 1))
    again, other = run.random_start(n, seed), run.random_start(n, seed + 1)
    require(got == again, "the same network for the same seed", got="another one")
    require(got != other, "another network for another seed", got="the same one")


@check("the equal start, trained")
def equal_trained(run):
    got = run.trained_equal(4, 50)
    like(got, shape(4) | {"losses": [0.0] * 51, "distinct": 0})
    rows = [[*row, b] for row, b in zip(got["hidden"], got["biases"], strict=False)]
    require(
        all(row == rows[0] for row in rows), "neurons that are equal to the last digit", got=rows
    )
    loss = got["losses"][-1]
    require(loss > 0.45, "a loss above 0.45: there is one neuron, many times", got=loss)
    got = run.trained_equal(3, 200)
    like(got, shape(3) | {"losses": [0.0] * 201, "distinct": 0})
    # As another engine computes them.
    expect(got["hidden"], [[2.430294, 2.430294]] * 3, rel=1e-5)
    expect(got["biases"][:3], [-0.195663] * 3, rel=1e-5)
    expect(got["distinct"], 1)


@check("the random start, trained")
def random_trained(run):
    n = 3
    got = run.trained_random(n, run.draws.integer(1, 1000), 50)
    like(got, shape(n) | {"losses": [0.0] * 51, "distinct": 0})
    expect(got["distinct"], n)


@check("what became of your prediction")
def prediction(run):
    for n in (2, 5):
        like(run.prediction(n), (0, 0))
        equal, random = run.trained_equal(n, 2), run.trained_random(n, 0, 2)
        expect(run.prediction(n), (equal["distinct"], random["distinct"]))
