"""Answers that nobody foresaw: right ones pass, and wrong ones are told nothing untrue."""

import pytest

from autograd_engine.teach.catalog import Catalog
from autograd_engine.teach.runner import run_exercise

CATALOG = Catalog()


@pytest.mark.parametrize("seed", [120, 145])  # of formulas whose numbers left the sigmoid's range
def test_backward_is_not_asked_beyond_the_range_of_floats(seed):
    exercise = CATALOG.find("backward")
    assert run_exercise(exercise, exercise.text("solution.py"), seed=seed).status == "pass"


def slope_by(step):
    return f"""
def derivative(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def gradient(f, xs):
    def along(i):
        return derivative(lambda t: f([*xs[:i], t, *xs[i + 1 :]]), xs[i], {step})

    return [along(i) for i in range(len(xs))]
"""


def test_a_large_step_to_both_sides_is_not_called_one_sided():
    exercise = CATALOG.find("slope")
    assert run_exercise(exercise, slope_by(1e-5)).status == "pass"
    first = run_exercise(exercise, slope_by(1e-2)).first
    assert (first.check, first.mistake) == ("gradient", "")


def test_a_growing_graph_is_named_with_the_line_that_meets_it():
    exercise = CATALOG.find("descents")
    first = run_exercise(exercise, exercise.text("mistakes/graph_grows.py")).first
    assert first.mistake == "graph_grows"
    assert "goes through more than 50 nodes (pass 1: 5)" in first.error
    assert first.lines[-1].text == "f(x).backward()"


@pytest.mark.parametrize(
    ("name", "right", "wrong", "mistake"),
    [
        ("losses", "abs(p - t)", "p - t", ""),  # no logarithm that lost its sign
        (
            "stable",
            "[z - total for z in zs]",
            "[log(exp(z) / sum(exp(y) for y in zs)) for z in zs]",
            "overflow",  # inf / inf, before any probability is 0
        ),
    ],
)
def test_what_goes_wrong_first_is_named(name, right, wrong, mistake):
    exercise = CATALOG.find(name)
    source = exercise.text("solution.py")
    assert source.count(right) == 1
    first = run_exercise(exercise, source.replace(right, wrong)).first
    assert (first.status, first.mistake) == ("fail", mistake)
