"""Optimizers: PyTorch's trajectories, the lectures' figures, state, clipping and errors."""

import importlib.util
import json
import math
import random
import sys
from itertools import pairwise

import numpy as np
import pytest

from autograd_engine import Value, compile, gradient
from autograd_engine.graph import nodes
from nn import losses
from nn.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    RMSprop,
    clip_grad_norm,
    clip_grad_value,
)

START = (2.0, -1.5, 0.3)

# PyTorch 2.13 in float64: the parameters after 1, 2, 10 and 50 steps on `quartic` from START.
# fmt: off
TRAJECTORIES = [
    (SGD, {"lr": 0.05}, {
        1: [1.83924, -1.35, 0.41191],
        2: [1.7309088417010632, -1.225981, 0.4871682229423932],
        10: [1.3675080865408946, -0.7759032291743211, 0.766088444797622],
        50: [1.163680947725903, -0.6458560171830945, 0.9968271833113338],
    }),
    (SGD, {"lr": 0.02, "momentum": 0.9}, {
        1: [1.935696, -1.44, 0.34476399999999996],
        2: [1.8225805463060318, -1.33015696, 0.42334130543532394],
        10: [0.7674766696041687, -0.21167237185689647, 1.2024038671723964],
        50: [1.1067764935398479, -0.6226460642896657, 1.0103898734240733],
    }),
    (SGD, {"lr": 0.02, "momentum": 0.9, "dampening": 0.3}, {
        1: [1.935696, -1.44, 0.34476399999999996],
        2: [1.8391531024142223, -1.346909872, 0.4118543938047267],
        10: [0.9318157050620214, -0.3506106375050843, 1.0739989340576923],
        50: [1.1004011013313888, -0.6657387327196355, 1.0439389378750692],
    }),
    (SGD, {"lr": 0.02, "momentum": 0.8, "nesterov": True}, {
        1: [1.8842528, -1.392, 0.3805752],
        2: [1.7555296985604982, -1.2590685503999999, 0.4698988310953198],
        10: [1.0996448443096454, -0.5253852788797745, 0.9735667060868294],
        50: [1.1596201056553053, -0.6450913526491878, 1.0012420384100233],
    }),
    (SGD, {"lr": 0.05, "weight_decay": 0.1}, {
        1: [1.82924, -1.3425, 0.41041],
        2: [1.7136079746817523, -1.2130185, 0.4825463768266517],
        10: [1.3191346337870258, -0.7513256471878217, 0.7329674963276218],
        50: [1.1025427472851856, -0.6226067912922327, 0.9436964127306051],
    }),
    (SGD, {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.1, "nesterov": True}, {
        1: [1.8770528, -1.3866, 0.3794952],
        2: [1.7400288632572127, -1.2474047904, 0.4664512595464405],
        10: [1.033680205304331, -0.4956815711608478, 0.9302866201201316],
        50: [1.0986809178955907, -0.6218434891372779, 0.9494981037871091],
    }),
    (Adagrad, {"lr": 0.2}, {
        1: [1.8000000000062204, -1.3000000000066667, 0.49999999999106426],
        2: [1.7011171237143654, -1.1783136912776737, 0.5977448866264086],
        10: [1.3938350275052562, -0.799550305264725, 0.8879347176451592],
        50: [1.1678019726940267, -0.647123691405471, 1.0007646085543922],
    }),
    (Adagrad, {"lr": 0.3, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.5,
               "eps": 1e-06}, {
        1: [1.7062307280262945, -1.207284498590459, 0.5857089832743549],
        2: [1.590683187454186, -1.0516624076888115, 0.687991221513064],
        10: [1.2801925229687492, -0.7091029909231678, 0.9031474464192772],
        50: [1.1159526607241288, -0.6262144824477445, 0.9490800102864232],
    }),
    (RMSprop, {"lr": 0.01}, {
        1: [1.9000000031102264, -1.4000000033333333, 0.3999999955321242],
        2: [1.8391979772114013, -1.3336098150122095, 0.4603605854629277],
        10: [1.6102363976178031, -1.061817216098857, 0.6868237845750188],
        50: [1.2777638637194073, -0.7068367899759999, 0.9679180092475722],
    }),
    (RMSprop, {"lr": 0.01, "alpha": 0.9, "weight_decay": 0.1, "eps": 1e-06}, {
        1: [1.9683772526791512, -1.4683772551443162, 0.3316227313159955],
        2: [1.9463215552351962, -1.4458398650531965, 0.3535497937727266],
        10: [1.8392372974583648, -1.3329034506322213, 0.45892374974875316],
        50: [1.5055001489711346, -0.9699412845336981, 0.7740655429188493],
    }),
    (RMSprop, {"lr": 0.01, "momentum": 0.7}, {
        1: [1.9000000031102264, -1.4000000033333333, 0.3999999955321242],
        2: [1.76919797938856, -1.263609817345543, 0.5303605823354146],
        10: [1.1696085173141397, -0.575427961451486, 1.0814782882768545],
        50: [1.1604326336157678, -0.6450904543446884, 1.000739748657462],
    }),
    (RMSprop, {"lr": 0.01, "centered": True}, {
        1: [1.8994962216157216, -1.399496221841082, 0.4005037770129153],
        2: [1.8381462586419701, -1.3324630205901316, 0.4614054068519408],
        10: [1.6043966778438143, -1.054059100678117, 0.6925143082586043],
        50: [1.2600198944731655, -0.69329290503019, 0.9757300602568822],
    }),
    (RMSprop, {"lr": 0.01, "alpha": 0.95, "momentum": 0.5, "weight_decay": 0.05,
               "centered": True}, {
        1: [1.9541168538609213, -1.454116853910526, 0.34588314582716057],
        2: [1.8994845418237074, -1.3983718019867821, 0.40031637694461775],
        10: [1.6106567066779902, -1.068357623911142, 0.6809747963257327],
        50: [1.1622916968675348, -0.6440141976295544, 0.9736116147915956],
    }),
    (Adam, {"lr": 0.1}, {
        1: [1.9000000003110227, -1.4000000003333333, 0.3999999995532124],
        2: [1.8015978731779136, -1.3005136624796862, 0.49829780321828276],
        10: [1.1708609772744563, -0.603760350365778, 1.114862361504772],
        50: [1.2036867325002405, -0.6244896563854323, 1.0477076114311374],
    }),
    (Adam, {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.0001}, {
        1: [1.9000031101296924, -1.400003333222226, 0.39999553232363844],
        2: [1.8020599060547655, -1.3007279017015752, 0.4978135554071856],
        10: [1.2142557475619207, -0.6383540876837724, 1.0686215875036842],
        50: [1.163020416519846, -0.6429915287937669, 1.0024194514307088],
    }),
    (Adam, {"lr": 0.1, "weight_decay": 0.1}, {
        1: [1.9000000002928086, -1.4000000003174604, 0.3999999995471425],
        2: [1.8014716848564758, -1.3004985403317655, 0.49820015931312434],
        10: [1.1552131673051953, -0.5994412231510644, 1.0959219712573378],
        50: [1.155797125379967, -0.6022742530672379, 0.9949995224556418],
    }),
    (Adam, {"lr": 0.3, "betas": (0.9, 0.9), "amsgrad": True}, {
        1: [1.700000000933068, -1.200000001, 0.5999999986596372],
        2: [1.4236681719863258, -0.9066552575092288, 0.8758142963622502],
        10: [0.722473007065777, -0.4613034692704916, 0.9754841059171043],
        50: [1.1950447229528776, -0.674852938905404, 1.0501013442718714],
    }),
    (AdamW, {"lr": 0.1}, {
        1: [1.8980000003110227, -1.3985000003333332, 0.3996999995532124],
        2: [1.797728629273451, -1.2976258751951006, 0.4975721755688991],
        10: [1.1582400553636354, -0.5955865058768388, 1.1079388182493195],
        50: [1.1971241733261417, -0.6230464790802489, 1.0438933094468636],
    }),
    (AdamW, {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True, "betas": (0.9, 0.9)}, {
        1: [1.8600000003110226, -1.3700000003333332, 0.3939999995532124],
        2: [1.7241850715879732, -1.2429289823447711, 0.4847113503162811],
        10: [0.9566309717126367, -0.4646450231276928, 0.9811373478963233],
        50: [1.063244484663815, -0.5794818960790064, 0.8997856102188682],
    }),
]
# fmt: on


def quartic(a, b, c):
    """A loss that is no sum of squares, for Values and tensors alike."""
    return (
        (a - 1.0) * (a - 1.0)
        + 2.0 * (b + 0.5) * (b + 0.5)
        + 0.5 * a * b
        + 0.25 * (c * c - 1.0) * (c * c - 1.0)
        + 0.1 * (a - c) * (a - c) * (a - c) * (a - c)
    )


def descend(optimizer, loss, steps):
    """The parameters before the first step and after each."""
    path = [[p.data for p in optimizer.parameters]]
    for _ in range(steps):
        optimizer.zero_grad()
        loss(*optimizer.parameters).backward()
        optimizer.step()
        path.append([p.data for p in optimizer.parameters])
    return path


def path_of(kind, settings, loss, start, steps):
    return [x for (x,) in descend(kind([Value(start)], **settings), loss, steps)]


# --- PyTorch's trajectories ----------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "settings", "expected"), TRAJECTORIES)
def test_fifty_steps_are_pytorchs(kind, settings, expected):
    path = descend(kind(map(Value, START), **settings), quartic, 50)
    for step, parameters in expected.items():
        assert path[step] == pytest.approx(parameters, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("kind", "settings", "expected"), TRAJECTORIES)
def test_fifty_compiled_steps_are_pytorchs(kind, settings, expected):
    parameters = [Value(x) for x in START]
    program = compile(quartic(*parameters), parameters)
    step = program.train_step(kind(parameters, **settings))
    for count in range(1, 51):
        step()
        if count in expected:
            assert program.params == pytest.approx(expected[count], rel=1e-12, abs=1e-12)


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="torch is not installed")
@pytest.mark.parametrize(("kind", "settings", "expected"), TRAJECTORIES)
def test_the_record_is_what_this_pytorch_does(kind, settings, expected):
    import torch

    parameters = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    optimizer = getattr(torch.optim, kind.__name__)(parameters, **settings)
    for step in range(1, 51):
        optimizer.zero_grad()
        quartic(*parameters).backward()
        optimizer.step()
        if step in expected:
            found = [p.item() for p in parameters]
            assert found == pytest.approx(expected[step], rel=1e-12, abs=1e-12)


def test_defaults_are_pytorchs():
    x = [Value(1.0)]
    assert repr(SGD(x)) == (
        "SGD(lr=0.001, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False): 1 parameter"
    )
    assert repr(Adagrad(x)).startswith(
        "Adagrad(lr=0.01, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10)"
    )
    assert repr(RMSprop(x)).startswith(
        "RMSprop(lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0.0, momentum=0.0, centered=False)"
    )
    adam = "(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay={}, amsgrad=False): 2 parameters"
    assert repr(Adam([*x, Value(0.0)])) == "Adam" + adam.format(0.0)
    assert repr(AdamW([*x, Value(0.0)])) == "AdamW" + adam.format(0.01)


# --- the lectures' figures -----------------------------------------------------------------------


def square(x):
    return x * x


def near(numbers):
    return pytest.approx(numbers, rel=0.0, abs=1e-14)


def test_first_steps_on_a_parabola():
    def first_three(kind, **settings):
        return path_of(kind, settings | {"lr": 0.1}, square, 1.0, 3)[1:]

    assert first_three(SGD, momentum=0.9) == near([0.8, 0.46, 0.062])
    assert first_three(Adam) == near([0.9000000005, 0.8004122286917927, 0.70158627294603])
    # the lecture's eps is 1e-8
    adagrad = [0.9000000005, 0.8331035, 0.7804562]
    assert first_three(Adagrad, eps=1e-8) == pytest.approx(adagrad, abs=5e-8)


def test_momentum_as_a_running_mean():
    # The lecture's other form weighs the first gradient like all others: the buffer starts at 0.
    optimizer = SGD([Value(1.0)], lr=0.1, momentum=0.9, dampening=0.9)
    state = optimizer.state_dict()
    optimizer.load_state_dict(state | {"steps": 1})
    assert [x for (x,) in descend(optimizer, square, 3)][1:] == near([0.98, 0.9424, 0.889712])


def test_adam_without_bias_correction():
    # After very many steps the correction is a division by 1.
    optimizer = Adam([Value(1.0)], lr=0.1)
    optimizer.load_state_dict(optimizer.state_dict() | {"steps": 10**6})
    expected = [0.683772, 0.270206, -0.162141]
    assert [x for (x,) in descend(optimizer, square, 3)][1:] == pytest.approx(expected, abs=1e-6)


def test_steps_on_a_parabola_shrink_by_a_factor():
    for lr in (0.1, 0.5, 0.9, 1.0, 1.1):
        path = path_of(SGD, {"lr": lr}, square, 1.0, 20)
        for before, after in pairwise(path):
            assert after == pytest.approx((1.0 - 2.0 * lr) * before, abs=1e-12)
    assert path_of(SGD, {"lr": 0.9}, square, 1.0, 20)[-1] == pytest.approx(0.011529, abs=5e-7)
    assert path_of(SGD, {"lr": 1.0}, square, 1.0, 20) == [1.0, -1.0] * 10 + [1.0]
    assert path_of(SGD, {"lr": 1.1}, square, 1.0, 20)[-1] == pytest.approx(38.34, abs=5e-3)


def two_valleys(x):
    return x**4 - 3 * x**2 + x


LOCAL, GLOBAL = 1.130901122629857, -1.300839565941573


@pytest.mark.parametrize(
    ("lr", "start", "end"),
    [(0.05, 2.0, LOCAL), (0.05, -2.0, GLOBAL), (0.1, 2.0, GLOBAL)],
    ids=["local", "global", "jumping"],
)
def test_descent_into_a_valley(lr, start, end):
    path = path_of(SGD, {"lr": lr}, two_valleys, start, 200)
    assert path[-1] == pytest.approx(end, abs=1e-12)
    barrier = 0.169938
    crossings = sum((a > barrier) != (b > barrier) for a, b in pairwise(path))
    assert crossings == (1 if lr == 0.1 else 0)
    assert two_valleys(end) == pytest.approx(-1.07023 if end == LOCAL else -3.51391, abs=5e-6)


def test_descent_that_diverges():
    path = path_of(SGD, {"lr": 0.2}, two_valleys, 2.0, 4)
    assert path == pytest.approx([2.0, -2.2, 3.4784, -26.2164, 14356.93], rel=2e-6)
    path = path_of(SGD, {"lr": 0.2}, two_valleys, 2.0, 12)
    assert not math.isfinite(path[-1])  # and nothing has raised


def test_a_step_minimises_the_local_model():
    # L(x) + e L'(x) + e**2/(2 lr) is least where e is SGD's step
    x, lr = Value(0.7), 0.03
    loss = two_valleys(x)
    (slope,) = gradient(loss, [x])
    before = x.data
    loss.backward()
    SGD([x], lr=lr).step()
    step = Value(x.data - before)
    (step * slope + step * step / (2.0 * lr)).backward()
    assert step.grad == pytest.approx(0.0, abs=1e-13)


# five points on a line, of the regression in the lectures
XS = [-2.0, -1.0, 0.0, 1.0, 2.0]
YS = [-3.1, -0.9, 1.2, 2.8, 5.1]


def loss_at(w, b, indices=range(5)):
    return losses.mse([w * XS[i] + b for i in indices], [YS[i] for i in indices])


def test_linear_regression_reaches_the_closed_form():
    path = descend(SGD([Value(0.0), Value(0.0)], lr=0.1), loss_at, 200)
    assert path[-1] == pytest.approx([2.01, 1.02], abs=1e-9)
    assert loss_at(*path[-1]) == pytest.approx(0.0214, abs=1e-12)
    values = [loss_at(*point) for point in path]
    assert all(b <= a + 1e-15 for a, b in pairwise(values))


def test_stochastic_gradients_are_unbiased():
    def gradient_of(indices):
        w, b = Value(0.5), Value(0.1)
        loss_at(w, b, indices).backward()
        return [w.grad, b.grad]

    single = [gradient_of([i]) for i in range(5)]
    expected = [(-8.8, 4.4), (-1.0, 1.0), (0.0, -2.2), (-4.4, -4.4), (-16.0, -8.0)]
    for found, known in zip(single, expected, strict=True):
        assert found == pytest.approx(known, abs=1e-14)
    batch = gradient_of(range(5))
    assert batch == pytest.approx([-6.04, -1.84], abs=1e-14)
    assert [sum(column) / 5 for column in zip(*single, strict=True)] == pytest.approx(batch)


@pytest.mark.parametrize("seed", range(3))
def test_the_stochastic_path(seed):
    rng = random.Random(seed)
    optimizer = SGD([Value(0.0), Value(0.0)], lr=0.1)
    path = descend(optimizer, lambda w, b: loss_at(w, b, [rng.randrange(5)]), 200)
    values = [loss_at(*point) for point in path]
    assert 0.026 <= values[-1] <= 0.030
    increases = sum(b > a for a, b in pairwise(values))
    assert 108 <= increases <= 115


def test_the_cost_of_a_step_is_that_of_its_examples():
    w, b = Value(0.0), Value(0.0)
    sizes = [len(nodes(loss_at(w, b, [i % 5 for i in range(n)]))) for n in (5, 10, 20)]
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])
    assert len(nodes(loss_at(w, b, [1]))) == len(nodes(loss_at(w, b, [3])))


# --- what a step touches -------------------------------------------------------------------------


def test_weight_decay_is_half_of_an_l2_penalty():
    plain = descend(SGD(map(Value, START), lr=0.05, weight_decay=0.1), quartic, 20)
    penalised = descend(
        SGD(map(Value, START), lr=0.05), lambda *p: quartic(*p) + losses.l2(p, 0.05), 20
    )
    assert plain[-1] == pytest.approx(penalised[-1], abs=1e-13)


def test_the_learning_rate_may_change():
    x = Value(1.0, grad=1.0)
    optimizer = SGD([x], lr=0.5)
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert (x.data, optimizer.steps) == (0.25, 2)
    optimizer.zero_grad()
    optimizer.step()
    assert (x.grad, x.data) == (0.0, 0.25)


def test_bad_gradients_raise_nothing():
    for kind in (SGD, Adagrad, RMSprop, Adam, AdamW):
        x = [Value(1.0, grad=math.nan), Value(1.0, grad=math.inf), Value(1.0, grad=1e300)]
        optimizer = kind(x, lr=0.1)
        for _ in range(3):
            optimizer.step()
        assert math.isnan(x[0].data)
    still = [Value(1.0)]
    for kind in (SGD, Adagrad, RMSprop, Adam):
        kind(still, lr=0.1).step()
    assert still[0].data == 1.0


def test_a_variance_is_not_negative():
    # in step 54 of a constant gradient, rounding makes mean of squares - square of mean -5.6e-17
    x = Value(0.0, grad=0.7)
    optimizer = RMSprop([x], alpha=0.5, centered=True)
    for _ in range(60):
        optimizer.step()
    assert math.isfinite(x.data)


# --- state ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "settings", "expected"), TRAJECTORIES)
@pytest.mark.parametrize("cut", [0, 1, 7])
def test_state_goes_on_exactly(kind, settings, expected, cut):
    whole = descend(kind(map(Value, START), **settings), quartic, 12)
    first = kind(map(Value, START), **settings)
    descend(first, quartic, cut)
    state = json.loads(json.dumps(first.state_dict(), allow_nan=False))
    second = kind([Value(p.data) for p in first.parameters])  # the settings are restored too
    second.load_state_dict(state)
    assert descend(second, quartic, 12 - cut) == whole[cut:]
    assert repr(second) == repr(first)


def test_state_is_a_copy():
    optimizer = Adam([Value(1.0, grad=1.0)])
    before = optimizer.state_dict()
    optimizer.state_dict()["moments"]["exp_avg"][0] = math.nan
    assert optimizer.state_dict() == before
    optimizer.step()
    assert before["moments"]["exp_avg"] == [0.0]
    after = optimizer.state_dict()
    optimizer.load_state_dict(after)
    optimizer.step()
    assert after["steps"] == 1
    assert after["moments"]["exp_avg"] == pytest.approx([0.1])


def test_foreign_state_is_refused_and_changes_nothing():
    optimizer = Adam([Value(1.0, grad=1.0), Value(2.0)], lr=0.5)
    optimizer.step()
    before = optimizer.state_dict()
    adamw = AdamW([Value(1.0), Value(2.0)]).state_dict()
    shorter = Adam([Value(1.0)]).state_dict()
    for state, message in [
        ({}, "this is no state of Adam"),
        (adamw, "this is the state of AdamW, not of Adam"),
        (shorter, "exp_avg has 1 numbers for 2 parameters"),
        (before | {"settings": {"lr": 0.1}}, "this is no state of Adam: KeyError"),
        (before | {"settings": before["settings"] | {"lr": -1.0}}, "lr must not be negative"),
        (before | {"moments": {}}, "this is no state of Adam"),
        (before | {"moments": before["moments"] | {"exp_avg": ["a", 0.0]}}, "no state of Adam"),
        (before | {"steps": None}, "this is no state of Adam"),
    ]:
        with pytest.raises(ValueError, match=message):
            optimizer.load_state_dict(state)
        assert optimizer.state_dict() == before


# --- clipping ------------------------------------------------------------------------------------


def with_gradients(*grads):
    return [Value(0.0, grad=grad) for grad in grads]


def test_clipping_by_norm_is_pytorchs():
    parameters = with_gradients(3.0, -4.0, 12.0)
    assert clip_grad_norm(parameters, 2.0) == 13.0
    assert [p.grad for p in parameters] == pytest.approx(
        [0.46153842603550577, -0.615384568047341, 1.846153704142023], rel=1e-15
    )
    assert clip_grad_norm(parameters, 5.0) == pytest.approx(2.0, rel=1e-6)
    assert parameters[2].grad == pytest.approx(1.846153704142023, rel=1e-15)


def test_clipping_by_norm_at_the_edges():
    zeros = with_gradients(0.0, 0.0)
    assert clip_grad_norm(iter(zeros), 1.0) == 0.0
    huge = with_gradients(3e200, 4e200)  # whose squares are inf
    assert clip_grad_norm(huge, 1.0) == pytest.approx(5e200)
    assert [p.grad for p in huge] == pytest.approx([0.6, 0.8])
    for bad in (math.nan, math.inf):
        parameters = with_gradients(1.0, bad)
        assert not math.isfinite(clip_grad_norm(parameters, 0.5))
        assert parameters[0].grad == 1.0


@pytest.mark.parametrize(
    "grads", [[3.0, -4.0, 12.0], [0.0, 0.0], [3e200, 4e200], [1.0, math.nan], [1.0, math.inf]]
)
def test_clipping_of_arrays(grads):
    for clip, bound in ((clip_grad_norm, 2.0), (clip_grad_norm, 1e300), (clip_grad_value, 3.5)):
        parameters, array = with_gradients(*grads), np.array(grads)
        norms = clip(parameters, bound), clip(array, bound)
        assert array.tolist() == pytest.approx([p.grad for p in parameters], nan_ok=True)
        assert norms[1] == pytest.approx(norms[0], nan_ok=True)


def test_clipping_by_value():
    parameters = with_gradients(3.0, -4.0, 0.5, math.inf, math.nan)
    clip_grad_value(parameters, 1.0)
    assert [p.grad for p in parameters[:4]] == [1.0, -1.0, 0.5, 1.0]
    assert math.isnan(parameters[4].grad)


def test_clipping_bounds():
    with pytest.raises(ValueError, match="max_norm must not be negative, got -1"):
        clip_grad_norm([], -1)
    with pytest.raises(ValueError, match="clip_value must not be negative, got nan"):
        clip_grad_value([], math.nan)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (SGD, {"lr": -0.1}, "lr must not be negative, got -0.1"),
        (SGD, {"lr": math.nan}, "lr must not be negative, got nan"),
        (SGD, {"momentum": -1}, "momentum must not be negative"),
        (SGD, {"weight_decay": -1}, "weight_decay must not be negative"),
        (SGD, {"nesterov": True}, "nesterov needs momentum and no dampening"),
        (SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "nesterov needs momentum"),
        (Adagrad, {"lr_decay": -1}, "lr_decay must not be negative"),
        (Adagrad, {"initial_accumulator_value": -1}, "initial_accumulator_value must not"),
        (Adagrad, {"eps": 0.0}, "eps must be positive, got 0.0"),
        (Adagrad, {"weight_decay": -1}, "weight_decay must not be negative"),
        (RMSprop, {"alpha": -1}, "alpha must not be negative"),
        (RMSprop, {"eps": -1}, "eps must be positive"),
        (RMSprop, {"momentum": -1}, "momentum must not be negative"),
        (RMSprop, {"weight_decay": -1}, "weight_decay must not be negative"),
        (Adam, {"betas": (1.0, 0.9)}, "betas must be from 0 up to, but not including, 1"),
        (Adam, {"betas": (0.9, -0.1)}, "betas must be from 0 up to"),
        (Adam, {"betas": 0.9}, "betas must be two numbers, got 0.9"),
        (Adam, {"betas": (0.9,)}, "betas must be two numbers"),
        (Adam, {"eps": 0}, "eps must be positive, got 0"),
        (AdamW, {"weight_decay": -1}, "weight_decay must not be negative"),
    ],
)
def test_settings_out_of_range(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind([Value(1.0)], **settings)


def test_parameters_are_leaves_each_once():
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"such as model\.parameters\(\), got Value"):
        SGD(x)
    with pytest.raises(TypeError, match=r"such as model\.parameters\(\), got int"):
        SGD(3)
    with pytest.raises(TypeError, match=r"parameter 1 is no Value: 2\.0"):
        SGD([x, 2.0])
    with pytest.raises(ValueError, match="takes parameters, got none"):
        SGD([])
    with pytest.raises(ValueError, match=r"parameter 1 is the result of '\*'"):
        SGD([x, x * 2.0])
    with pytest.raises(ValueError, match="given twice"):
        SGD([x, Value(2.0), x])
    with pytest.raises(TypeError, match=r"lr must be a real number.*write \.data"):
        SGD([x], lr=Value(0.1))


class Heavy(Optimizer):
    """One of ones own, which remembers something."""

    moments = ("speed",)

    def rule(self, m, parameters):
        for p in parameters:
            p.speed = 0.5 * p.speed - self.lr * m.tanh(p.grad)
            p.data += p.speed


def test_an_optimizer_of_ones_own_defines_a_rule():
    with pytest.raises(NotImplementedError, match="Optimizer defines no rule"):
        Optimizer([Value(1.0)]).step()
    x = Value(1.0, grad=2.0)
    optimizer = Heavy([x], lr=0.5)
    assert optimizer.speed == [0.0]
    optimizer.step()
    optimizer.step()
    first = -0.5 * math.tanh(2.0)
    assert optimizer.speed == pytest.approx([1.5 * first], rel=1e-15)
    assert x.data == pytest.approx(1.0 + 2.5 * first, rel=1e-15)
    again = Heavy([Value(1.0)])
    again.load_state_dict(optimizer.state_dict())
    assert (again.lr, again.speed, again.steps) == (0.5, optimizer.speed, 2)
    with pytest.raises(ValueError, match="speed has 0 numbers for 1 parameters"):
        again.speed = []


@pytest.mark.parametrize("kind", [SGD, Adagrad, Adam, AdamW, RMSprop])
def test_the_first_argument_has_pytorchs_name(kind):
    x = Value(1.0)
    assert kind(params=[x], lr=0.1).parameters == [x]


def test_ctrl_c_leaves_no_half_step():
    class Interrupt:
        """Raises at the n-th line of `step` that is about to run."""

        def __init__(self, n):
            self.left = n

        def __call__(self, frame, event, _):
            if frame.f_code is not Optimizer.step.__code__:
                return None
            if event == "line":
                self.left -= 1
                if self.left == 0:
                    raise KeyboardInterrupt
            return self

    tracing, finished = sys.gettrace(), False
    for n in range(1, 100):
        xs = [Value(1.0, grad=1.0) for _ in range(5)]
        sgd = SGD(xs, lr=0.5)
        try:
            sys.settrace(Interrupt(n))
            sgd.step()
            finished = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(tracing)
        assert [x.data for x in xs] in ([1.0] * 5, [0.5] * 5)
        if finished:
            break
    assert finished
    assert n > 3


def test_a_rule_that_breaks_off_changes_no_parameter():
    class Broken(Optimizer):
        def rule(self, m, parameters):
            for p in parameters:
                if p.data == 2.0:
                    raise KeyboardInterrupt
                p.data = 5.0

    xs = [Value(1.0), Value(2.0)]
    with pytest.raises(KeyboardInterrupt):
        Broken(xs).step()
    assert [x.data for x in xs] == [1.0, 2.0]
