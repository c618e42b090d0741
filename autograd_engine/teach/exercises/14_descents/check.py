import math

from autograd_engine import derivative
from autograd_engine.teach.testing import check, close, expect

GROWS = {"NodeBudget": "graph_grows"}


def quartic(x):
    return x**4 - 3 * x**2 + x


def square(x):
    return x**2


def descent(f, x0, lr, steps):
    """The right answer."""
    path, slope = [float(x0)], derivative(f)
    while len(path) <= steps and abs(path[-1]) <= 1e6:
        path.append(path[-1] - lr * slope(path[-1]))
    return {"path": path, "status": "diverged" if abs(path[-1]) > 1e6 else "finished"}


def expect_path(got, f, x0, lr, steps, rel=1e-6):
    must = descent(f, x0, lr, steps)
    path = must["path"]

    def longer(got):
        return must["status"] == "diverged" and len(got["path"]) > len(path)

    expect(
        got,
        must,
        rel=rel,
        abs=1e-9,
        mistakes={
            "uphill": lambda got: close(got["path"][1], 2 * x0 - path[1]),
            "no_start": lambda got: len(path) > 1 and close(got["path"][0], path[1]),
            "no_stop": longer,
        },
        figure={"function": f.__name__, "got": got},
    )


@check("one step")
def one_step(run):
    for _ in range(3):
        x0, lr = run.draws.number(), round(run.draws.uniform(0.05, 0.2), 3)
        expect_path(run.on_the_quartic(x0, lr, 1), quartic, x0, lr, 1)
    expect_path(run.on_the_square(3, 0.25, 0), square, 3, 0.25, 0)


@check("several steps")
def several_steps(run):
    for steps in (2, 5):
        x0, lr = run.draws.number(), round(run.draws.uniform(0.01, 0.05), 3)
        expect_path(run.on_the_quartic(x0, lr, steps), quartic, x0, lr, steps)


def expect_end(run, x0, lr, must):
    got = run.on_the_quartic(x0, lr, 200)
    expect_path(got, quartic, x0, lr, 200)
    expect(got["path"][-1], must, rel=1e-4)


@check("a local minimum", raises=GROWS)
def local_minimum(run):
    expect_end(run, 2.0, 0.05, 1.130901122629857)


@check("the global minimum", raises=GROWS)
def global_minimum(run):
    expect_end(run, -2.0, 0.05, -1.300839565941573)


@check("from one basin into the other", raises=GROWS)
def jump(run):
    expect_end(run, 2.0, 0.1, -1.300839565941573)


@check("divergence", raises=GROWS | {"OverflowError": "no_stop"})
def divergence(run):
    expect_path(run.on_the_quartic(2.0, 0.2, 100), quartic, 2.0, 0.2, 100)
    # Just beyond 1e6 in the first step.
    expect_path(run.on_the_square(833333.5, 1.1, 3), square, 833333.5, 1.1, 3)


@check("on x^2, every step multiplies by 1 - 2 lr", raises=GROWS)
def law(run):
    for lr, must in ((0.9, 0.011529215046068483), (1.0, 1.0), (1.1, 38.337599924474766)):
        got = run.on_the_square(1.0, lr, 20)
        expect_path(got, square, 1.0, lr, 20)
        expect(got["path"][-1], must)
    lr = round(run.draws.uniform(1.2, 1.6), 3)
    got = run.on_the_square(1.0, lr, 200)
    expect_path(got, square, 1.0, lr, 200)
    expect(len(got["path"]) - 1, math.ceil(math.log(1e6) / math.log(2 * lr - 1)))
