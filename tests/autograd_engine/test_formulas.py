"""What primitives print of themselves is what they compute."""

import inspect
import math
from pathlib import Path

import pytest

import autograd_engine
from autograd_engine import floats, formulas, functions, ieee, primitives
from autograd_engine.formulas import Formula, number, symbol
from autograd_engine.reference import table


def over_arguments(function):
    return lambda *xs: function(xs)


SETTINGS = {"exponent": 3.0, "index": 1, "alpha": 1.5}
NAMES = {name: getattr(autograd_engine, name) for name in autograd_engine.functions.__all__}
NAMES |= {name: getattr(math, name) for name in ("pi", "e", "inf")}
NAMES |= {
    name: over_arguments(getattr(functions, name))
    for name in ("sum", "mean", "prod", "logsumexp", "softmax", "log_softmax")
}
NAMES["dot"] = lambda *xs: functions.dot(xs[: len(xs) // 2], xs[len(xs) // 2 :])


def case(primitive):
    settings = {
        p.name: SETTINGS[p.name]
        for p in inspect.signature(primitive).parameters.values()
        if p.kind is p.KEYWORD_ONLY
    }
    bound = primitive.bind(**settings) if settings else primitive
    symbols, values, point = [], [], {}
    for k, name in enumerate(primitive.operands):
        base = {"acosh": 1.7, "min": -0.5, "max": 2.5}.get(name, 0.3 + 0.4 * k)
        base = 1.7 if primitive.name == "acosh" else base
        if name in ("xs", "ys"):
            row = {f"{name[0]}{i}": base + 0.2 * i for i in range(3)}
            point |= row
            symbols.append([symbol(key) for key in row])
            values.append(list(row.values()))
        else:
            point[name] = base
            symbols.append(symbol(name))
            values.append(base)
    return bound, symbols, values, point


@pytest.mark.parametrize("name", primitives.TABLE)
def test_the_printed_partials_are_the_computed_ones(name):
    primitive, symbols, values, point = case(primitives.TABLE[name])
    _, partials = primitive.evaluate(tuple(values))
    printed = formulas.partial_formulas(primitive, symbols)
    for formula, partial in zip(printed, primitives_flat(partials), strict=True):
        computed = eval(formula.text, NAMES, point)
        assert computed == pytest.approx(partial, rel=1e-4, abs=1e-12)


def primitives_flat(partials):
    return [x for p in partials for x in (p if isinstance(p, list) else [p])]


def test_every_mathematics_has_every_function():
    names = set(floats.__all__)
    for mathematics in (ieee.mathematics, functions.mathematics, formulas.mathematics):
        assert names <= set(vars(mathematics))


def test_formulas_are_simplified_enough_to_read():
    x, y = symbol("x"), symbol("y")
    for formula, text in [
        (0.0 + x * 1.0, "x"),
        (x * x * x, "x**3"),
        (3.0 * x * x, "3*x**2"),
        ((x + y) * (x + y), "(x + y)**2"),
        (-x * -1.0, "x"),
        (x - (y - 1.0), "x - (y - 1)"),
        (x - (-y), "x - (-y)"),
        (x + (-y), "x - y"),
        ((x + 1.0) * y, "(x + 1)*y"),
        (x / y / y, "x/y**2"),
        (x / (y * 2.0), "x/(y*2)"),
        (2.0 ** (x + 1.0), "2**(x + 1)"),
        ((-x) ** 2.0, "(-x)**2"),
        (x**-1.0, "x**-1"),
        (-(x + y), "-(x + y)"),
        (0.0 * x, "0"),
        (x * -1.0, "-x"),
        (number(1e-7) * x, "1e-07*x"),
        (abs(x), "abs(x)"),
    ]:
        assert formula.text == text, text


def test_latex():
    x, w = symbol("x"), symbol("w_12")
    assert (x / w).latex == r"\frac{x}{w_{12}}"
    assert symbol("layers.0.w[1]").latex == r"\mathrm{layers.0.w[1]}"
    assert symbol("a_b{$}").latex == r"\mathrm{a\_b\{\$\}}"
    assert number(1e-7).latex == r"1 \cdot 10^{-7}"
    assert formulas.mathematics.sigmoid(-x).latex == r"1 - \sigma\left(x\right)"


def test_a_formula_has_no_truth_value():
    with pytest.raises(TypeError, match=r"whether x > 0 holds is not known"):
        bool(symbol("x") > 0.0)
    assert isinstance(symbol("x") > 0.0, Formula)


def test_the_reference_is_up_to_date():
    path = Path(autograd_engine.__file__).with_name("REFERENCE.md")
    assert path.read_text(encoding="utf-8") == table(), "run python -m autograd_engine.reference"
    assert all(f"`{name}" in table() for name in primitives.TABLE)
