"""Initialisers: their numbers, their scales, and what they do to a deep network's gradients."""

import copy
import math
import pickle
import random
import statistics

import pytest

from autograd_engine import Value, dot, relu, sigmoid, tanh
from nn import init

SCALED = {  # variance as a function of nin and nout, from the papers
    "xavier_uniform": lambda nin, nout: 2 / (nin + nout),
    "xavier_normal": lambda nin, nout: 2 / (nin + nout),
    "he_uniform": lambda nin, nout: 2 / nin,
    "he_normal": lambda nin, nout: 2 / nin,
    "lecun_uniform": lambda nin, nout: 1 / nin,
    "lecun_normal": lambda nin, nout: 1 / nin,
}
NAMES = ["zeros", "normal", "uniform", *SCALED]


def drawn(initialiser, count=20_000, nin=6, nout=3, seed=0):
    draw, rng = init.get(initialiser), init.generator(seed)
    return [draw(rng, nin, nout) for _ in range(count)]


# --- the generator -------------------------------------------------------------------------------


def test_a_seed_gives_numbers_of_its_own():
    # the first numbers of the Mersenne Twister, as CPython 3.2 and later give them
    assert init.generator(0).random() == 0.8444218515250481
    state = random.getstate()
    drawn("xavier_uniform", 10)
    drawn("normal", 10)
    assert random.getstate() == state


def test_none_is_the_generator_that_random_seed_sets():
    random.seed(1337)
    uniform = init.uniform()
    ours = [uniform(init.generator(None), 2, 16) for _ in range(100)]
    random.seed(1337)
    assert ours == [random.uniform(-1, 1) for _ in range(100)]  # as micrograd's neurons do


def test_a_generator_is_used_as_it_is():
    rng = random.Random(3)
    assert init.generator(rng) is rng


@pytest.mark.parametrize("seed", ["1337", 1.5, [1], random])
def test_other_seeds_are_refused(seed):
    with pytest.raises(TypeError, match=r"a seed is an int, a random\.Random or None, got"):
        init.generator(seed)


def test_numbers_are_the_same_everywhere():
    # recorded; nothing but arithmetic on random.random() may decide them
    assert drawn("uniform", 2, seed=1337) == [0.23550571390294128, 0.06653114721000164]
    assert drawn("normal(1.0)", 3, seed=1337) == [
        0.43281207612671624,
        -0.5556104268094182,
        -0.9482879850005022,
    ]
    assert drawn("xavier_uniform", 1, seed=0) == [0.8164965809277261 * (2 * 0.8444218515250481 - 1)]


def test_normals_keep_nothing_for_the_next_call():
    # gauss makes two numbers at once and keeps one
    rng = random.Random(0)
    init.normal()(rng, 1, 1)
    again = random.Random()
    again.setstate(rng.getstate())
    assert rng.getstate()[2] is None
    assert init.normal()(rng, 1, 1) == init.normal()(again, 1, 1)


def test_normals_by_the_published_algorithm():
    # Kinderman and Monahan, ACM Transactions on Mathematical Software 3 (1977)
    rng = random.Random(7)

    def published():
        while True:
            u, v = rng.random(), 1.0 - rng.random()
            z = 4 * math.exp(-0.5) / math.sqrt(2.0) * (u - 0.5) / v
            if z * z / 4.0 <= -math.log(v):
                return z

    assert drawn("normal(2.0)", 50, seed=7) == [2.0 * published() for _ in range(50)]


# --- scales --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCALED)
@pytest.mark.parametrize(("nin", "nout"), [(6, 3), (2, 16), (50, 1)])
def test_variances(name, nin, nout):
    numbers = drawn(name, nin=nin, nout=nout)
    variance = SCALED[name](nin, nout)
    assert statistics.fmean(numbers) == pytest.approx(0.0, abs=4 * math.sqrt(variance / 20_000))
    assert statistics.fmean(x * x for x in numbers) == pytest.approx(variance, rel=0.04)
    if name.endswith("uniform"):
        bound = math.sqrt(3 * variance)
        assert max(map(abs, numbers)) <= bound
        assert max(numbers) > 0.999 * bound
        assert min(numbers) < -0.999 * bound
    else:
        assert max(map(abs, numbers)) > math.sqrt(3 * variance)
        within = sum(abs(x) < math.sqrt(variance) for x in numbers) / len(numbers)
        assert within == pytest.approx(0.682689, abs=0.015)


def test_given_numbers():
    assert set(drawn("zeros", 10)) == {0.0}
    assert set(drawn(init.constant(0.5), 10)) == {0.5}
    assert statistics.stdev(drawn("normal")) == pytest.approx(0.01, rel=0.03)  # lecture S2
    assert statistics.stdev(drawn(init.normal(2.0))) == pytest.approx(2.0, rel=0.03)
    numbers = drawn(init.uniform(2.0, 5.0))
    assert min(numbers) == pytest.approx(2.0, abs=1e-3)
    assert max(numbers) == pytest.approx(5.0, abs=1e-3)


# --- names ---------------------------------------------------------------------------------------


def test_other_names_are_the_same_objects():
    assert init.glorot_uniform is init.xavier_uniform
    assert init.glorot_normal is init.xavier_normal
    assert init.kaiming_uniform is init.he_uniform
    assert init.kaiming_normal is init.he_normal
    assert init.get("kaiming_normal") is init.he_normal


@pytest.mark.parametrize(
    "initialiser",
    [
        *(init.get(name) for name in NAMES),
        init.constant(-0.1),
        init.uniform(-1e-3, 2.0),
        init.normal(1 / 3),
    ],
    ids=repr,
)
def test_names_round_trip(initialiser):
    for again in (
        init.get(initialiser.__name__),
        init.get(repr(initialiser)),
        pickle.loads(pickle.dumps(initialiser)),
        copy.deepcopy(initialiser),
    ):
        assert repr(again) == repr(initialiser)
        assert drawn(again, 5) == drawn(initialiser, 5)


def test_get():
    assert repr(init.get("normal")) == "normal(0.01)"
    assert repr(init.get("uniform")) == "uniform(-1.0, 1.0)"
    assert repr(init.get(init.normal)) == "normal(0.01)"  # the parentheses forgotten
    assert init.get(init.he_normal) is init.he_normal

    def my_own(rng, nin, nout):
        return 0.25

    assert init.get(my_own) is my_own


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("xavier", "no initialiser 'xavier'; did you mean xavier_"),
        ("He_normal", "did you mean he_normal"),
        ("zzz", "there is no initialiser 'zzz'$"),
        ("constant", "missing 1 required positional argument: 'value'"),
        ("normal(1, 2)", "'normal.1, 2.' cannot be made: .*takes"),
        ("normal(x)", "could not convert string to float"),
        ("normal(-1)", "the standard deviation must not be negative, got -1.0"),
        ("uniform(2, 1)", "low <= high, got 2.0 and 1.0"),
        ("__import__('os')", "there is no initialiser"),
    ],
)
def test_unknown_names(name, message):
    with pytest.raises(ValueError, match=message):
        init.get(name)


def test_wrong_types():
    with pytest.raises(TypeError, match="an initialiser is a name or a callable, got 3"):
        init.get(3)
    with pytest.raises(TypeError, match="std must be a real number"):
        init.normal("0.5")


# --- what they do to a deep network --------------------------------------------------------------


def gradient_rms(activation, initialiser, seed):
    """Of the weights of the first and of the last of eight hidden layers of eight neurons."""
    draw, rng = init.get(initialiser), random.Random(seed)
    layers = [
        [[Value(draw(rng, 8, nout)) for _ in range(8)] for _ in range(nout)]
        for nout in [8] * 8 + [1]
    ]
    x = [rng.uniform(-1.0, 1.0) for _ in range(8)]
    for layer in layers[:-1]:
        x = [activation(dot(w, x)) for w in layer]
    (dot(layers[-1][0], x) - 1.0).square().backward()
    return [
        math.sqrt(statistics.fmean(w.grad**2 for row in layers[i] for w in row)) for i in (0, 7)
    ]


def ratios(activation, initialiser):
    pairs = [gradient_rms(activation, initialiser, seed) for seed in range(20)]
    return [last / first for first, last in pairs if first > 0.0]


def test_gradients_of_sigmoid_layers_vanish_under_every_initialisation():
    assert min(ratios(sigmoid, "uniform")) > 100.0
    assert min(ratios(sigmoid, "xavier_uniform")) > 1000.0


def test_gradients_of_tanh_layers_pass_under_xavier():
    for name in ("xavier_uniform", "xavier_normal"):
        assert all(0.1 < ratio < 20.0 for ratio in ratios(tanh, name))


def test_gradients_of_relu_layers_pass_under_he():
    for name in ("he_uniform", "he_normal"):
        assert 0.2 < statistics.median(ratios(relu, name)) < 5.0


def test_gradients_vanish_where_weights_are_too_small():
    # lecture S2's 0.01 is for one hidden layer
    for seed in range(10):
        first, last = gradient_rms(tanh, "normal", seed)
        assert first < 1e-11
        assert last < 1e-11
