"""The graph of a computation as a Graphviz diagram.

A box is a value: its label, data and gradient. A circle is an operation. The text depends on the
graph alone, never on memory addresses, so the same computation gives the same picture.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import graphviz

from autograd_engine import Value
from autograd_engine.files import write_atomically
from visualize import dot, renderers
from visualize.renderers import RendererNotFound
from visualize.themes import STYLES, THEMES, palette
from visualize.units import Grouping
from visualize.view import DIRECTIONS, ROWS, check, view

__all__ = ["Diagram", "draw", "to_dot"]

ENDINGS = ("svg", "png", "pdf", "dot", "gv")
_FORMATS = sorted(graphviz.FORMATS)


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
        check("format", format, _FORMATS)
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
    root: Any,
    after: Value | Sequence[Value] | None = None,
    *,
    group: Grouping = "auto",
    depth: int | None = None,
    expand: Any = (),
    show: Collection[str] = ROWS,
    labels: Mapping[str, Any] | None = None,
    parameters: Any = (),
    local_derivatives: bool = False,
    gradient_flow: bool = False,
    legend: bool = False,
    backward: bool = False,
    rankdir: str | None = None,
    digits: int = 6,
    style: str = "plain",
    theme: str = "light",
    format: str = "svg",
    max_nodes: int = 300,
) -> Diagram:
    """Draw how a value was computed.

    A box stands for each value, with its label, data and gradient, a circle for each operation.
    Inputs are blue and round, parameters green with a dashed border, results orange with a bold
    border, constants plain numbers. The gradient is a dash until `backward` has been called.

    What is too large to be read is folded: the call of a module, of a function decorated
    `@autograd_engine.named`, or a long sum is one violet box. Modules are known by the labels of
    their parameters. Boxes are opened by `expand`.

    Parameters
    ----------
    root : Value, list of Value, or compiled program
        The result, or several. Of a program its matrix graph is drawn, as `draw_program` says;
        for it `backward`, `rankdir`, `style`, `theme`, `format` and `max_nodes` are options.
    after : Value or list of Value, optional
        The same computation, recorded again after a training step: each number is drawn as
        ``before → after``, with a bold border if it has changed. The leaves of `root` must be as
        they were, so it is a copy made before the step, by ``copy.deepcopy``.
    group : {"auto", None, "neuron", "layer"}
        What is folded: as much as makes it readable, nothing, the innermost modules, or those
        around them.
    depth : int, optional
        In place of that, how many levels of groups are opened.
    expand : str, Value, or list of them
        What is opened besides: the name or the id of a box, or any value in it. "dot" unfolds the
        dot products that are visible into products and a sum; so does a dot node's label or id.
    show : collection of {"label", "data", "grad"}
        What a box says.
    labels : mapping, optional
        From names to Values, such as ``locals()``: names for the values that have no label.
    parameters : iterable of Value, or a module
        Which leaves are parameters; of an ``nn`` module, its parameters.
    local_derivatives : bool
        Whether the edge from an operand to an operation bears its partial derivative.
    gradient_flow : bool
        Whether an edge is coloured by the sign of the gradient that comes back through it, blue
        for positive, orange for negative, grey for 0, and as wide as its local derivative is
        large.
    legend : bool
        Whether to explain the kinds of boxes.
    backward : bool
        Of a program: whether its gradients are drawn, too.
    rankdir : str, optional
        The direction: LR from left to right, TB from top to bottom, RL or BT. By default LR, and
        TB of a program.
    digits : int
        Significant digits of the numbers.
    style : {"plain", "lecture"}
        The colours; "lecture" has white inputs, red parameters and blue operations.
    theme : {"light", "dark"}
    format : str
        What `Diagram.pipe` and `Diagram.render` make unless told otherwise.
    max_nodes : int
        The most boxes that are drawn; larger drawings are unreadable and slow.

    Returns
    -------
    Diagram
        Shown by notebooks; ``write("graph.svg")`` saves it.

    Raises
    ------
    TypeError
        If root is no Value.
    ValueError
        If there are more than max_nodes boxes, if before and after are different computations, or
        if an option is not one of its choices.

    Examples
    --------
    >>> a = Value(2.0, label="a")
    >>> diagram = draw(a * a)
    >>> diagram.source.count("n0 -> n1_op")
    2
    """
    check("format", format, _FORMATS)
    if hasattr(root, "source"):
        from visualize.program import draw_program

        return draw_program(
            root,
            backward=backward,
            rankdir="TB" if rankdir is None else rankdir,
            style=style,
            theme=theme,
            format=format,
            max_nodes=max_nodes,
        )
    rankdir = "LR" if rankdir is None else rankdir
    check("rankdir", rankdir, DIRECTIONS)
    check("style", style, STYLES)
    check("theme", theme, THEMES)
    drawn = view(
        root,
        after,
        group=group,
        depth=depth,
        expand=expand,
        show=show,
        labels=labels,
        parameters=parameters,
        digits=digits,
        max_nodes=max_nodes,
    )
    colours = palette(style, theme)
    return Diagram(
        format=format,
        **dot.attributes(colours, rankdir, drawn.caption),
        body=dot.body(
            drawn,
            colours,
            rankdir=rankdir,
            digits=digits,
            local_derivatives=local_derivatives,
            gradient_flow=gradient_flow,
            legend=legend,
        ),
    )


def to_dot(
    root: Value | Sequence[Value], after: Value | Sequence[Value] | None = None, **options: Any
) -> str:
    """The DOT text of a diagram, for any program that reads it.

    Parameters
    ----------
    root, after, **options
        As for `draw`.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        As `draw`.

    Examples
    --------
    >>> to_dot(Value(1.0) + 2.0).splitlines()[0]
    'digraph {'
    """
    source: str = draw(root, after, **options).source
    return source
