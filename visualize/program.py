"""The matrix graph of a compiled program.

It is drawn from the source of the program, which is parsed and never run: what a line assigns is a
box, what it reads are its edges. So the picture says what is run, name by name and line by line.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from visualize import dot
from visualize.diagram import Diagram
from visualize.themes import STYLES, THEMES, Palette, palette
from visualize.view import DIRECTIONS, check

__all__ = ["draw_program"]

# What only shows an array otherwise: the first argument, or what the method belongs to.
_VIEWS = ("reshape", "transpose", "permute_dims", "ravel", "swapaxes", "moveaxis", "squeeze")
_VIEW_FUNCTIONS = (*_VIEWS, "as_strided", "sliding_window_view", "broadcast_to")
_LONGEST = 64  # characters of a line; all of them are in the tooltip
_MOST_LINES = 4  # of a box


@dataclass
class _Array:
    """What is drawn as a box.

    Attributes
    ----------
    name : str
    kind : {'input', 'parameter', 'constant', 'value', 'gradient', 'parameter gradient', 'output'}
    shape : str
        Empty if it is not known.
    lines : list of str
        That write it.
    sources : dict of str to str
        The arrays that these read, and the shape in which they are seen, where it is another.
    """

    name: str
    kind: str
    shape: str = ""
    lines: list[str] = field(default_factory=list)
    sources: dict[str, list[str]] = field(default_factory=dict)


def draw_program(
    program: Any,
    *,
    backward: bool = False,
    rankdir: str = "TB",
    style: str = "plain",
    theme: str = "light",
    format: str = "svg",
    max_nodes: int = 300,
) -> Diagram:
    """Draw the matrix graph of a compiled program.

    A box stands for each array, with its name, its shape, and the lines of the source that compute
    it. Inputs are blue and round, parameters green with a dashed border, the loss orange with a
    bold border. Where a line reads a view of an array, the edge bears its name and shape. Tables
    of positions are left out.

    Parameters
    ----------
    program : Program, CompiledFunction or ArrayFunction
        A function is drawn as it was compiled for its last call.
    backward : bool
        Whether the gradients are drawn, too, in a frame in which the arrays that they need are
        named again.
    rankdir : str
        The direction: TB from top to bottom, LR from left to right, RL or BT.
    style : {"plain", "lecture"}
    theme : {"light", "dark"}
    format : str
        What `Diagram.pipe` and `Diagram.render` make unless told otherwise.
    max_nodes : int
        The most boxes that are drawn.

    Returns
    -------
    Diagram

    Raises
    ------
    TypeError
        If it is no compiled program.
    ValueError
        If it was not called yet, is no program of arrays, or has more than max_nodes boxes.

    Examples
    --------
    >>> from autograd_engine import compile
    >>> import nn
    >>> model = nn.MLP(2, [16, 1], "tanh", seed=0)
    >>> loss = compile(lambda x, y: (model(x) - y) ** 2)
    >>> value = loss([[0.0, 1.0]] * 20, [1.0] * 20)
    >>> diagram = draw_program(loss)
    >>> "{{W1|16 × 2}}" in diagram.source
    True
    """
    check("rankdir", rankdir, DIRECTIONS)
    check("style", style, STYLES)
    check("theme", theme, THEMES)
    arrays = _Reader(program, backward).arrays
    if len(arrays) > max_nodes:
        raise ValueError(
            f"the program has {len(arrays)} arrays, and a drawing of more than {max_nodes} can "
            f"hardly be read: draw it with max_nodes={len(arrays)}, or read program.source"
        )
    colours = palette(style, theme)
    heading = program.source.splitlines()[0].lstrip("# ")
    caption = heading.translate(dot.TEXT)
    return Diagram(
        format=format,
        **dot.attributes(colours, rankdir, caption),
        body=[*_body(arrays, colours, rankdir)],
    )


# --- reading the source --------------------------------------------------------------------------


def _parts(program: Any) -> tuple[list[ast.stmt], list[ast.stmt], list[ast.stmt], list[str]]:
    """What is made once, the forward part, the backward part, and the names of the arguments."""
    source = getattr(program, "source", None)
    if not isinstance(source, str):
        raise TypeError(f"draw_program takes a compiled program, got {program!r}")
    if not source:
        raise ValueError("the function is not compiled yet: call it with a batch first")
    try:
        functions = {f.name: f for f in ast.parse(source).body if isinstance(f, ast.FunctionDef)}
    except SyntaxError:
        raise TypeError(f"draw_program takes a compiled program, got {program!r}") from None
    if "make" in functions:
        inner = {f.name: f for f in functions["make"].body if isinstance(f, ast.FunctionDef)}
        return functions["make"].body, inner["forward"].body, inner["backward"].body, []
    for function in functions.values():
        names = [argument.arg for argument in function.args.args]
        if names[:1] == ["params"]:
            return [], function.body, [], names[1:]
    heading = source.splitlines()[0].lstrip("# ")
    raise ValueError(f"it is no program of arrays, and has no matrix graph: {heading}")


class _Reader:
    """The arrays of a program, in the order in which they are computed."""

    def __init__(self, program: Any, backward: bool) -> None:
        head, forward, after, arguments = _parts(program)
        self.lines = program.source.splitlines()
        self.found: dict[str, _Array] = {}
        self.seen_as: dict[str, tuple[str, str]] = {}  # views: of which array, in which shape
        self.shapes: dict[str, str] = {}
        for name in arguments:
            self.found[name] = _Array(name, "input")
        self.found["params"] = _Array("params", "parameter")
        self.found["inputs"] = _Array("inputs", "input")
        for statement in head:
            self.given(statement)
        for statement in forward:
            self.statement(statement, "value")
        for statement in after if backward else []:
            self.statement(statement, "gradient")
        read = {name for array in self.found.values() for name in array.sources}
        self.arrays = [
            array
            for array in self.found.values()
            if array.name in read or (array.lines and array.kind != "constant")
        ]

    def given(self, statement: ast.stmt) -> None:
        """A line that is run once: it allocates an array, or makes a view of one."""
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            return
        name, value = statement.targets[0].id, statement.value
        shape = self.shape(statement)
        if isinstance(value, ast.Call) and _called(value) in ("np.zeros", "np.empty"):
            self.shapes[name] = _times(ast.unparse(value.args[0]))
        elif "constants" in _names(value):
            if not _is_table(name):
                self.found[name] = _Array(name, "constant", shape)
        elif not self.view(name, value, shape) and not isinstance(value, ast.Constant):
            self.found[name] = _Array(name, "constant", shape, [self.text(statement)])

    def view(self, name: str, value: ast.expr, shape: str) -> bool:
        """Whether it only shows an array otherwise; of params and inputs that is their name."""
        base = _viewed(value)
        if base is None:
            return False
        kind = {"params": "parameter", "inputs": "input", "grads": "parameter gradient"}.get(base)
        if kind is not None:
            self.found[name] = _Array(name, kind, shape)
        else:
            base, _ = self.seen_as.get(base, (base, ""))
            self.seen_as[name] = base, shape
        return True

    def statement(self, statement: ast.stmt, kind: str) -> None:
        """A line of a step."""
        if isinstance(statement, ast.Return):
            for name in _names(statement):
                array = self.found.get(self.seen_as.get(name, (name, ""))[0])
                if array is not None and array.kind == "value":
                    array.kind = "output"
            return
        target = _target(statement)
        if target is None:
            return
        shape = self.shape(statement)
        name, _ = self.seen_as.get(target, (target, ""))
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and name not in self.found
            and self.view(target, statement.value, shape)
        ):
            return
        if isinstance(statement, ast.Assign) and _called(statement.value) == "constant":
            if not _is_table(name):
                self.found[name] = _Array(name, "constant", shape)
            return
        array = self.found.get(name)
        if array is None:
            array = self.found[name] = _Array(name, kind, shape or self.shapes.get(name, ""))
        elif array.kind == "parameter gradient" and array.lines == []:
            del self.found[name]  # to stand where it is computed
            self.found[name] = array
        array.shape = array.shape or shape
        array.lines.append(self.text(statement))
        for read in _names(statement):
            base, seen = self.seen_as.get(read, (read, ""))
            if array.kind == "input" and base == "params":
                continue  # of which only the precision is read
            if base in self.found and base != name:
                labels = array.sources.setdefault(base, [])
                if read != base:
                    labels.append(f"{read}  {seen}".rstrip())

    def text(self, statement: ast.stmt) -> str:
        """The line without its comment, and without the name that the box has."""
        node: ast.stmt | ast.expr = statement
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            node = statement.value
        line: str = self.lines[statement.lineno - 1]
        return line[node.col_offset : statement.end_col_offset]

    def shape(self, statement: ast.stmt) -> str:
        """The shape in the comment at the end of a line, or to which it reshapes."""
        line = self.lines[statement.lineno - 1]
        found = re.match(r"  # (\([\d, ]*\))", line[statement.end_col_offset :])
        found = found or re.search(r"\.reshape(\([\d, ]+\))$", line)
        return _times(found[1]) if found else ""


def _target(statement: ast.stmt) -> str | None:
    """The array that a line writes; None if it writes none."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return _base(statement.targets[0])
    if isinstance(statement, ast.AugAssign):
        return _base(statement.target)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        for keyword in statement.value.keywords:
            if keyword.arg == "out":
                return _base(keyword.value)
    return None


def _base(node: ast.expr) -> str | None:
    """The array of which something is a part."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        else:
            return None
    return node.id


def _viewed(node: ast.expr) -> str | None:
    """The array that an expression only shows otherwise; None if it computes something."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute(attr="T") | ast.Subscript():
            is_plain = isinstance(node, ast.Attribute) or not _names(node.slice)
            return _viewed(node.value) if is_plain and _base(node) != "constants" else None
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "xp"), attr=function)):
            return _viewed(node.args[0]) if function in _VIEW_FUNCTIONS else None
        case ast.Call(func=ast.Attribute(value=of, attr=method)):
            return _viewed(of) if method in _VIEWS else None
        case ast.Call(func=ast.Name(id=function)):
            return _viewed(node.args[0]) if function in _VIEW_FUNCTIONS else None
    return None


def _names(node: ast.AST) -> list[str]:
    """The names that are read, each once and in order."""
    found = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    ordered = sorted(found, key=lambda name: (name.lineno, name.col_offset))
    return list(dict.fromkeys(name.id for name in ordered))


def _called(node: ast.expr) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _is_table(name: str) -> bool:
    """Whether it holds positions of other arrays."""
    return re.fullmatch(r"i\d+", name) is not None


def _times(shape: str) -> str:
    """(3, 4) as 3 × 4."""
    return " × ".join(re.findall(r"\d+", shape))


# --- writing it down -----------------------------------------------------------------------------

_STYLES = {
    "input": ("input", "shape=Mrecord"),
    "parameter": ("parameter", 'shape=Mrecord style="filled,dashed"'),
    "constant": ("operation", "shape=Mrecord"),
    "value": ("value", ""),
    "output": ("output", "penwidth=2.5"),
    "gradient": ("operation", ""),
    "parameter gradient": ("parameter", 'style="filled,dashed" penwidth=2.5'),
}


def _body(arrays: list[_Array], colours: Palette, rankdir: str) -> Iterator[str]:
    """The forward part, and beside it the gradients, where what they need of it is named again."""
    node = {array.name: f"n{i}" for i, array in enumerate(arrays)}
    of_kind: dict[bool, list[_Array]] = {False: [], True: []}
    for array in arrays:
        of_kind["gradient" in array.kind].append(array)
    forward, backward = of_kind[False], of_kind[True]
    read = {name for array in forward for name in array.sources}
    for array in forward:
        if array.name in read or array.kind in ("value", "output"):
            yield _box(node[array.name], array, colours, rankdir)
    for array in forward:
        yield from _edges(array, node)
    if not backward:
        return
    needed = {name for array in backward for name in array.sources}
    yield "\tsubgraph cluster_backward {\n"
    yield f'\tlabel="backward" style=rounded color="{colours.frame_border}"\n'
    again = {}
    for array in forward:
        if array.name in needed:
            again[array.name] = f"{node[array.name]}_again"
            named = _Array(array.name, array.kind, array.shape)
            yield _box(again[array.name], named, colours, rankdir)
    for array in backward:
        yield _box(node[array.name], array, colours, rankdir)
    for array in backward:
        yield from _edges(array, node | again)
    yield "\t}\n"


def _edges(array: _Array, node: dict[str, str]) -> Iterator[str]:
    for name, views in array.sources.items():
        text = ", ".join(views).translate(dot.TEXT)
        label = f' label=" {text} "' if views else ""
        yield f"\t{node[name]} -> {node[array.name]} [class=operand{label}]\n"


def _box(node: str, array: _Array, colours: Palette, rankdir: str) -> str:
    fill, style = _STYLES[array.kind]
    lines = array.lines
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"… {len(lines) - _MOST_LINES + 1} more lines"]
    shown = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines]
    head = "|".join(text.translate(dot.FIELD) for text in (array.name, array.shape) if text)
    rows = "|".join([f"{{{head}}}", *(line.translate(dot.FIELD) for line in shown)])
    label = f"{{{rows}}}" if rankdir in ("TB", "BT") else rows
    tooltip = "; ".join(array.lines or [array.kind]).translate(dot.TOOLTIP)
    kind = array.kind.replace(" ", "-")
    return (
        f'\t{node} [id={node} class="{kind}" {style} fillcolor="{colours.fills[fill]}" '
        f'label="{label}" tooltip="{tooltip}"]\n'
    )
