"""Compiled steps of training do what eager ones do, whatever the optimizer."""

import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_engine import Value, log_softmax, pick
from autograd_engine.compiler import compile
from autograd_engine.compiler.update import Update
from nn.optim import Optimizer

SETTINGS = [
    (nn.SGD, {"lr": 0.05}),
    (nn.SGD, {"lr": 0.05, "weight_decay": 0.1}),
    (nn.SGD, {"lr": 0.02, "momentum": 0.9}),
    (nn.SGD, {"lr": 0.02, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    (nn.SGD, {"lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    (nn.Adagrad, {"lr": 0.2}),
    (nn.Adagrad, {"lr": 0.3, "lr_decay": 0.05, "weight_decay": 0.1, "eps": 1e-6}),
    (nn.Adagrad, {"lr": 0.3, "initial_accumulator_value": 0.5}),
    (nn.RMSprop, {"lr": 0.01}),
    (nn.RMSprop, {"lr": 0.01, "alpha": 0.9, "weight_decay": 0.1, "eps": 1e-6}),
    (nn.RMSprop, {"lr": 0.01, "momentum": 0.7}),
    (nn.RMSprop, {"lr": 0.01, "centered": True}),
    (nn.RMSprop, {"lr": 0.01, "centered": True, "momentum": 0.5, "weight_decay": 0.05}),
    (nn.Adam, {"lr": 0.1}),
    (nn.Adam, {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
    (nn.Adam, {"lr": 0.3, "betas": (0.9, 0.9), "amsgrad": True}),
    (nn.AdamW, {"lr": 0.1}),
    (nn.AdamW, {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True}),
]
DATA = nn.data.moons(30, noise=0.1, seed=1)


def loss_of(model):
    return nn.mse([model(x) for x, _ in DATA], [y + 0.5 for _, y in DATA])


def eager_steps(model, optimizer, count):
    for _ in range(count):
        optimizer.zero_grad()
        loss_of(model).backward()
        optimizer.step()


def made(kind, settings):
    model = nn.MLP(2, [6, 1], "tanh", seed=0)
    return model, kind(model.parameters(), **settings)


def agree(one, other, tolerance=1e-12):
    """Whether two optimizers have the same parameters and moments."""
    numbers, others = ([p.data for p in o.parameters] for o in (one, other))
    assert others == pytest.approx(numbers, rel=tolerance, abs=tolerance)
    assert one.steps == other.steps
    for name in one.moments:
        expected = getattr(one, name)
        assert getattr(other, name) == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_a_hundred_steps_are_those_of_eager_training(kind, settings):
    model, eager = made(kind, settings)
    other, optimizer = made(kind, settings)
    step = compile(loss_of(other), optimizer.parameters).train_step(optimizer)
    schedules = [nn.schedules.StepLR(o, 30, 0.5) for o in (eager, optimizer)]
    source = step.source
    for _ in range(100):
        eager_steps(model, eager, 1)
        step()
        for schedule in schedules:
            schedule.step()
    step.push()
    agree(eager, optimizer)
    assert step.source == source and eager.lr == optimizer.lr != settings["lr"]


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_training_goes_to_and_fro(kind, settings):
    model, eager = made(kind, settings)
    eager_steps(model, eager, 20)
    other, optimizer = made(kind, settings)
    program = compile(loss_of(other), optimizer.parameters)
    eager_steps(other, optimizer, 3)
    step = program.train_step(optimizer)
    step.pull()
    for _ in range(5):
        step()
    step.push()
    state = optimizer.state_dict()
    optimizer = kind(other.parameters())
    optimizer.load_state_dict(state)
    eager_steps(other, optimizer, 5)
    step = program.train_step(optimizer)
    step.pull()
    for _ in range(7):
        step()
    step.push()
    agree(eager, optimizer)


@pytest.mark.parametrize(("clip", "bound"), [(nn.clip_grad_norm, 0.3), (nn.clip_grad_value, 0.1)])
def test_gradients_are_clipped_between_the_two(clip, bound):
    model, eager = made(nn.Adam, {"lr": 0.05})
    other, optimizer = made(nn.Adam, {"lr": 0.05})
    step = compile(loss_of(other), optimizer.parameters).train_step(optimizer)
    for _ in range(30):
        eager.zero_grad()
        loss_of(model).backward()
        clip(eager.parameters, bound)
        eager.step()
        _, grads = step.program.value_and_grad()
        clip(grads, bound)
        step.update()
    step.push()
    agree(eager, optimizer)


def test_other_branches_are_written_when_settings_ask_for_them():
    model, eager = made(nn.SGD, {"lr": 0.05})
    other, optimizer = made(nn.SGD, {"lr": 0.05})
    step = compile(loss_of(other), optimizer.parameters).train_step(optimizer)
    for changes in ({}, {"momentum": 0.9}, {"nesterov": True}, {"momentum": 0.0}):
        for each in (eager, optimizer):
            for name, setting in changes.items():
                setattr(each, name, setting)
        eager_steps(model, eager, 4)
        for _ in range(4):
            step()
    step.push()
    agree(eager, optimizer)


def test_numbers_that_are_no_settings_may_change_too():
    def rule(self, m, p):
        p.data -= self.factor * p.grad

    x = Value(1.0)
    optimizer = Rule([x], function=rule)
    optimizer.factor = 0.5
    step = compile(x * 1.0).train_step(optimizer)
    step()
    optimizer.factor = 0.25
    step()
    step.push()
    assert x.data == 0.25


def test_adam_as_it_would_be_written_by_hand():
    optimizer = nn.Adam([Value(1.0)])
    assert Update(optimizer).source == (
        "# Adam: 12 statements on the vectors of all parameters\n"
        "from autograd_engine import floats\n"
        "import numpy as np\n"
        "\n"
        "\n"
        "def update(params, grads, exp_avg, exp_avg_sq, t1, *, betas, eps, steps, lr):\n"
        "    k1 = 1.0 - betas[0]\n"
        "    k2 = 1.0 - betas[1]\n"
        "    k3 = floats.sqrt(1.0 - betas[1]**steps)\n"
        "    k4 = eps * k3\n"
        "    k5 = lr * k3 / (1.0 - betas[0]**steps)\n"
        "    exp_avg *= betas[0]\n"
        "    np.multiply(grads, k1, out=t1)\n"
        "    exp_avg += t1\n"
        "    exp_avg_sq *= betas[1]\n"
        "    np.multiply(grads, k2, out=t1)\n"
        "    t1 *= grads\n"
        "    exp_avg_sq += t1\n"
        "    np.sqrt(exp_avg_sq, out=t1)\n"
        "    t1 += k4\n"
        "    np.divide(exp_avg, t1, out=t1)\n"
        "    t1 *= k5\n"
        "    params -= t1\n"
    )


def test_adam_in_single_precision_with_a_gradient_whose_square_is_too_large():
    x = Value(1.0)
    step = compile(x * 3e19, [x], dtype="float32").train_step(nn.Adam([x], lr=0.1))
    step()
    step()
    step.push()
    assert x.data == pytest.approx(0.8)  # as in torch; 1.0 if the square were taken first


class Rule(Optimizer):
    """Any rule, as a function."""

    settings = ("lr", "beta")
    moments = ("first", "second")

    def __init__(self, params, lr=0.1, beta=0.5, function=None):
        super().__init__(params, lr)
        self.beta, self.function = beta, function

    def rule(self, m, parameters):
        for p in parameters:
            self.function(self, m, p)


def random_rule(rng):
    """A rule that mixes what there is, and puts results anywhere: they may change places."""
    choices = [
        (rng.choice("+-*/mwabsf"), rng.random(), rng.random(), rng.random()) for _ in range(8)
    ]
    wanted = [rng.random() for _ in range(3)]

    def rule(self, m, p):
        pool = [p.data, p.grad, p.first, p.second, self.lr, self.beta * self.steps, 0.5]
        for sign, *places in choices:
            a, b, c = (pool[int(place * len(pool))] for place in places)
            match sign:
                case "+":
                    pool.append(a + b)
                case "-":
                    pool.append(a - b)
                case "*":
                    pool.append(m.tanh(a * b))
                case "/":
                    pool.append(a / (b * b + 1.0))
                case "m":
                    pool.append(m.maximum(a, b))
                case "w":
                    pool.append(m.where(p.grad < a * b, b, c))
                case "a":
                    pool.append(-m.abs(a))
                case "s":
                    pool.append(m.sigmoid(a))
                case "f":
                    pool.append(a)
        p.data, p.first, p.second = (pool[int(x * len(pool))] for x in wanted)

    return rule


@given(st.integers(0, 2**32))
def test_random_rules(seed):
    rng = random.Random(seed)
    rule = random_rule(rng)
    results = []
    for compiled in (False, True):
        parameters = [Value(x) for x in (0.3, -0.7, 1.5)]
        optimizer = Rule(parameters, function=rule)
        weights = (0.5, -1.5, 2.0)
        loss = sum(w * p for w, p in zip(weights, parameters, strict=True))
        if compiled:
            step = compile(loss, parameters).train_step(optimizer)
            for _ in range(3):
                step()
            step.push()
        else:
            for parameter, weight in zip(parameters, weights, strict=True):
                parameter.grad = weight
            for _ in range(3):
                optimizer.step()
        results.append(([p.data for p in parameters], optimizer.first, optimizer.second))
        assert [p.grad for p in parameters] == list(weights)
    for numbers, others in zip(*results, strict=True):
        assert others == pytest.approx(numbers, rel=1e-12, abs=1e-12)


def test_a_step_allocates_no_vector():
    parameters = [Value(float(i)) for i in range(20_000)]

    class Whole:
        """A program of a loss that is not the matter."""

        dtype = "float64"
        params, grads = np.ones(20_000), np.ones(20_000)

    Whole.parameters = parameters
    from autograd_engine.compiler import TrainStep

    for kind, settings in SETTINGS:
        step = TrainStep(Whole, kind(parameters, **settings))
        step.update()
        tracemalloc.start()
        step.update()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20_000, (kind, settings)


def test_single_precision_stays_single():
    model, eager = made(nn.Adam, {"lr": 0.01})
    other, optimizer = made(nn.Adam, {"lr": 0.01})
    step = compile(loss_of(other), optimizer.parameters, dtype="float32").train_step(optimizer)
    for _ in range(20):
        eager_steps(model, eager, 1)
        step()
    assert step.program.params.dtype == np.float32
    step.push()
    agree(eager, optimizer, 1e-4)


def test_functions_of_an_example_are_trained():
    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    results = []
    for compiled in (False, True):
        model = nn.MLP(4, [5, 3], "tanh", seed=2)
        unused = Value(2.0)
        optimizer = nn.AdamW([unused, *model.parameters()], 0.05, weight_decay=0.1)
        values = []
        if compiled:
            step = compile(lambda x, y, model=model: -pick(y, log_softmax(model(x)))).train_step(
                optimizer
            )
            values = [step(xs, ys) for _ in range(10)]
            step.push()
        else:
            for _ in range(10):
                loss = nn.cross_entropy([model(x) for x in xs.tolist()], ys.tolist())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                values.append(loss.data)
        results.append([*values, *(p.data for p in optimizer.parameters)])
    assert results[1] == pytest.approx(results[0], rel=1e-12, abs=1e-12)
    assert results[0][10] == pytest.approx(2.0 * (1.0 - 0.005) ** 10)


@pytest.mark.parametrize("chosen", [slice(None, None, -1), slice(5, 12), slice(0, 4)])
def test_some_of_the_parameters_in_any_order(chosen):
    results = []
    for compiled in (False, True):
        model = nn.MLP(2, [6, 1], "tanh", seed=0)
        optimizer = nn.Adam(model.parameters()[chosen], 0.05)
        if compiled:
            step = compile(loss_of(model), model.parameters()).train_step(optimizer)
            for _ in range(10):
                step()
            step.push()
        else:
            for _ in range(10):
                for parameter in model.parameters():
                    parameter.grad = 0.0
                eager_steps(model, optimizer, 1)
        results.append([p.data for p in model.parameters()])
    assert results[1] == pytest.approx(results[0], rel=1e-12, abs=1e-12)


def test_what_cannot_be_compiled_is_told():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    program = compile(x * x, [x])
    with pytest.raises(TypeError, match=r"takes an optimizer such as nn\.SGD, got 0\.1"):
        program.train_step(0.1)
    with pytest.raises(ValueError, match=r"parameter 1 of the optimizer, .*y.*, is none of the"):
        program.train_step(nn.SGD([x, y]))

    class Own(nn.SGD):
        def step(self):
            super().step()

    with pytest.raises(ValueError, match="Own has a step of its own, and only a rule is compiled"):
        program.train_step(Own([x]))

    def branch(self, m, p):
        p.data = max(p.data, 0.0)

    def comparison(self, m, p):
        p.data = m.where(p.grad == 0.0, 1.0, p.data)

    for function, message in ((branch, r"m\.where\(condition, a, b\)"), (comparison, r"m\.equal")):
        with pytest.raises(TypeError, match=message):
            program.train_step(Rule([x], function=function))

    class Injected(Rule):
        moments = ("first=print(1)",)

    with pytest.raises(ValueError, match="cannot be called 'first="):
        program.train_step(Injected([x], function=branch))
    assert x.data == 1.0
