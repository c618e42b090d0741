"""The reference table of all primitives, written from the rules and their docstrings.

python -m autograd_engine.reference > autograd_engine/REFERENCE.md
"""

import inspect
import re
from typing import Any

from autograd_engine import formulas, primitives
from autograd_engine.rules import Primitive

__all__ = ["table"]

# Settings have no symbol: the table shows a primitive with these.
_SETTINGS: dict[str, Any] = {"exponent": 3.0, "index": 0, "alpha": 2.0}


def table() -> str:
    """The table of primitives in Markdown: value, derivative, convention at kinks, source.

    Returns
    -------
    str

    Examples
    --------
    >>> print(table().splitlines()[8])
    | `*` | Product of two. | `x*y` | `y`, `x` | | |
    """
    lines = [
        "# Primitives",
        "",
        "Each is one rule in `primitives.py` that gives the value and the derivatives. This table "
        "is what the rules print of themselves: `python -m autograd_engine.reference`. Where no "
        "source stands, it is school calculus.",
        "",
        "| primitive | what it is | value | derivative with respect to each operand | at kinks "
        "| source |",
        "|---|---|---|---|---|---|",
        *map(_row, primitives.TABLE.values()),
    ]
    return "\n".join(lines) + "\n"


def _row(primitive: Primitive) -> str:
    name = primitive.name
    settings = {
        parameter.name: _SETTINGS[parameter.name]
        for parameter in inspect.signature(primitive).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    operands = [
        [formulas.symbol(f"{operand[0]}{i}") for i in (1, 2, 3)]
        if operand in ("xs", "ys")
        else formulas.symbol(operand)
        for operand in primitive.operands
    ]
    bound = primitive.bind(**settings) if settings else primitive
    value = formulas.number(bound.rule(formulas.mathematics, *operands)[0])
    partials = formulas.partial_formulas(bound, operands)
    if settings:
        given = ", ".join(f"{key} = {setting:g}" for key, setting in settings.items())
        name = f"{name} ({given})"
    documentation = inspect.cleandoc(primitive.__doc__ or "")
    cells = [
        f"`{name}`",
        documentation.partition("\n")[0],
        f"`{value.text}`",
        ", ".join(f"`{partial.text}`" for partial in partials),
        _paragraph("At kinks:", documentation),
        _paragraph("Source:", documentation),
    ]
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _paragraph(heading: str, documentation: str) -> str:
    found = re.search(rf"{heading}((?:.|\n)*?)(?:\n\n|\nSource:|$)", documentation)
    return " ".join(found.group(1).split()) if found else ""


if __name__ == "__main__":
    print(table(), end="")
