"""Formulas of graphs and of their derivatives."""

import math
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd_engine
from autograd_engine import (
    Value,
    dot,
    exp,
    gradient,
    label,
    log,
    maximum,
    mean,
    primitive,
    relu,
    sigmoid,
    softmax,
    sqrt,
    tanh,
)
from visualize import derivative_latex, to_latex
from visualize.latex import _Formulas


def variables(names):
    return [Value(1.0 + i, label=name) for i, name in enumerate(names.split())]


def body(latex):
    """The lines of an aligned block, as equations."""
    inside = re.fullmatch(r"\\begin{aligned}\n(.*)\n\\end{aligned}", latex, re.DOTALL)
    return inside[1].replace("&= ", "= ").split(" \\\\\n")


# --- values --------------------------------------------------------------------------------------


def test_formulas_of_values():
    a, b, c = variables("a b c")
    assert to_latex(a * b + c) == r"a \, b + c"
    assert to_latex(-a / (b - c)) == r"-\frac{a}{b - c}"
    assert to_latex((a + b) ** 2) == r"{\left(a + b\right)}^{2}"
    assert to_latex(sqrt(a * a + 1.0)) == r"\sqrt{{a}^{2} + 1}"
    assert to_latex(exp(-a)) == r"e^{-a}"
    assert to_latex(dot([a, b], [b, c])) == r"a \, b + b \, c"
    assert to_latex(sum([a, b, c])) == r"a + b + c"
    assert to_latex(mean([a, b, c])) == r"\frac{a + b + c}{3}"
    assert to_latex(relu(a)) == r"\mathrm{relu}\left(a\right)"
    assert to_latex(a) == "a"
    assert to_latex(Value(2.0) * 3.0) == r"v_{1} \cdot 3"


def test_greek_letters_and_indices():
    theta, w = Value(1.0, label="theta1"), Value(1.0, label="w[2]")
    assert to_latex(theta * w) == r"\theta_{1} \, w_{2}"


def test_long_sums_are_abridged():
    xs = variables("a b c d e f g")
    assert to_latex(dot(xs, xs[::-1])) == r"a \, g + b \, f + \cdots + g \, a"


def test_labels_name_lines():
    a, b, c = variables("a b c")
    u = a * b
    y = tanh(u + c)
    label(u=u, y=y)
    assert body(to_latex(y)) == [r"u = a \, b", r"y = \tanh\left(u + c\right)"]


def test_what_is_used_twice_has_a_line_of_its_own():
    a, b = variables("a b")
    s = a + b
    assert body(to_latex(s * tanh(s))) == [
        r"v_{1} = a + b",
        r"y = v_{1} \, \tanh\left(v_{1}\right)",
    ]
    x = a
    for _ in range(60):
        x = x + x
    assert len(body(to_latex(x))) == 60


def test_names_come_from_variables_too():
    p = Value(2.0)
    q = p * p
    assert to_latex(q, labels={"p": p, "q": q}) == "q = {p}^{2}"
    assert p.label == ""


# --- derivatives ---------------------------------------------------------------------------------


def test_derivatives_of_the_lectures():
    t1, t2, x, y = variables("theta1 theta2 x y")
    loss = (t1 * t2 * x - y) ** 2
    loss.label = "L"
    assert derivative_latex(loss, t1) == (
        r"\frac{\partial L}{\partial \theta_{1}} = "
        r"2 \, \left(\theta_{1} \, \theta_{2} \, x - y\right) \, x \, \theta_{2}"
    )
    w, b = variables("w b")
    z = w * x + b
    label(z=z)
    out = sigmoid(z)
    assert derivative_latex(out, w).endswith(
        r"= \sigma\left(z\right) \, \left(1 - \sigma\left(z\right)\right) \, x"
        "\n\\end{aligned}"
    )


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x**3, r"3 \, {x}^{2}"),
        (lambda x: x * x * x, r"3 \, {x}^{2}"),
        (lambda x: x + x, "2"),
        (lambda x: x / 3.0, r"\frac{1}{3}"),
        (lambda x: 2.0 * x - x**2, r"2 - 2 \, x"),
        (lambda x: log(x), r"\frac{1}{x}"),
        (lambda x: sqrt(x), r"\frac{0.5}{\sqrt{x}}"),
        (lambda x: sqrt(x * x + 1.0), r"\frac{x}{\sqrt{{x}^{2} + 1}}"),
        (lambda x: exp(-x * x), r"-2 \, e^{-{x}^{2}} \, x"),
        (lambda x: relu(x), r"\mathbf{1}_{x > 0}"),
        (lambda x: 5.0 / x, r"-\frac{5}{{x}^{2}}"),
        (lambda x: x - x, "0"),
        (lambda x: Value(1.0) * 2.0, "0"),
        (lambda x: x, "1"),
    ],
)
def test_derivatives_are_simplified(function, expected):
    x = Value(2.0, label="x")
    latex = derivative_latex(function(x), x)
    assert latex.split(" = ")[-1] == expected


def test_softmax_and_kinks():
    a, b = variables("a b")
    assert r"\operatorname{softmax}" in derivative_latex(softmax([a, b])[0], b)
    assert r"\begin{cases} 0.5 & a = b" in derivative_latex(maximum(a, b), a)


def test_a_rule_without_a_formula_has_a_symbol():
    @primitive
    def clipped(m, x):
        return (x, (1.0,)) if x < 1.0 else (1.0, (0.0,))

    x = Value(0.5, label="x")
    y = clipped(x) * 2.0
    assert to_latex(y) == r"\mathrm{clipped}\left(x\right) \cdot 2"
    assert body(derivative_latex(y, x)) == [
        r"v_{1} = \mathrm{clipped}\left(x\right)",
        r"\frac{\partial y}{\partial x} = 2 \, \frac{\partial v_{1}}{\partial x}",
    ]


def test_with_respect_to_what_was_computed():
    a, b = variables("a b")
    u = a * b
    u.label = "u"
    y = u * u + a
    assert derivative_latex(y, u).endswith("= 2 \\, u\n\\end{aligned}")


OPERATIONS = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
    lambda x, y: -x,
    lambda x, y: tanh(x),
    lambda x, y: sigmoid(x * 0.5),
    lambda x, y: exp(x * 0.1),
    lambda x, y: sqrt(x * x + 1.0),
    lambda x, y: relu(x),
    lambda x, y: x**2,
    lambda x, y: dot([x, y], [y, x]),
]


@settings(max_examples=200)
@given(st.integers(0, 10**6))
def test_the_derivative_that_is_written_is_the_one_that_is_computed(seed):
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(0.5, 2.0), label=name) for name in "abc"]
    pool = list(leaves)
    for _ in range(rng.randint(1, 7)):
        pool.append(rng.choice(OPERATIONS)(rng.choice(pool), rng.choice(pool)))
    root, leaf = pool[-1], leaves[0]
    slope = gradient(root, leaf)
    if not math.isfinite(slope):
        return
    written = _Formulas(root, "", None, 300, leaf)
    text = written.derivative(root, leaf).text
    functions = {name: getattr(autograd_engine, name) for name in ("tanh", "sigmoid", "sqrt")}
    functions |= {"exp": math.exp, "relu": relu}
    named = {name: node.data for node, name in written.names.items()}
    assert eval(text, functions, named) == pytest.approx(slope, rel=1e-4, abs=1e-6)


# --- what LaTeX makes of it ----------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12))
@example(r"\input{/etc/passwd}")
@example(r"} \evil {")
@example("$x$ % & # _ ^ ~ ' \"")
@example("a\n\nb")
@example("x'_1^2")
@example("^")
def test_labels_inject_nothing_into_latex(text):
    x = Value(2.0, label=text)
    latex = to_latex(x * x) + derivative_latex(x * x, x)
    commands = set(re.findall(r"\\([a-zA-Z]+)", latex))
    assert (
        commands
        <= {
            *("mathrm", "frac", "partial", "backslash", "wedge", "sim", "begin", "end", "left"),
            *("right", "theta", "cdot"),
        }
        or text in autograd_engine.formulas._GREEK
    )
    plain = re.sub(r"\\[^a-zA-Z]", "", latex)
    assert plain.count("{") == plain.count("}")
    assert not re.search("[$%#&~]", plain.replace("&=", ""))
    assert not re.search(r"[\x00-\x09\x0b-\x1f]|\n\n", latex)


def test_what_is_written_can_be_typeset():
    pytest.importorskip("matplotlib")
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    a, b, c = variables("a alpha x_1")
    odd = Value(1.0, label="a^b~c\\d'{}$")
    for root in (
        tanh(a * b + c),
        -log(sigmoid(a)) / (1.0 + exp(b)),
        sqrt(a**2 + odd * odd),
        relu(dot([a, b, c], [b, c, a])),
        softmax([a, b, c])[1] * 1e-300,
        a * math.inf - 0.1,
    ):
        parser.parse(f"${to_latex(root)}$")
        parser.parse(f"${derivative_latex(root, a)}$")


def test_a_notebook_shows_the_formula():
    a, b = variables("a b")
    assert to_latex(a * b)._repr_latex_() == "$$\na \\, b\n$$"
    assert isinstance(to_latex(a), str)


def test_what_cannot_be_written_is_refused():
    x = Value(1.0)
    y = x
    for _ in range(400):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"801 nodes .*max_nodes=801; explain"):
        to_latex(y)
    with pytest.raises(TypeError, match=r"to_latex takes a Value, got 3\.0"):
        to_latex(3.0)
    with pytest.raises(TypeError, match="derivative_latex takes a Value, got 'y'"):
        derivative_latex("y", x)
    with pytest.raises(TypeError, match="got 2 as the variable"):
        derivative_latex(x, 2)
