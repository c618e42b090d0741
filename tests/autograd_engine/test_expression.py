"""Expressions as text: what is read, what is refused by name, and what is survived."""

import inspect
import math
import pickle
import subprocess
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_engine import ExpressionError, Value, functions, grad, gradient, parse
from autograd_engine.expression import FUNCTIONS, MAX_CHARACTERS
from autograd_engine.formulas import symbol


def refusal(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


# --- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("1_000 + 0x10 + .5 + 1e-3", 1016.501),
        ("-3**2", -9.0),
        ("(-3)**2", 9.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("1 - -1", 2.0),
        ("+-+2", -2.0),
        ("2 + 3*4", 14.0),
        ("pi", math.pi),
        ("e", math.e),
        ("  (1 +\n\t 2)  ", 3.0),
        ("1 +\n2", 3.0),
        ("maximum(1, 2) + minimum(3, 4)", 5.0),
        ("where(0, 1, 2)", 2.0),
        ("clamp(9, -1, 1)", 1.0),
        ("leaky_relu(-1) + leaky_relu(-1, 0.5)", -0.51),
        ("elu(-1, 2)", 2 * math.expm1(-1)),
        ("abs(-2) + pow(2, 3)", 10.0),
        ("sum(1, 2, 3) + mean(1, 2, 6) + prod(2, 3)", 15.0),
        ("logsumexp(1000, 1000)", 1000 + math.log(2)),
        ("atan2(1, -1)", math.atan2(1, -1)),
        ("sin(1,)", math.sin(1)),
    ],
)
def test_values(text, value):
    assert parse(text)() == pytest.approx(value, rel=1e-15)
    assert isinstance(parse(text)(), float)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9**9**9", math.inf),
        ("10**400", math.inf),
        ("1e400", math.inf),
        ("9" * 400, math.inf),
        ("1/0", math.inf),
        ("-1/0", -math.inf),
        ("log(0)", -math.inf),
        ("exp(1000)", math.inf),
        ("0/0", math.nan),
        ("(-8)**(1/3)", math.nan),
        ("log(-1)", math.nan),
        ("0**0", 1.0),
        ("0**-1", math.inf),
    ],
)
def test_constants_follow_ieee_754(text, value):
    assert parse(text)() == pytest.approx(value, nan_ok=True)


def test_every_function_of_one_number_can_be_called():
    names = {*functions.__all__, "abs", "pow", "sum"} - {"dot", "softmax", "log_softmax"}
    assert set(FUNCTIONS) == names
    for name, function in FUNCTIONS.items():
        operands = ["x", "0.25", "0.75"][: function.least]
        result = parse(f"{name}({', '.join(operands)})")(Value(0.5))
        assert isinstance(result, Value)


def test_a_function_is_the_engines_own():
    assert parse("gelu(x)")(1.0) == functions.gelu(1.0)
    assert parse("sigmoid(x)")(-800.0) == functions.sigmoid(-800.0)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("tanh(a*b + c)", ("a", "b", "c")),
        ("z + y*z + x", ("z", "y", "x")),
        ("2 + pi*e", ()),
        ("e1 + Pi + _x", ("e1", "Pi", "_x")),
        ("δ + 数", ("δ", "数")),
        ("ｘ + x", ("x",)),  # Python normalises names
        ("µ", ("μ",)),
        ("sum(c, b, a)", ("c", "b", "a")),
        ("x**y", ("x", "y")),
    ],
)
def test_variables_in_the_order_of_appearance(text, variables):
    assert parse(text).variables == variables


def test_a_name_that_normalises_to_a_constant_is_the_constant():
    assert parse("ｅ")() == math.e


def test_text_and_repr():
    f = parse("tanh(a*b + c)")
    assert (f.text, str(f), repr(f)) == (
        "tanh(a*b + c)",
        "tanh(a*b + c)",
        "parse('tanh(a*b + c)')",
    )


def test_an_expression_is_pickled_and_documented():
    assert pickle.loads(pickle.dumps(parse("x**2")))(3.0) == 9.0
    assert inspect.signature(parse("x")).parameters.keys() == {"values", "named"}


# --- calling -------------------------------------------------------------------------------------


def test_numbers_by_position_and_by_name():
    f = parse("a - b/c")
    assert f(1, 2, 4) == f(1, c=4, b=2) == f(a=True, b=2.0, c=4) == 0.5


def test_a_variable_may_be_called_anything():
    assert parse("self + values*named")(self=1, values=2, named=3) == 7.0


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((1,), {}, "was given no value for b, c"),
        ((1, 2, 3, 4), {}, "is a function of a, b, c, got 4 values"),
        ((1, 2, 3), {"a": 1}, "was given two values for a"),
        ((1, 2, 3), {"d": 1}, "has no variable 'd': it is a function of a, b, c"),
        (("1", 2, 3), {}, "a must be a real number, got '1'"),
        ((1, 2, 3j), {}, "c must be a real number, got 3j"),
        ((1, None, 3), {}, "b must be a real number, got None"),
        (([1], 2, 3), {}, r"a must be a real number, got \[1\]"),
    ],
)
def test_wrong_calls(values, named, message):
    with pytest.raises(TypeError, match=message):
        parse("a + b + c")(*values, **named)


def test_a_constant_expression_is_a_function_of_nothing():
    with pytest.raises(TypeError, match="is a function of nothing, got 1 values"):
        parse("2")(1.0)


def test_values_are_recorded_as_written():
    a, b = Value(2.0, label="a"), Value(5.0, label="b")
    difference = parse("a - b")(a, b)
    assert (difference.op, difference.parents) == ("-", (a, b))
    power = parse("a**2")(a)
    assert (power.op, power.parents) == ("**2", (a,))
    assert parse("pow(a, 2)")(a).op == "**2"
    assert parse("a**b")(a, b).parents == (a, b)
    doubled = parse("2*a")(a)
    assert [parent.is_constant for parent in doubled.parents] == [True, False]
    assert parse("-a")(a).parents == (a,)
    assert parse("+a")(a) is a
    assert parse("sum(a, b, a)")(a, b).parents == (a, b, a)


def test_only_what_is_a_value_is_a_variable():
    a = Value(2.0)
    product = parse("a*b")(a, 3.0)
    product.backward()
    assert a.grad == 3.0
    assert product.parents[1].is_constant


def test_the_readme_neuron_by_its_closed_form():
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    y = parse("tanh(a*b + c)")(a, b, c)
    y.backward()
    slope = 1 - math.tanh(4) ** 2
    assert y.data == math.tanh(4)
    assert [v.grad for v in (a, b, c)] == pytest.approx([-3 * slope, 2 * slope, slope], rel=1e-13)


def test_an_expression_is_a_function_for_grad():
    assert grad(parse("x**3"))(2.0) == 12.0
    assert grad(grad(parse("x**3")))(2.0) == 12.0


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("tanh(a*b + c)", r"\tanh\left(a \, b + c\right)"),
        ("x**2/y", r"\frac{{x}^{2}}{y}"),
        ("2*pi*x", r"2 \, \pi \, x"),
        ("x + 0", "x + 0"),  # as it was written
        ("x**(1/2)", r"{x}^{\frac{1}{2}}"),
        ("1.23456789*x", r"1.23456789 \, x"),
        ("1.23456789e-10*x", r"1.23456789 \cdot 10^{-10} \, x"),
    ],
)
def test_formulas_give_latex(text, latex):
    f = parse(text)
    assert f(*map(symbol, f.variables)).latex == latex


def test_every_function_takes_formulas():
    for name, function in FUNCTIONS.items():
        f = parse(f"{name}({', '.join('xyz'[: function.least])})")
        assert f(*map(symbol, f.variables)).latex


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("x.tanh()", "no attributes such as .tanh; write tanh(...)", 1),
        ("math.sin(x)", "no attributes such as .sin; write sin(...)", 4),
        ("(x).__class__", "no attributes such as .__class__", 3),
        ("1 + x[0]", "no subscripts", 4),
        ("lambda: x", "no lambdas", 0),
        ("'x'", "no strings", 0),
        ("b'x'", "no strings", 0),
        ("f'{x}'", "no f-strings", 0),
        ("2*'", "no strings", 2),
        ("tanh(x=1)", "no keyword arguments", 5),
        ("tanh(**x)", "no keyword arguments", 5),
        ("tanh(*x)", "no starred arguments", 5),
        ("x < 2", "no comparisons", 0),
        ("x == 2", "no comparisons", 0),
        ("x is y", "no comparisons", 0),
        ("x if y else z", "no conditional expressions; write where(condition, x, y)", 0),
        ("x and y", "no 'and' and 'or'", 0),
        ("not x", "no 'not'", 0),
        ("[x for x in y]", "no comprehensions", 0),
        ("{x for x in y}", "no comprehensions", 0),
        ("{x: x for x in y}", "no comprehensions", 0),
        ("sum(x for x in y)", "no comprehensions", 3),
        ("[1]", "no lists", 0),
        ("{1}", "no sets", 0),
        ("{}", "no dictionaries", 0),
        ("1,5", "no tuples; the decimal sign is a point", 0),
        ("(x := 1)", "no assignments (:=)", 1),
        ("await x", "no await", 0),
        ("7 % x", "no % operator", 2),
        ("7 // x", "no // operator", 2),
        ("x @ y", "no @ operator", 2),
        ("(x)^2", "no ^ operator; write ** for powers", 3),
        ("x & y", "no & operator", 2),
        ("x | y", "no | operator", 2),
        ("x << y", "no << operator", 2),
        ("x >> y", "no >> operator", 2),
        ("~x", "no ~ operator", 0),
        ("x # y", "no comments", 2),
        ("1j", "no complex numbers", 0),
        ("...", "no Ellipsis", 0),
        ("import os", "no keywords such as import", 0),
        ("yield x", "no keywords such as yield", 0),
        ("2 * lambda", "no keywords such as lambda", 4),
        ("x if y", "no keywords such as if", 2),
        ("True", "True is no number", 0),
        ("x + None", "None is no number", 4),
    ],
)
def test_refused_by_name(text, message, position):
    error = refusal(text)
    assert message in error.message
    assert error.position == position


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("2x", "a sign is missing: write 2*x", 1),
        ("2 x", "a sign is missing: write 2*x", 2),
        ("é + 2x", "a sign is missing: write 2*x", 5),
        ("1e3 + 2x", "a sign is missing: write 2*x", 7),
        ("x 2", "a sign is missing: write x*2", 2),
        ("(a + b) c", "a sign is missing: write )*c", 8),
        ("sin x", "a sign is missing: write sin(x)", 4),
        ("2(x)", "only a function can be called; to multiply, write *", 0),
        ("(a + b)(c)", "only a function can be called", 1),
        ("", "the expression is empty", None),
        (" \n ", "the expression is empty", None),
        ("a +", "something is missing at the end", 3),
        ("2**", "something is missing at the end", 3),
        ("a + * b", "* cannot stand here", 4),
        ("x = 1", "= cannot stand here", 2),
        ("x; y", "; cannot stand here", 1),
        ("x!", "! cannot stand here", 1),
        ("$x", "$ cannot stand here", 0),
        ("(a", "'(' was never closed", 0),
        ("a)", "unmatched ')'", 1),
        ("(a]", "does not match opening parenthesis '('", 2),
        ("012", "leading zeros", 0),
        ("1__0", "invalid decimal literal", None),
        ("9" * 5000, "too many digits", None),
        ("a × b", "the sign × is not known: write *", 2),
        ("a·b", "the sign · is not known: write *", 1),
        ("a − b", "the sign − is not known: write -", 2),
        ("x²", "the sign ² is not known: write **2", 1),
        ("√x", "the sign √ is not known: write sqrt(x)", 0),
        ("x\0", "the character U+0000 cannot stand", 1),
        ("x\ud800", "the character U+D800 cannot stand", 1),
        ("\ufeffx", "the character U+FEFF cannot stand", 0),
    ],
)
def test_mistakes_with_their_place(text, message, position):
    error = refusal(text)
    assert message in error.message
    if position is not None:
        assert error.position == position


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tahn(x)", "there is no function tahn; did you mean tan or tanh or atan?"),
        ("sigmiod(x)", "did you mean sigmoid"),
        ("Tanh(x)", "did you mean tanh"),
        ("ln(x)", "did you mean log?"),
        ("arctan(x)", "did you mean atan?"),
        ("arctan2(x, y)", "did you mean atan2?"),
        ("max(x, y)", "did you mean maximum?"),
        ("min(x, y)", "did you mean minimum?"),
        ("sgn(x)", "did you mean sign?"),
        ("clip(x, 0, 1)", "did you mean clamp?"),
        ("x(y + 1)", "there is no function x; to multiply, write x*(...)"),
        ("pi(2)", "there is no function pi: it is a number; to multiply, write pi*(...)"),
        ("__import__('os')", "there is no function __import__"),
        ("eval(x)", "there is no function eval"),
        ("tanh + 1", "tanh is a function: write tanh(...)"),
        ("softmax", "softmax is a function"),
        ("dot(a, b)", "dot takes two sequences; write sum(a*x, b*y)"),
        ("softmax(a, b)", "softmax returns several numbers"),
        ("log_softmax(a, b)", "log_softmax returns several numbers"),
        ("tanh()", "tanh(x) takes 1 operand, got 0"),
        ("tanh(x, y)", "tanh(x) takes 1 operand, got 2"),
        ("gelu(x, 1)", "gelu(x) takes 1 operand, got 2"),
        ("celu(x, 1)", "celu(x) takes 1 operand, got 2"),
        ("maximum(x)", "takes 2 operands, got 1"),
        ("maximum(x, y, z)", "takes 2 operands, got 3"),
        ("where(x, y)", "where(condition, x, y) takes 3 operands, got 2"),
        ("leaky_relu(x, y, z)", "leaky_relu(x, slope) takes 1 to 2 operands, got 3"),
        ("sum()", "sum(x, y, ...) takes at least 1 operand, got 0"),
    ],
)
def test_functions_that_are_not_there_or_called_wrongly(text, message):
    error = refusal("1 + " + text)
    assert message in error.message
    assert error.position == 4


def test_the_error_prints_the_place():
    assert str(refusal("a + 2x")) == "a sign is missing: write 2*x\n  a + 2x\n       ^"
    assert str(refusal("数 + 2x")).splitlines()[2] == "        ^"  # wide letters
    assert str(refusal("")) == "the expression is empty"
    assert isinstance(refusal("2x"), ValueError)


def test_a_long_error_prints_a_part():
    lines = str(refusal("x + " * 1000 + "2x" + " + x" * 1000)).splitlines()
    assert max(map(len, lines)) < 90
    assert lines[1][lines[2].index("^")] == "x"


def test_the_error_shows_no_control_characters():
    assert "\x1b" not in str(refusal("\x1b[31m x"))


def test_an_error_is_pickled():
    error = pickle.loads(pickle.dumps(refusal("2x")))
    assert (error.message, error.text, error.position) == ("a sign is missing: write 2*x", "2x", 1)


@pytest.mark.parametrize("text", [None, 3, b"x", ["x"]])
def test_only_text_is_parsed(text):
    with pytest.raises(TypeError, match="an expression is a str"):
        parse(text)


# --- what is survived ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "x" + ")" * 10_000,
        "-" * 10_000 + "x",
        "-" * 99_999 + "x",
        "**".join("x" * 10_000),
        "tanh(" * 10_000 + "x" + ")" * 10_000,
    ],
)
def test_too_deep_is_said_clearly(text):
    assert "nested too deeply" in refusal(text).message


@pytest.mark.parametrize(
    "text",
    [
        "not " * 10_000 + "x",
        "x if x else " * 5_000 + "x",
        "x" + ".a" * 40_000,
        "x" + "[0]" * 30_000,
        "x" + "()" * 40_000,
        "lambda:" * 10_000 + "x",
        "(" * 99_999,
        "[" * 99_999,
        "(" * 150 + "2x" + ")" * 150,
    ],
)
def test_what_is_deep_and_wrong_is_refused(text):  # by depth or by name, as Python's version has it
    refusal(text)


def test_a_long_sum_within_parentheses_works_as_far_as_python_reads_it():
    try:
        assert parse("(" + "+".join("x" * 30_000) + ")")(1.0) == 30_000.0
    except ExpressionError as error:
        assert "some thousand operations in a row" in error.message


def test_moderate_depth_works():
    assert parse("(" * 150 + "x" + ")" * 150)(2.0) == 2.0
    assert parse("-" * 500 + "x")(2.0) == 2.0


def test_a_megabyte_is_refused_by_its_length():
    error = refusal("x+" * 500_000 + "x")
    assert error.message == "an expression has at most 100,000 characters, got 1,000,001"
    assert len(str(error)) < 100
    assert parse("x" * MAX_CHARACTERS).variables == ("x" * MAX_CHARACTERS,)


@pytest.mark.parametrize("terms", [5_000, 50_000])
def test_a_long_sum(terms):
    x = Value(2.0)
    total = parse("+".join("x" * terms))(x)
    assert total.data == 2.0 * terms
    assert gradient(total, x) == terms


def test_long_chains_keep_their_order():
    assert parse("x*y - " * 5_000 + "2")(1.5, 2.0) == 3.0 - 4_999 * 3.0 - 2.0
    assert parse("x/y*" * 5_000 + "2")(1.5, 1.5) == pytest.approx(2.0)
    assert parse("-x**2 - 1e-3*(x - 1) + " * 4_000 + "-x")(1.0) == -4001.0


def test_a_mistake_far_into_a_long_sum():
    error = refusal("x + " * 10_000 + "tanh(x, y)")
    assert (error.position, error.text[error.position :]) == (40_000, "tanh(x, y)")


def test_a_long_sum_by_function():
    assert parse(f"sum({','.join('x' * 40_000)})")(1.0) == 40_000.0


@pytest.mark.parametrize("text", ["1is", "1if x else y", "0xfor", "'\\d'", "x is 1", "1(2)"])
def test_pythons_advice_about_syntax_stays_away(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal(text)


def test_nothing_reaches_the_terminal():
    code = "from autograd_engine import parse\ntry: parse('0xfor')\nexcept ValueError: pass"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


# --- anything at all -----------------------------------------------------------------------------


@given(st.text() | st.text(alphabet="xe1.0+-*/^()[]{},'\":=<# \n\\ptanhsum²é"))
def test_any_text_is_read_or_refused(text):
    try:
        f = parse(text)
    except ExpressionError as error:
        assert error.position is None or 0 <= error.position <= len(text)
        assert error.message and "\n" not in error.message
        assert str(error)
    else:
        assert isinstance(f(**dict.fromkeys(f.variables, 0.5)), float)


NUMBERS = st.integers(0, 9).map(str) | st.sampled_from(["0.5", "1e-3", "x", "y"])
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner)
        | st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*"]), inner)
        | st.builds("-{}".format, inner)
        | st.builds("({})**2".format, inner)
    ),
    max_leaves=30,
)


@given(EXPRESSIONS, st.floats(-2, 2), st.floats(-2, 2))
def test_as_python_computes_it(text, x, y):
    f = parse(text)
    given_values = {name: value for name, value in (("x", x), ("y", y)) if name in f.variables}
    expected = float(eval(text, {"x": x, "y": y}))
    assert f(**given_values) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    recorded = f(**{name: Value(value) for name, value in given_values.items()})
    if given_values:
        assert recorded.data == f(**given_values)
