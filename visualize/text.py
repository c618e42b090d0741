"""Diagrams that need no renderer: a tree for the terminal, Mermaid for Markdown."""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TextIO, Unpack

from autograd_engine import Value
from visualize.themes import STYLES, THEMES, Palette, palette
from visualize.view import DIRECTIONS, Box, Edge, Options, View, check, view

__all__ = ["print_tree", "to_mermaid"]

# Invisible characters that change what is before and after them: terminals and browsers obey.
_DIRECTIONS = {*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_ASCII = str.maketrans({"├": "+", "└": "+", "─": "-", "│": "|", "…": "~", "–": "-", "→": ">"})


def _printable(text: str) -> str:
    """Without line breaks, and with nothing that a terminal would obey."""
    return "".join(
        " " if c.isspace() else c if _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _is_harmless(character: str) -> bool:
    # The zero-width joiner holds emoji together.
    return (character.isprintable() or character == "\u200d") and ord(character) not in _DIRECTIONS


# --- the tree ------------------------------------------------------------------------------------


def print_tree(
    root: Value | list[Value],
    *,
    file: TextIO | None = None,
    **options: Unpack[Options],
) -> None:
    """Print how a value was computed, as a tree: below each value, what it was made from.

    A value that is used twice is shown once, with what is below it, and called by its name or its
    number after that.

    Parameters
    ----------
    root : Value or list of Value
    file : text file, optional
        By default what `print` writes to.
    **options
        Those of `draw` that say what is drawn: group, depth, expand, show, labels, parameters,
        digits, max_nodes.

    Raises
    ------
    TypeError, ValueError
        As `draw`.

    Examples
    --------
    >>> from autograd_engine import Value, label, tanh
    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = tanh(a * b) + a
    >>> label(a=a, b=b, y=y)
    >>> print_tree(y)
    y = + = 1.00001
    ├─ tanh = -0.999988
    │  └─ * = -6
    │     ├─ a = 2
    │     └─ b = -3
    └─ a (above)
    """
    file = sys.stdout if file is None else file
    text = "\n".join(_tree(view(root, **options)))
    encoding = getattr(file, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    print(text, file=file)


def _tree(drawn: View) -> Iterator[str]:
    boxes = {box.id: box for box in drawn.boxes}
    sources: dict[str, list[str]] = defaultdict(list)
    for edge in drawn.edges:
        sources[edge.target].append(edge.source)
    uses = Counter(source for below in sources.values() for source in below)
    titles = Counter(box.title for box in drawn.boxes)
    names = {
        box.id: _printable(box.title) if box.title and titles[box.title] == 1 else box.id
        for box in drawn.boxes
    }
    seen: set[str] = set()
    # Each entry is a box with what stands before it, and before what is below it.
    pending = [(box.id, "", "") for box in reversed(drawn.boxes) if box.is_output]
    while pending:
        name, before, indent = pending.pop()
        box = boxes[name]
        if name in seen and box.kind != "constant":
            yield f"{before}{names[name]} (above)"
            continue
        seen.add(name)
        number = f"{name}: " if uses[name] > 1 and names[name] == name else ""
        yield before + ("" if box.kind == "constant" else number) + _said(box)
        below = sources[name]
        for i, source in reversed([*enumerate(below)]):
            last = i == len(below) - 1
            pending.append(
                (source, indent + ("└─ " if last else "├─ "), indent + ("   " if last else "│  "))
            )
    if drawn.caption:
        yield f"({drawn.caption})"


def _said(box: Box) -> str:
    rows = dict(box.rows)
    title = _printable(box.title)
    if "" in rows:  # what is folded
        counts = ", ".join(text for name, text in box.rows if not name)
        title = f"{title} [{counts}]"
    parts = [title] if title else []
    if box.op:
        parts.append(_printable(box.op))
    if "data" in rows:
        parts.append(rows["data"])
    said = " = ".join(parts)
    has_grad = "grad" in rows and rows["grad"] != "–"
    return f"{said}  grad {rows['grad']}" if has_grad else said


# --- Mermaid -------------------------------------------------------------------------------------


def to_mermaid(
    root: Value | list[Value],
    *,
    local_derivatives: bool = False,
    rankdir: str = "LR",
    style: str = "plain",
    theme: str = "light",
    **options: Unpack[Options],
) -> str:
    """A diagram as Mermaid, which GitHub and many others draw in a fenced block of Markdown.

    Parameters
    ----------
    root : Value or list of Value
    local_derivatives, rankdir, style, theme
        As for `draw`.
    **options
        Those of `draw` that say what is drawn: group, depth, expand, show, labels, parameters,
        digits, max_nodes.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        As `draw`.

    Examples
    --------
    >>> a = Value(2.0, label="a")
    >>> print(to_mermaid(a * a, show="data"))  # doctest: +ELLIPSIS
    flowchart LR
        n0("data 2"):::input
        n1["data 4"]:::output
        n1_op(("#42;")):::operation
        n0 --> n1_op
        n0 --> n1_op
        n1_op --> n1
        classDef input fill:#dbeafe,stroke:#475569,color:#0f172a
    ...
    """
    check("rankdir", rankdir, DIRECTIONS)
    check("style", style, STYLES)
    check("theme", theme, THEMES)
    drawn = view(root, **options)
    number = f".{options.get('digits', 6)}g"
    lines = [f"flowchart {rankdir}", *_mermaid_boxes(drawn, "", "    ")]
    circle = {box.id: f"{box.id}_op" for box in drawn.boxes if box.op}
    for edge in drawn.edges:
        said = _edge_label(edge, number if local_derivatives else None)
        arrow = f'-->|"{_mermaid(said)}"|' if said else "-->"
        lines.append(f"    {edge.source} {arrow} {circle.get(edge.target, edge.target)}")
    lines += [f"    {circle[box.id]} --> {box.id}" for box in drawn.boxes if box.op]
    lines += _mermaid_classes(drawn, palette(style, theme))
    return "\n".join(lines) + "\n"


def _edge_label(edge: Edge, number: str | None) -> str:
    if number is not None and len(edge.partials) == 1:
        return f"{edge.partials[0]:{number}}"
    return str(edge.count) if edge.count > 1 else ""


def _mermaid_boxes(drawn: View, frame: str, indent: str) -> Iterator[str]:
    for box in drawn.boxes:
        if box.frame == frame:
            rows = [f"{name} {text}".strip() for name, text in box.rows]
            said = "<br/>".join(map(_mermaid, filter(None, [box.title, *rows])))
            left, right = ("[", "]") if box.kind in ("value", "output") else ("(", ")")
            yield f'{indent}{box.id}{left}"{said or " "}"{right}:::{box.kind}'
            if box.op:
                yield f'{indent}{box.id}_op(("{_mermaid(box.op)}")):::operation'
    for inner in drawn.frames:
        if inner.frame == frame:
            yield f'{indent}subgraph {inner.id}["{_mermaid(inner.title)}"]'
            yield from _mermaid_boxes(drawn, inner.id, indent + "    ")
            yield f"{indent}end"


def _mermaid_classes(drawn: View, colours: Palette) -> Iterator[str]:
    used = dict.fromkeys(box.kind for box in drawn.boxes)
    for kind in [*used, *(["operation"] if any(box.op for box in drawn.boxes) else [])]:
        if kind == "constant":
            yield f"    classDef constant fill:none,stroke:none,color:{colours.text}"
            continue
        border = colours.borders.get(kind, colours.border)
        dashed = ",stroke-dasharray:4 3" if kind in ("parameter", "parameters") else ""
        bold = ",stroke-width:3px" if kind == "output" else ""
        fill = colours.fills[kind]
        yield f"    classDef {kind} fill:{fill},stroke:{border},color:{colours.text}{dashed}{bold}"


# Safe in quoted text: words, and points within numbers. What a text begins with might be a list of
# Markdown's.
_PLAIN = re.compile(r"(?<=\w)\.(?=\w)|(?!^)[-+]|[\w ,()=\[\]]|[^\x00-\x7f]")


def _mermaid(text: str) -> str:
    """Quoted text, in which all that might be syntax is written as its number."""
    text = _printable(text)
    return "".join(c if _PLAIN.match(text, i) else f"#{ord(c)};" for i, c in enumerate(text))
