"""Backpropagation one addition at a time, as a page that needs nothing but a browser."""

import html
import math
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autograd_engine import Value, graph
from autograd_engine.checking import central_difference, simple_difference
from autograd_engine.explanation import Step, backward_steps, calculation, partial_formula
from visualize import dot
from visualize.diagram import Diagram
from visualize.document import Document, controls, document
from visualize.names import names_in
from visualize.themes import palette
from visualize.view import DIRECTIONS, Box, check, check_digits, view

__all__ = ["page"]

# The precise difference takes a hundred recalculations, for which a large graph is too long.
_MOST_PRECISE = 60
# More values that are wrong are counted.
_MOST_NAMES = 6


def page(
    root: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    labels: Mapping[str, Any] | None = None,
    title: str = "",
    rankdir: str = "LR",
    digits: int = 6,
    max_nodes: int = 120,
) -> Document:
    """A page on which the forward and the backward pass are stepped through.

    Each step of the backward pass is one addition: the gradient of a result times the local
    derivative, with its formula, is added to the grad of an operand. A column of finite
    differences shows what must come out; and the pass can be seen in an order in which a value
    passes its gradient on too early. Keys: the arrows, Home, End, and space to play. Each step
    has an address of its own, which can be linked to.

    Parameters
    ----------
    root : Value
    path : path, optional
        Where to write it, ending in .html.
    labels : mapping, optional
        From names to Values, such as ``locals()``: names for the values that have no label.
    title : str
        At the top of the page; the name of the result if not given.
    rankdir : str
        The direction of the drawing, as for `draw`.
    digits : int
        Significant digits of the numbers.
    max_nodes : int
        The most nodes that are shown.

    Returns
    -------
    Document
        Shown by notebooks; ``html`` is its text.

    Raises
    ------
    TypeError
        If `root` is no Value.
    ValueError
        If there are more than `max_nodes` nodes, an option is not one of its choices, or the path
        does not end in .html.
    RendererNotFound
        If nothing that is installed can draw the graph.

    Examples
    --------
    >>> from autograd_engine import label
    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a
    >>> label(a=a, b=b, c=c)
    >>> shown = page(c)
    >>> shown.write("backprop.html")  # doctest: +SKIP
    """
    if not isinstance(root, Value):
        raise TypeError(f"page takes a Value, got {root!r}")
    check("rankdir", rankdir, DIRECTIONS)
    check_digits(digits)
    order = graph.nodes(root)
    if len(order) > max_nodes:
        raise ValueError(
            f"the graph has {len(order)} nodes, and stepping through more than {max_nodes} takes "
            f"patience: show a part of it, or all of it with max_nodes={len(order)}"
        )
    names = graph.names(order, names_in(labels or {}))
    story = _Story(root, order, names, digits)
    made = story.document(title, rankdir)
    if path is not None:
        made.write(path)
    return made


class _Story:
    """What is told of a graph: its values, and the events of the passes."""

    def __init__(
        self, root: Value, order: list[Value], names: dict[Value, str], digits: int
    ) -> None:
        self.root, self.order, self.names, self.digits = root, order, names, digits
        self.ids = {node: f"n{i}" for i, node in enumerate(order)}
        self.right = list(backward_steps(root))
        self.grads = _totals(root, self.right)
        self.differences = _differences(root, order)
        # If no order that starts at the result goes wrong, the one that starts at the leaves does.
        self.wrong, self.mistake = _too_early(root), "as they are reached"
        if not self._missed(_totals(root, self.wrong)):
            self.wrong, self.mistake = _in_order(root, order), "oldest value first"

    def document(self, title: str, rankdir: str) -> Document:
        title = title or f"{self.names[self.root]}, and its derivatives"
        events = {"right": list(self._events(self.right))}
        if self._missed(_totals(self.root, self.wrong)):  # it is right if there is one operation
            events["wrong"] = list(self._events(self.wrong))
        data = {"nodes": [self._node(node) for node in self.order], "events": events}
        picture = self._picture(rankdir)
        size = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', picture)
        is_wide = size is not None and float(size[1]) > 1.5 * float(size[2])
        stage = "stage wide" if is_wide else "stage"
        body = _BODY.format(
            title=html.escape(title),
            controls=controls("step", _ORDER.format(mistake=self.mistake)),
            stage=stage,
            picture=picture,
        )
        return document(title, "stepper", body, data, height=760)

    def number(self, x: float) -> str:
        return f"{x:.{self.digits}g}"

    def _node(self, node: Value) -> dict[str, Any]:
        return {
            "id": self.ids[node],
            "name": self.names[node],
            "leaf": node.is_leaf,
            "constant": node.is_constant,
            "data": self.number(node.data),
            "grad": self.number(self.grads.get(node, 0.0)),
            "difference": "" if node.is_constant else self._confirmation(node),
        }

    def _confirmation(self, node: Value) -> str:
        """The finite difference, in the digits that its error leaves."""
        estimate, error = self.differences[node]
        if error > 0.1 * abs(estimate) > 0.0:  # as at a kink: the differences have no limit
            return "?"
        if 0.0 < error < math.inf and math.isfinite(estimate):
            estimate = round(estimate, -math.floor(math.log10(error)))
        return self.number(estimate + 0.0)  # which has no -0

    def _is_confirmed(self, node: Value) -> bool:
        estimate, error = self.differences[node]
        grad = self.grads.get(node, 0.0)
        close = math.isclose(grad, estimate, rel_tol=1e-4, abs_tol=10.0 * error)
        return close and self._confirmation(node) != "?"

    def _missed(self, received: Mapping[Value, float]) -> list[Value]:
        """The values whose grad is another than that of the right order, but for rounding."""
        return [
            node
            for node in self.order
            if not node.is_constant
            and not _equal(received.get(node, 0.0), self.grads.get(node, 0.0))
        ]

    # --- the events ------------------------------------------------------------------------------

    def _events(self, steps: Iterable[Step]) -> Iterator[dict[str, Any]]:
        names = self.names
        yield {"kind": "start", "lines": ["Before the forward pass, only the leaves are known."]}
        for node in self.order:
            if not node.is_leaf:
                yield {
                    "kind": "forward",
                    "node": self.ids[node],
                    "lines": [
                        f"Forward: {names[node]}",
                        calculation(node, names),
                        f"= {self.number(node.data)}",
                    ],
                }
        root = names[self.root]
        yield {
            "kind": "seed",
            "node": self.ids[self.root],
            "total": self.number(1.0),
            "lines": [
                f"Backward: it starts at {root}",
                f"{root}.grad = ∂{root}/∂{root} = 1",
            ],
        }
        before: dict[Value, float] = {}
        places: dict[Value, int] = {}
        for step in steps:
            place = places.get(step.node, 0)
            places[step.node] = place + 1
            yield self._addition(step, place, before.get(step.parent))
            before[step.parent] = step.total
        yield {"kind": "end", "lines": self._end(before)}

    def _addition(self, step: Step, place: int, before: float | None) -> dict[str, Any]:
        names, number = self.names, self.number
        to, via = names[step.parent], names[step.node]
        formula = partial_formula(step.node, place, names).text
        partial = number(step.partial)
        local = f"local derivative: ∂{via}/∂{to} = " + (
            formula if formula == partial else f"{formula} = {partial}"
        )
        total = number(step.total)
        added = f"{to}.grad += upstream × local = {number(step.incoming)} × {partial} = " + number(
            step.contribution
        )
        first = f"Backward: {via} passes its gradient to {to}"
        if before is not None:
            first += ", which has received some already"
            added += f", in all {number(before)} + {number(step.contribution)} = {total}"
        return {
            "kind": "backward",
            "node": self.ids[step.node],
            "parent": self.ids[step.parent],
            "edge": f"{self.ids[step.node]}_in{place}",
            "total": total,
            "lines": [first, local, added],
        }

    def _end(self, received: Mapping[Value, float]) -> list[str]:
        wrong = self._missed({self.root: 1.0} | dict(received))
        if wrong:
            return [
                f"Wrong: {self._listed(wrong)}",
                "Some value passed its gradient on before it had received all of it. In the "
                "reverse of the order of creation that cannot happen.",
            ]
        doubtful = [
            node for node in self.order if not node.is_constant and not self._is_confirmed(node)
        ]
        if not doubtful:
            return ["Every grad is complete, and equals its finite difference."]
        return [
            "Every grad is complete.",
            f"No finite difference confirms that of {self._listed(doubtful)}: there the function "
            "has a kink or a jump, or its numbers are not finite.",
        ]

    def _listed(self, nodes: list[Value]) -> str:
        names = [self.names[node] for node in nodes]
        more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
        return ", ".join(names[:_MOST_NAMES] + more)

    # --- the picture -----------------------------------------------------------------------------

    def _picture(self, rankdir: str) -> str:
        drawn = view(
            self.root,
            group=None,
            labels={name: node for node, name in self.names.items() if not node.is_constant},
            digits=self.digits,
            max_nodes=len(self.order),
        )
        drawn = replace(drawn, boxes=tuple(self._widest(box) for box in drawn.boxes))
        colours = palette("plain", "light")
        diagram = Diagram(
            **dot.attributes(colours, rankdir, ""),
            body=dot.body(
                drawn,
                colours,
                rankdir=rankdir,
                digits=self.digits,
                local_derivatives=False,
                gradient_flow=False,
                legend=False,
            ),
        )
        picture = diagram.pipe("svg", encoding="utf-8")
        picture = picture[picture.index("<svg") :]
        # The page names each value; a second title over the drawing would only hide it.
        return re.sub(r"<title>.*?</title>", "", picture, flags=re.DOTALL)

    def _widest(self, box: Box) -> Box:
        """The box with room for every number that will stand in it."""
        if box.node is None or not box.rows:
            return box
        grads = [step.total for step in (*self.right, *self.wrong) if step.parent is box.node]
        shown = [*map(self.number, grads), self.number(1.0), "–"]
        return replace(
            box,
            rows=tuple(
                (name, max(shown, key=len) if name == "grad" else text) for name, text in box.rows
            ),
        )


# --- passes --------------------------------------------------------------------------------------


def _totals(root: Value, steps: Iterable[Step]) -> dict[Value, float]:
    totals = {root: 1.0}
    for step in steps:
        totals[step.parent] = step.total
    return totals


def _in_order(root: Value, order: Iterable[Value]) -> list[Step]:
    """The backward pass in some order: each value passes on, once, what it has received by then."""
    grads = {root: 1.0}
    steps = []
    for node in order:
        incoming = grads.get(node, 0.0)
        for parent, partial in zip(node.parents, node.partials, strict=True):
            share = incoming * partial
            grads[parent] = grads.get(parent, 0.0) + share
            steps.append(Step(node, incoming, parent, partial, share, grads[parent]))
    return steps


def _too_early(root: Value) -> list[Step]:
    """The backward pass breadth first: each value passes on as soon as it is reached."""
    reached = {root: None}
    waiting = deque([root])
    while waiting:
        for parent in waiting.popleft().parents:
            if parent not in reached:
                reached[parent] = None
                waiting.append(parent)
    return _in_order(root, reached)


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9) or (math.isnan(a) and math.isnan(b))


def _differences(root: Value, order: list[Value]) -> dict[Value, tuple[float, float]]:
    """The derivative of the root by each node, from recalculations, and about how far it is off."""
    differences = {root: (1.0, 0.0)}
    for node in order:
        if node is root or node.is_constant:
            continue

        def moved(x: float, node: Value = node) -> float:
            return _recalculated(order, node, x)

        precise = len(order) <= _MOST_PRECISE
        difference = central_difference if precise else simple_difference
        differences[node] = difference(moved, node.data)
    return differences


def _recalculated(order: list[Value], changed: Value, number: float) -> float:
    """What the last node would be if one of them were another number."""
    numbers: dict[Value, float] = {changed: number}

    def now(operand: Any) -> Any:
        if isinstance(operand, list):
            return [now(x) for x in operand]
        return numbers.get(operand, operand.data)

    for node in order:
        if node is not changed and not numbers.keys().isdisjoint(node.parents):
            assert node.primitive is not None
            operands = tuple(now(operand) for operand in graph.operands(node))
            numbers[node] = node.primitive.evaluate(operands)[0]
    result = numbers.get(order[-1], order[-1].data)
    return result if math.isfinite(result) else math.nan


_ORDER = """<span id="count" class="number muted"></span>
<label>order of the backward pass
<select id="order">
<option value="right">newest value first</option>
<option value="wrong">{mistake} (wrong)</option>
</select></label>
"""
_BODY = """<h1>{title}</h1>
{controls}
<div class="{stage}">
<div class="picture" role="group" aria-label="the graph of the computation">
{picture}
<div class="zoom">
<button id="in" aria-label="zoom in">+</button>
<button id="out" aria-label="zoom out">−</button>
<button id="fit">Fit</button>
</div>
</div>
<div class="story">
<div class="event" id="event" aria-live="polite" aria-atomic="true"></div>
<div class="values" tabindex="0" role="region" aria-label="values and gradients">
<table>
<caption>All values; the finite difference is computed without any derivative.</caption>
<thead><tr><th scope="col">value</th><th scope="col">data</th><th scope="col">grad</th>
<th scope="col">finite difference</th></tr></thead>
<tbody id="values"></tbody>
</table>
</div>
</div>
</div>"""
