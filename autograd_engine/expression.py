"""Expressions as text: "tanh(a*b + c)" becomes a function of Values or numbers.

Python's own parser reads the text, and a closed list of what it may find is turned into a program
for a stack: nothing of the text is ever run as Python, and nothing here recurses, so that the
length of an expression is limited by memory and its depth by Python's parser only.
"""

import ast
import difflib
import inspect
import io
import keyword
import math
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_engine import functions, primitives
from autograd_engine.convert import as_float
from autograd_engine.formulas import Formula, number
from autograd_engine.value import Value

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "ExpressionError", "parse"]

MAX_CHARACTERS = 100_000

CONSTANTS = {"pi": math.pi, "e": math.e}

# A step of a program: a number or the value of a variable goes on the stack, or a function takes
# so many operands from it and leaves its result.
Step: TypeAlias = float | str | tuple[Callable[..., Any], int]


class ExpressionError(ValueError):
    """An expression that cannot be read. Printed, it shows the place.

    Attributes
    ----------
    message : str
        What is wrong, in one line.
    text : str
        The expression.
    position : int or None
        The index in `text` of the place.
    """

    def __init__(self, message: str, text: str, position: int | None = None) -> None:
        super().__init__(message, text, position)
        self.message = message
        self.text = text
        self.position = position

    def __str__(self) -> str:
        if self.position is None:
            return self.message
        start = max(0, self.position - 50)
        before, after = self.text[start : self.position], self.text[self.position :][:30]
        shown = "".join(
            c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in before + after
        )
        return f"{self.message}\n  {shown}\n  {' ' * _width(before)}^"


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


class Expression:
    """A function that was written as text. Made by `parse`.

    Attributes
    ----------
    text : str
    variables : tuple of str
        In the order of their first appearance.
    """

    def __init__(self, text: str, variables: tuple[str, ...], program: list[Step]) -> None:
        self.text = text
        self.variables = variables
        self._program = program

    def __call__(self, /, *values: Any, **named: Any) -> Any:
        """The value of the expression.

        Parameters
        ----------
        *values, **named : number, Value or Formula
            One for each variable, in the order of `variables` or by name.

        Returns
        -------
        float, Value or Formula
            A float for numbers, as IEEE 754 has it; a recorded Value if a Value is given; what
            the expression looks like if a `formulas.Formula` is given.

        Raises
        ------
        TypeError
            If a variable is given no value, or two, or something else than a number.
        """
        operands = self._bind(values, named)
        as_formula = any(isinstance(operand, Formula) for operand in operands.values())
        stack: list[Any] = []
        for step in self._program:
            if isinstance(step, float):
                stack.append(_constant_formula(step) if as_formula else step)
            elif isinstance(step, str):
                stack.append(operands[step])
            else:
                function, count = step
                taken = stack[-count:]
                del stack[-count:]
                stack.append(function(*taken))
        return stack.pop()

    def _bind(self, values: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        if len(values) > len(self.variables):
            raise TypeError(
                f"{self!r} is a function of {self._variables_as_text()}, got {len(values)} values"
            )
        given = dict(zip(self.variables, values, strict=False))
        for name, value in named.items():
            if name in given:
                raise TypeError(f"{self!r} was given two values for {name}")
            if name not in self.variables:
                raise TypeError(
                    f"{self!r} has no variable {name!r}: it is a function of "
                    f"{self._variables_as_text()}"
                )
            given[name] = value
        missing = [name for name in self.variables if name not in given]
        if missing:
            raise TypeError(f"{self!r} was given no value for {', '.join(missing)}")
        return {
            name: value if isinstance(value, (Value, Formula)) else as_float(value, name)
            for name, value in given.items()
        }

    def _variables_as_text(self) -> str:
        return ", ".join(self.variables) or "nothing"

    def __repr__(self) -> str:
        return f"parse({self.text!r})"

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return parse, (self.text,)


def parse(text: str) -> Expression:
    r"""Read an expression: numbers, names, ``+ - * / **``, parentheses, functions, pi and e.

    The functions are those of the engine that return one number; sum, mean, prod and logsumexp
    take as many operands as there are: ``sum(a, b, c)``. Names are normalised as Python's are
    (NFKC).

    Parameters
    ----------
    text : str
        At most 100,000 characters.

    Returns
    -------
    Expression
        A function of numbers or Values.

    Raises
    ------
    ExpressionError
        If the text is anything else; the error shows the place.

    Examples
    --------
    >>> f = parse("tanh(a*b + c)")
    >>> f.variables
    ('a', 'b', 'c')
    >>> f(2.0, -3.0, c=6.0)
    0.0
    >>> parse("1/x")(0.0)
    inf
    >>> from autograd_engine import Value, grad
    >>> f(Value(2.0), -3.0, 6.0)
    Value(data=0.0)
    >>> grad(parse("x**3"))(2.0)
    12.0
    >>> from autograd_engine.formulas import symbol
    >>> parse("x**3/2")(symbol("x")).latex
    '\\frac{{x}^{3}}{2}'
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a str, got {text!r}")
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"an expression has at most {MAX_CHARACTERS:,} characters, got {len(text):,}", text
        )
    # On one line, so that places are counted in characters and lines may be broken anywhere.
    source = "".join(" " if character.isspace() else character for character in text)
    if not source.strip():
        raise ExpressionError("the expression is empty", text)
    _check_characters(source)
    reader = _Reader(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "1is" is an error here, not advice about Python
        reader.read()
    return Expression(text, tuple(reader.variables), reader.program)


# --- what an expression may contain --------------------------------------------------------------


def _power(base: Any, exponent: Any) -> Any:
    # By the operator, which records a plain number in the exponent as x**2, a node with one
    # parent; but two floats would be raised as Python does it, with exceptions.
    return primitives.pow(base, exponent) if isinstance(base, float) else base**exponent


def _same(x: Any) -> Any:
    return x


def _of_operands(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: function(operands)


_SIGNS: dict[type[ast.unaryop], Callable[..., Any]] = {ast.USub: primitives.neg, ast.UAdd: _same}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": primitives.add,
    "-": primitives.sub,
    "*": primitives.mul,
    "/": primitives.truediv,
    "**": _power,
}
_PRECEDENCE = {"+": 0, "-": 0, "*": 1, "/": 1}
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Mod: "%",
    ast.FloorDiv: "//",
    ast.MatMult: "@",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.LShift: "<<",
    ast.RShift: ">>",
}


@dataclass(frozen=True)
class Function:
    """A function that an expression may call.

    Attributes
    ----------
    apply : callable
    least : int
    most : int or None
        How many operands it takes; None for any number.
    parameters : str
        Their names.
    """

    apply: Callable[..., Any]
    least: int
    most: int | None
    parameters: str


def _function(name: str) -> Function:
    apply = getattr(functions, name)
    if name in ("sum", "mean", "prod", "logsumexp"):
        return Function(_of_operands(apply), 1, None, "x, y, ...")
    if name in ("gelu", "celu"):  # whose second parameter is a setting, not a number
        return Function(apply, 1, 1, "x")
    parameters = inspect.signature(apply).parameters
    required = [p for p in parameters.values() if p.default is p.empty]
    return Function(
        _power if name == "pow" else apply, len(required), len(parameters), ", ".join(parameters)
    )


_NOT_ONE_NUMBER = {
    "dot": "takes two sequences; write sum(a*x, b*y)",
    "softmax": "returns several numbers; write exp(x - logsumexp(x, y))",
    "log_softmax": "returns several numbers; write x - logsumexp(x, y)",
}

FUNCTIONS = {
    name: _function(name)
    for name in sorted({*functions.__all__, "abs", "pow", "sum"} - set(_NOT_ONE_NUMBER))
}

# What others call them.
_SYNONYMS = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "arsinh": "asinh",
    "artanh": "atanh",
    "average": "mean",
    "clip": "clamp",
    "expit": "sigmoid",
    "heaviside": "step",
    "lg": "log10",
    "ln": "log",
    "logistic": "sigmoid",
    "max": "maximum",
    "min": "minimum",
    "power": "pow",
    "product": "prod",
    "sgn": "sign",
    "sqr": "square",
    "swish": "silu",
    "tg": "tan",
}

_REFUSED: dict[type[ast.AST], str] = {
    ast.Await: "await",
    ast.BoolOp: "'and' and 'or'",
    ast.Compare: "comparisons; step(x) is 1 where x > 0",
    ast.Dict: "dictionaries",
    ast.DictComp: "comprehensions",
    ast.GeneratorExp: "comprehensions",
    ast.IfExp: "conditional expressions; write where(condition, x, y)",
    ast.JoinedStr: "f-strings",
    ast.Lambda: "lambdas",
    ast.List: "lists; functions take their numbers one by one, as in sum(a, b)",
    ast.ListComp: "comprehensions",
    ast.NamedExpr: "assignments (:=)",
    ast.Set: "sets",
    ast.SetComp: "comprehensions",
    ast.Starred: "starred arguments",
    ast.Subscript: "subscripts",
    ast.Tuple: "tuples; the decimal sign is a point",
}

_LOOKALIKES = {
    **dict.fromkeys("×·⋅∗", "*"),
    **dict.fromkeys("÷∕", "/"),
    **dict.fromkeys("−–—", "-"),
    "²": "**2",
    "³": "**3",
    "√": "sqrt(x)",
}


def _check_characters(source: str) -> None:
    for position, character in enumerate(source):
        if not character.isprintable():
            raise ExpressionError(
                f"the character U+{ord(character):04X} cannot stand in an expression",
                source,
                position,
            )
        if character in _LOOKALIKES:
            raise ExpressionError(
                f"the sign {character} is not known: write {_LOOKALIKES[character]}",
                source,
                position,
            )
        if character == "#":
            raise ExpressionError("an expression has no comments", source, position)


# --- from text to a program ----------------------------------------------------------------------


class _Reader:
    """Turns the text into a program, and notes the variables."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.variables: dict[str, None] = {}  # a set that keeps the order
        self.program: list[Step] = []
        self._piece = b""
        self._start = 0

    def read(self) -> None:
        """Read the whole text."""
        try:
            self._read_piece(0, len(self.source))
        except RecursionError:
            # Python reads a chain of any length, and then fails to hand over a long one.
            for operator, start, end in _links(self.source):
                try:
                    self._read_piece(start, end)
                except RecursionError:
                    raise _too_deep(self.source) from None
                if operator:
                    self.program.append((_OPERATORS[operator], 2))

    def _read_piece(self, start: int, end: int) -> None:
        piece = self.source[start:end]
        self._start = start + len(piece) - len(piece.lstrip())
        piece = piece.strip()
        self._piece = piece.encode()
        try:
            tree = ast.parse(piece, mode="eval")
        except SyntaxError as error:
            raise _explained(error, self.source, self._start) from None
        except MemoryError:
            raise _too_deep(self.source) from None
        pending: list[ast.expr | Step] = [tree.body]
        while pending:
            item = pending.pop()
            if isinstance(item, ast.expr):
                pending += reversed(self._parts(item))
            else:
                self.program.append(item)

    def _parts(self, node: ast.expr) -> list[ast.expr | Step]:
        """The node in the order of a program: its operands, then what is done with them."""
        match node:
            case ast.Constant(value=value):
                return [self._number(node, value)]
            case ast.Name(id=name):
                return [self._name(node, name)]
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
                return [operand, (_SIGNS[type(sign)], 1)]
            case ast.UnaryOp(op=sign):
                raise self._refusal(node, "'not'" if isinstance(sign, ast.Not) else "~ operator")
            case ast.BinOp(left=left, op=operator, right=right):
                return [left, right, self._operator(left, _SYMBOLS[type(operator)])]
            case ast.Call(func=called, args=operands, keywords=keywords):
                if keywords:
                    raise self._refusal(keywords[0], "keyword arguments")
                return [*operands, (self._function(called, operands).apply, len(operands))]
            case ast.Attribute(value=value, attr=name):
                hint = f"; write {name}(...)" if name in FUNCTIONS else ""
                place = self._piece.index(b".", value.end_col_offset)
                raise self._refusal(node, f"attributes such as .{name}{hint}", place)
        raise self._refusal(node, _REFUSED.get(type(node), type(node).__name__))

    def _number(self, node: ast.expr, value: object) -> float:
        if isinstance(value, bool) or value is None:
            raise self._error(f"{value} is no number", node)
        if isinstance(value, int):
            try:
                return float(value)
            except OverflowError:
                return math.inf  # as 1e400 is
        if not isinstance(value, float):
            kind = {str: "strings", bytes: "strings", complex: "complex numbers"}
            raise self._refusal(node, kind.get(type(value), repr(value)))
        return value

    def _name(self, node: ast.expr, name: str) -> float | str:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in FUNCTIONS or name in _NOT_ONE_NUMBER:
            raise self._error(f"{name} is a function: write {name}(...)", node)
        self.variables[name] = None
        return name

    def _operator(self, left: ast.expr, symbol: str) -> Step:
        if symbol in _OPERATORS:
            return _OPERATORS[symbol], 2
        hint = "; write ** for powers" if symbol == "^" else ""
        place = self._piece.index(symbol.encode(), left.end_col_offset)
        raise self._refusal(left, f"{symbol} operator{hint}", place)

    def _function(self, called: ast.expr, operands: list[ast.expr]) -> Function:
        if not isinstance(called, ast.Name):
            if isinstance(called, ast.Attribute):
                self._parts(called)
            raise self._error("only a function can be called; to multiply, write *", called)
        name = called.id
        if name in _NOT_ONE_NUMBER:
            raise self._error(f"{name} {_NOT_ONE_NUMBER[name]}", called)
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._error(f"there is no function {_shortened(name)}{_suggestion(name)}", called)
        count = len(operands)
        if count < function.least or (function.most is not None and count > function.most):
            raise self._error(
                f"{name}({function.parameters}) takes {_range(function)}, got {count}", called
            )
        return function

    def _refusal(
        self, node: ast.expr | ast.keyword, what: str, place: int | None = None
    ) -> ExpressionError:
        return self._error(f"an expression has no {what}", node, place)

    def _error(
        self, message: str, node: ast.expr | ast.keyword, place: int | None = None
    ) -> ExpressionError:
        # Python counts columns in bytes.
        before = self._piece[: node.col_offset if place is None else place].decode()
        return ExpressionError(message, self.source, self._start + len(before))


def _constant_formula(x: float) -> Formula:
    """The number as it was written, where `formulas.number` rounds to six digits."""
    if float(f"{x:.6g}") == x or x in CONSTANTS.values():
        return number(x)
    digits, _, power = repr(x).partition("e")
    return Formula(repr(x), rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits)


def _links(source: str) -> Iterator[tuple[str, int, int]]:
    """The terms of a long sum, or the factors of a product, each after its sign."""
    signs = []
    depth = 0
    after_operand = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        depth += (token.string in _OPENING) - (token.string in _CLOSING)
        if depth == 0 and after_operand and token.string in _PRECEDENCE:
            signs.append((token.string, token.start[1]))
        after_operand = token.type in (tokenize.NAME, tokenize.NUMBER) or token.string in _CLOSING
    loosest = min((_PRECEDENCE[sign] for sign, _ in signs), default=0)
    operator, start = "", 0
    for sign, place in signs:
        if _PRECEDENCE[sign] == loosest:
            yield operator, start, place
            operator, start = sign, place + 1
    yield operator, start, len(source)


# --- errors --------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""
      (?P<number> 0[xob][\da-f_]+ | (?: \d[\d_]*\.?[\d_]* | \.\d[\d_]* ) (?: e[-+]?\d+ )? )
    | (?P<name> [^\W\d]\w* )
    | (?P<sign> \S )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _explained(error: SyntaxError, source: str, start: int) -> ExpressionError:
    """What is wrong with a text that Python's parser does not read."""
    quote = re.search("[\"']", source)
    if quote:
        return ExpressionError("an expression has no strings", source, quote.start())
    message = error.msg
    if message.startswith("too many nested parentheses"):
        return _too_deep(source)
    previous = None
    for token in _TOKEN.finditer(source):
        text = token[0]
        if token.lastgroup == "name" and keyword.iskeyword(text):
            return ExpressionError(
                f"an expression has no keywords such as {text}",
                source,
                token.start(),
            )
        if previous and token.lastgroup != "sign" and previous.lastgroup != "sign":
            left = previous[0]
            instead = f"{left}({text})" if left in FUNCTIONS else f"{left}*{text}"
            return ExpressionError(f"a sign is missing: write {instead}", source, token.start())
        if previous and token.lastgroup != "sign" and previous[0] == ")":
            return ExpressionError(f"a sign is missing: write )*{text}", source, token.start())
        previous = token
    if message.startswith("Exceeds the limit"):
        return ExpressionError(
            "a number has too many digits: write it as a float, such as 1e300", source
        )
    place = start + (error.offset or 0) - 1
    if not start <= place < len(source.rstrip()):
        return ExpressionError("something is missing at the end", source, len(source.rstrip()))
    if message.startswith("invalid syntax"):
        message = f"{source[place]} cannot stand here"
    return ExpressionError(message[0].lower() + message[1:], source, place)


def _too_deep(source: str) -> ExpressionError:
    return ExpressionError(
        "the expression is nested too deeply for Python's parser, which reads about 200 "
        "parentheses within each other, and within parentheses some thousand operations in a row",
        source,
    )


def _shortened(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:37]}..."


def _suggestion(name: str) -> str:
    if name in CONSTANTS:
        return f": it is a number; to multiply, write {name}*(...)"
    known = {**{function: function for function in FUNCTIONS}, **_SYNONYMS}
    near = [_SYNONYMS[name]] if name in _SYNONYMS else difflib.get_close_matches(name, known)
    if not near:
        return f"; to multiply, write {name}*(...)"
    return f"; did you mean {' or '.join(dict.fromkeys(known[other] for other in near))}?"


def _range(function: Function) -> str:
    least, most = function.least, function.most
    if most is None:
        return f"at least {least} operand"
    if least != most:
        return f"{least} to {most} operands"
    return f"{least} operand{'s' * (least > 1)}"
