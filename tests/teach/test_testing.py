"""What checks are written with."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine.teach.child import Other
from autograd_engine.teach.testing import Draws, Mismatch, close, expect, like, require, same

numbers = st.floats(allow_nan=False) | st.integers(-(10**6), 10**6)
data = st.recursive(
    numbers | st.booleans() | st.none() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
)


def mismatch(got, must, **options):
    with pytest.raises(Mismatch) as caught:
        expect(got, must, **options)
    return caught.value


@given(data)
def test_everything_is_the_same_as_itself(x):
    expect(x, x)
    assert same(x, x)
    like(x, x)


@given(data, data)
def test_what_is_accepted_is_equal(x, y):
    if same(x, y, rel=0.0, abs=0.0):
        assert x == y


@pytest.mark.parametrize(
    ("got", "must"),
    [
        (1.001, 1.0),
        (True, 1.0),
        (1.0, True),
        (None, 1.0),
        ("1", 1),
        ([1.0], 1.0),
        ([1.0], [1.0, 2.0]),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0}),
        (math.nan, 1.0),
        (1.0, math.nan),
        (math.inf, 1e308),
        (-math.inf, math.inf),
        (1e-6, 0.0),
        (0.0, 1e-6),
        (Other("Value", "Value(1.0)"), 1.0),
        (Other("set", "{1}"), [1]),
    ],
)
def test_what_differs_is_refused(got, must):
    assert not same(got, must)
    mismatch(got, must)


def test_numbers_may_be_off_a_little():
    expect(1 + 5e-7, 1.0)
    expect(1e-13, 0.0)
    expect((1, 2), [1.0, 2.0])
    expect(math.nan, math.nan)
    expect(math.inf, math.inf)
    expect(1.05, 1.0, rel=0.1)
    assert close(1e-4 * 1.1, 1e-4) is False  # a tenth of a small number is seen


def test_a_mismatch_shows_the_first_place():
    assert (
        str(mismatch({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]})) == "got 2.0 for ['a'][1], must be 3.0"
    )
    assert "does your function return something?" in mismatch(None, 1.0).got
    assert mismatch(Other("Value", "Value(1.0)"), 1.0).got == "Value(1.0), of type Value"
    assert mismatch([1], [1, 2]).must == "a list of 2"


def test_the_first_mistake_that_fits_is_named():
    mistakes = {"half": 0.5, "small": lambda x: x < 1, "any": lambda x: True}
    assert mismatch(0.5, 1.0, mistakes=mistakes).mistake == "half"
    assert mismatch(0.25, 1.0, mistakes=mistakes).mistake == "small"
    assert mismatch(2.0, 1.0, mistakes=mistakes).mistake == "any"
    # A function written for numbers may be given anything.
    assert mismatch(None, 1.0, mistakes=mistakes).mistake == "any"
    assert mismatch(7.0, 1.0, mistakes={"half": 0.5}).mistake == ""


def test_a_relation_is_demanded():
    require(True, "anything")
    with pytest.raises(Mismatch, match=r"got 0.5, must be less than 0.1"):
        require(False, "less than 0.1", got=0.5)


def test_like_compares_shapes():
    like([1, (2.0, 3)], [0.0, [0.0, 0.0]])
    like(math.nan, 0.0)
    with pytest.raises(Mismatch, match="must be a number"):
        like("1", 0.0)
    with pytest.raises(Mismatch, match="must be a list of 1"):
        like([], [0.0])


def test_draws_are_those_of_the_seed():
    first = [Draws(7).number(), Draws(7).number(), Draws(8).number()]
    assert first[0] == first[1] != first[2]
    # Mersenne twister, as Python promises it: random.Random(0).random().
    assert Draws(0).uniform(0.0, 1.0) == 0.8444218515250481


@given(st.integers(0, 10**6))
def test_numbers_are_dull(seed):
    draws = Draws(seed)
    found = draws.numbers(4)
    assert len({abs(x) for x in found}) == 4
    for x in found:
        assert 0.29 < abs(x) < 0.91 or 1.09 < abs(x) < 1.91
    assert sorted(draws.shuffled([1, 2, 3, 4])) == [1, 2, 3, 4]
    assert 1 <= draws.integer(1, 3) <= 3
    assert draws.choice("abc") in "abc"


def test_normal_numbers_are_normal():
    draws = Draws(0)
    found = [draws.normal() for _ in range(4000)]
    assert abs(statistics.mean(found)) < 0.06
    assert abs(statistics.stdev(found) - 1) < 0.05
    assert {Draws(1).integer(0, 2) for _ in range(1)} <= {0, 1, 2}
    counts = [draws.integer(0, 2) for _ in range(3000)]
    assert min(counts.count(k) for k in range(3)) > 850
