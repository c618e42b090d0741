from itertools import pairwise

import nn
from autograd_engine import Value
from autograd_engine.teach.testing import check, close, expect, like, require

# The library's optimizers, with the arguments of the exercise.
OURS = {
    "Momentum": lambda p, lr, momentum=0.9: nn.SGD(p, lr, momentum),
    "AdaGrad": lambda p, lr, eps=1e-8: nn.Adagrad(p, lr, eps=eps),
    "Adam": lambda p, lr, beta1=0.9, beta2=0.999, eps=1e-8: nn.Adam(p, lr, (beta1, beta2), eps),
}


def path_with_gradients(name, settings, gradients):
    parameters = [Value(0.0) for _ in gradients[0]]
    optimizer = OURS[name](parameters, **settings)
    path = []
    for slopes in gradients:
        for p, slope in zip(parameters, slopes):
            p.grad = slope
        optimizer.step()
        path.append([p.data for p in parameters])
    return path


def first_x(*wrong):
    """Whether the first number of a path is one of these, to five digits."""
    return lambda got: any(close(got[0][0], x, rel=1e-5) for x in wrong)


@check("Momentum on x^2")
def momentum(run):
    expect(
        run.on_the_square("Momentum", {"lr": 0.1}, 3),
        [[0.8], [0.46], [0.062]],
        rel=1e-12,
        mistakes={"averaged": first_x(0.98)},
    )


@check("AdaGrad on x^2")
def adagrad(run):
    expect(
        run.on_the_square("AdaGrad", {"lr": 0.1}, 3),
        [[0.9000000005], [0.8331035275658407], [0.7804561822187429]],
        rel=1e-12,
    )


@check("Adam on x^2", raises={"ZeroDivisionError": "counts_from_0"})
def adam(run):
    expect(
        run.on_the_square("Adam", {"lr": 0.1}, 3),
        [[0.9000000005], [0.8004122286917927], [0.70158627294603]],
        rel=1e-12,
        # Without that of both averages, of V, of M.
        mistakes={"no_bias_correction": first_x(0.683772, -2.162277, 0.99)},
    )


@check("a state for each parameter")
def state_per_parameter(run):
    for name in OURS:
        got = run.with_gradients(name, {"lr": 0.1}, [[1.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
        like(got, [[0.0, 0.0]] * 3)
        require(
            all(second == 0.0 for _, second in got),
            "a second parameter that does not move: its gradient is 0",
            got=got,
            mistake="shared_state",
        )


@check("three parameters, other settings")
def several(run):
    for name, settings in (
        ("Momentum", {"momentum": 0.5}),
        ("AdaGrad", {"eps": 0.01}),
        ("Adam", {"beta1": 0.7, "beta2": 0.8, "eps": 0.01}),
    ):
        settings["lr"] = round(run.draws.uniform(0.05, 0.2), 3)
        gradients = [run.draws.numbers(3) for _ in range(4)]
        got = run.with_gradients(name, settings, gradients)
        must = path_with_gradients(name, settings, gradients)

        def only_the_first(got, adam=name == "Adam", must=must):
            """Whether one parameter alone is right after one step."""
            right = [close(x, y) for x, y in zip(got[0], must[0], strict=True)]
            return adam and right == [True, False, False]

        expect(got, must, rel=1e-9, mistakes={"counts_parameters": only_the_first})


@check("a narrow valley")
def valley(run):
    # Plain descent takes 339 steps with the rate 0.04, and diverges with 0.081.
    settings = {"lr": 0.1111, "momentum": 0.4444}
    path = run.in_the_valley("Momentum", settings, 60)
    like(path, [[0.0, 0.0]] * 60)
    require(
        max(abs(z) for z in path[-1]) < 1e-6,
        "x and y within 1e-6 of 0 after 60 steps",
        got=path[-1],
        figure={"path": [[1.0, 1.0], *path]},
    )


@check("StepDecay")
def step_decay(run):
    for name, settings in (("Momentum", {"momentum": 0.0}), ("Adam", {}), ("AdaGrad", {})):
        lr = round(run.draws.uniform(0.05, 0.2), 3)
        factor = round(run.draws.uniform(0.3, 0.8), 2)
        every = 2 * run.draws.integer(10, 16)
        settings["lr"] = lr
        path = run.scheduled(name, settings, every, factor, 100)
        like(path, [0.0] * 101)
        moves = [before - after for before, after in pairwise(path)]
        must = [lr * factor ** (k // every) for k in range(100)]
        if name == "AdaGrad":  # whose sum of squares is k + 1
            must = [rate / (k + 1) ** 0.5 for k, rate in enumerate(must)]
            first = lr / 10
        else:
            first = lr
        expect(
            moves,
            must,
            call=f"{name} with {settings} and StepDecay(..., {every}, {factor}): how far a "
            "parameter of gradient 1 moves in each of 100 steps",
            mistakes={"schedule_ignored": lambda got: close(got[99], first)},
        )
