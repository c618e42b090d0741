"""The matrix graph of compiled programs."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_engine import Value, compile, dot, log_softmax, pick, softmax
from visualize import draw, draw_program

RNG = np.random.default_rng(0)

# Two layers by hand, with everything that a program may have: views, buffers, a mask, a table.
SOURCE = """\
# 99 recorded scalars of one example, in 5 lines forward and 5 backward
import numpy as np

def make(params, grads, inputs, constants):
    x = inputs[:, 0:6].reshape(5, 2, 3)  # (5, 2, 3)
    W1 = params[0:8].reshape(4, 2).T  # (2, 4)
    mask1 = np.tri(5, 4)  # (5, 4)
    c1 = constants['c1']  # (5, 4)
    i1 = constants['i1']  # (20,)
    gW1 = grads[0:8].reshape(4, 2)  # (4, 2)
    a1 = np.zeros((5, 4))
    a1_1 = a1.T  # (4, 5)
    z1 = None  # what backward needs of forward

    def forward():
        nonlocal z1
        x_1 = x.reshape(5, 6)
        z1 = x_1[:, 0:2] @ W1 + 1.0  # (5, 4)
        np.maximum(z1, 0, out=a1)
        s1 = a1 * c1 | 0  # (5, 4)
        s1 += z1.take(i1)
        loss = 0.2 * a1_1.sum() + s1.sum()
        return float(loss)

    def backward():
        ga1 = np.where(mask1, c1, 0.0)  # (5, 4)
        gz1 = ga1 * (z1 > 0)  # (5, 4)
        np.matmul(gz1.T, x, out=gW1)

    return forward, backward
"""

FORWARD = {
    "x": ("input", "{{x|5 × 2 × 3}}"),
    "W1": ("parameter", "{{W1|2 × 4}}"),
    "c1": ("constant", "{{c1|5 × 4}}"),
    "z1": ("value", "{{z1|5 × 4}|x_1[:, 0:2] @ W1 + 1.0}"),
    "a1": ("value", "{{a1|5 × 4}|np.maximum(z1, 0, out=a1)}"),
    "s1": ("value", r"{{s1|5 × 4}|a1 * c1 \| 0|s1 += z1.take(i1)}"),
    "loss": ("output", "{{loss}|0.2 * a1_1.sum() + s1.sum()}"),
}
FORWARD_EDGES = [
    ("x", "z1", "x_1  5 × 6"),
    ("W1", "z1", ""),
    ("z1", "a1", ""),
    ("a1", "s1", ""),
    ("c1", "s1", ""),
    ("z1", "s1", ""),
    ("a1", "loss", "a1_1  4 × 5"),
    ("s1", "loss", ""),
]
BACKWARD = {
    "x again": ("input", "{{x|5 × 2 × 3}}"),
    "mask1 again": ("constant", "{{mask1|5 × 4}}"),
    "c1 again": ("constant", "{{c1|5 × 4}}"),
    "z1 again": ("value", "{{z1|5 × 4}}"),
    "ga1": ("gradient", "{{ga1|5 × 4}|np.where(mask1, c1, 0.0)}"),
    "gz1": ("gradient", r"{{gz1|5 × 4}|ga1 * (z1 \> 0)}"),
    "gW1": ("parameter-gradient", "{{gW1|4 × 2}|np.matmul(gz1.T, x, out=gW1)}"),
}
BACKWARD_EDGES = [
    ("mask1 again", "ga1", ""),
    ("c1 again", "ga1", ""),
    ("ga1", "gz1", ""),
    ("z1 again", "gz1", ""),
    ("gz1", "gW1", ""),
    ("x again", "gW1", ""),
]


def names(diagram):
    """The arrays of the boxes, by their ids."""
    found = re.findall(r'\t(n\d+)(_again)? \[id=.*?label="\{*(\w+)', diagram.source)
    return {f"{node}{again}": f"{name} again" if again else name for node, again, name in found}


def boxes(diagram):
    found = re.findall(
        r'\t(\w+) \[id=\1 class="([\w-]+)" .*?label="(.*?)" tooltip=', diagram.source
    )
    return {names(diagram)[node]: (kind, label) for node, kind, label in found}


def edges(diagram):
    pattern = r'\t(\w+) -> (\w+) \[class=operand(?: label=" (.*?) ")?\]'
    found = re.findall(pattern, diagram.source)
    return [(names(diagram)[a], names(diagram)[b], label) for a, b, label in found]


def texts(diagram):
    root = ElementTree.fromstring(diagram.pipe("svg"))
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_forward():
    diagram = draw(SimpleNamespace(source=SOURCE))
    assert boxes(diagram) == FORWARD
    assert edges(diagram) == FORWARD_EDGES
    assert "backward {" not in diagram.source
    assert "rankdir=TB" in diagram.source and "99 recorded scalars" in diagram.source


def test_backward():
    diagram = draw(SimpleNamespace(source=SOURCE), backward=True)
    assert boxes(diagram) == FORWARD | BACKWARD
    assert edges(diagram) == FORWARD_EDGES + BACKWARD_EDGES
    inside = diagram.source.partition("subgraph cluster_backward {")[2]
    node = {name: node for node, name in names(diagram).items()}
    for name in FORWARD | BACKWARD:
        assert (f"\t{node[name]} [" in inside) == (name in BACKWARD)


def test_the_direction_turns_the_boxes():
    diagram = draw(SimpleNamespace(source=SOURCE), rankdir="LR")
    assert boxes(diagram)["a1"][1] == "{a1|5 × 4}|np.maximum(z1, 0, out=a1)"


def test_it_is_drawn_and_all_of_it_can_be_read():
    shown = texts(draw(SimpleNamespace(source=SOURCE), backward=True))
    for text in ("z1", "5 × 4", "x_1[:, 0:2] @ W1 + 1.0", "a1 * c1 | 0", "ga1 * (z1 > 0)"):
        assert text in shown
    assert sum("x_1  5 × 6" in text.replace("\xa0", " ") for text in shown) == 1


# --- programs ------------------------------------------------------------------------------------


def network():
    model = nn.MLP(4, [8, 3], "relu", seed=2)
    return model.parameters(), lambda x, y: -pick(y, log_softmax(model(x)))


def attention():
    w = [[Value(x) for x in row] for row in RNG.normal(size=(6, 3))]

    def f(xs, y):
        queries, keys = ([[dot(row, x) for row in part] for x in xs] for part in (w[:3], w[3:]))
        weights = [softmax([dot(q, k) for k in keys]) for q in queries]
        mixed = [[dot(row, column) for column in zip(*xs, strict=True)] for row in weights]
        return (sum(dot(m, m) for m in mixed) - y) ** 2

    return [x for row in w for x in row], f


BATCHES = {
    network: (RNG.normal(size=(5, 4)), RNG.integers(0, 3, 5)),
    attention: (RNG.normal(size=(2, 4, 3)), RNG.normal(size=2)),
}


@pytest.mark.parametrize("model", [network, attention])
@pytest.mark.parametrize("kind", ["numpy", "functional"])
def test_programs(model, kind):
    parameters, f = model()
    sources = []
    for _ in range(2):
        if kind == "numpy":
            function = compile(f)
            function(*BATCHES[model])
        else:
            function = compile(f, parameters, xp=np)
            function(function.params, *BATCHES[model])
        diagram = draw(function, backward=True)
        sources.append(diagram.source)
    assert sources[0] == sources[1]  # whenever it was compiled
    drawn = boxes(diagram)
    kinds = [kind for kind, _ in drawn.values()]
    assert kinds.count("output") == 1
    assert "parameter" in kinds and "input" in kinds
    assert ("parameter-gradient" in kinds) == (kind == "numpy")
    # All but the loss and the gradients of parameters is read by something.
    read = {a for a, _, _ in edges(diagram)}
    unread = {kind for name, (kind, _) in drawn.items() if name not in read}
    assert unread <= {"output", "parameter-gradient", "value"}
    assert all(text in texts(diagram) for text in ("W1", "z1"))


def test_a_recorded_graph():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    xs, ys = RNG.normal(size=(6, 2)).tolist(), RNG.normal(size=6).tolist()
    program = compile(nn.mse([model(x) for x in xs], ys), model.parameters())
    kinds = [kind for kind, _ in boxes(draw_program(program)).values()]
    assert kinds.count("parameter") == 4 and kinds.count("output") == 1


def test_scalars_are_drawn_as_scalars():
    w = Value(2.0)
    program = compile(w * w * 3.0, [w])
    with pytest.raises(ValueError, match=r"is no program of arrays.*straight-line Python"):
        draw(program)


def test_what_is_no_program_is_told():
    with pytest.raises(TypeError, match="takes a compiled program, got 3"):
        draw_program(3)
    with pytest.raises(TypeError, match="takes a compiled program"):
        draw(draw(Value(1.0) + 1.0))
    with pytest.raises(ValueError, match="call it with a batch first"):
        draw(compile(lambda x: x))
    with pytest.raises(ValueError, match=r"is no program of arrays.*run eagerly"):
        draw(SimpleNamespace(source="# run eagerly, example by example: a reason\n"))
    with pytest.raises(ValueError, match=r"the program has 7 arrays.*max_nodes=7"):
        draw(SimpleNamespace(source=SOURCE), max_nodes=6)
    for option in ("rankdir", "style", "theme", "format"):
        with pytest.raises(ValueError, match=f"{option} is one of"):
            draw(SimpleNamespace(source=SOURCE), **{option: "x"})


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=30))
def test_no_text_gets_out_of_its_box(text):
    line = f"    y = np.f(x, {text!r})"
    source = f"# {text!r}\ndef f(params, x):\n{line}\n    return y\n"
    diagram = draw(SimpleNamespace(source=source))
    assert len(boxes(diagram)) == 2 and edges(diagram) == [("x", "y", "")]
    picture = diagram.pipe("svg", encoding="utf-8")
    assert picture.count('class="node ') == 2 and picture.count('class="edge ') == 1
