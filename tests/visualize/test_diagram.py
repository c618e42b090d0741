"""The DOT text of a diagram, and what it looks like once it is drawn."""

import copy
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nn
from autograd_engine import Value, dot, named, no_grad, tanh
from visualize import draw, to_dot
from visualize.renderers import render
from visualize.view import view

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"

HEAD = """\
digraph {
	graph [bgcolor="#ffffff" fontcolor="#0f172a" fontname=Helvetica rankdir=LR]
	node [color="#475569" fillcolor="#ffffff" fontcolor="#0f172a" fontname=Helvetica fontsize=12 shape=record style=filled]
	edge [arrowsize=0.7 color="#64748b" fontcolor="#0f172a" fontname=Helvetica fontsize=10]
"""  # noqa: E501

CIRCLE = 'shape=circle width=0.5 fixedsize=true fillcolor="#f1f5f9" color="#94a3b8"'

TANH = """\
	n0 [id=n0 class=input shape=Mrecord fillcolor="#dbeafe" label="a | data 2 | grad –" tooltip="data 2.0"]
	n1 [id=n1 class=input shape=Mrecord fillcolor="#dbeafe" label="b | data -3 | grad –" tooltip="data -3.0"]
	n2 [id=n2 class=input shape=Mrecord fillcolor="#dbeafe" label="c | data 10 | grad –" tooltip="data 10.0"]
	n3 [id=n3 class=value label="data -6 | grad –" tooltip="data -6.0"]
	n3_op [id=n3_op class=operation {circle} label="*" tooltip="*"]
	n4 [id=n4 class=value label="data 4 | grad –" tooltip="data 4.0"]
	n4_op [id=n4_op class=operation {circle} label="+" tooltip="+"]
	n5 [id=n5 class=output penwidth=2.5 fillcolor="#fde7c8" label="y | data 0.999329 | grad –" tooltip="data {tanh}"]
	n5_op [id=n5_op class=operation {circle} label="tanh" tooltip="tanh"]
	n0 -> n3_op [id=n3_in0 class=operand tooltip="local derivative b = -3.0"]
	n1 -> n3_op [id=n3_in1 class=operand tooltip="local derivative a = 2.0"]
	n3 -> n4_op [id=n4_in0 class=operand tooltip="local derivative 1.0"]
	n2 -> n4_op [id=n4_in1 class=operand tooltip="local derivative 1.0"]
	n4 -> n5_op [id=n5_in0 class=operand tooltip="local derivative 1 - tanh(4)**2 = {partial}"]
	n3_op -> n3 [id=n3_out class=result tooltip="data -6.0"]
	n4_op -> n4 [id=n4_out class=result tooltip="data 4.0"]
	n5_op -> n5 [id=n5_out class=result tooltip="data {tanh}"]
}}
"""  # noqa: E501

TWICE = """\
	n0 [id=n0 class=input shape=Mrecord fillcolor="#dbeafe" label="a | data 3 | grad 2" tooltip="data 3.0, grad 2.0"]
	n1 [id=n1 class=output penwidth=2.5 fillcolor="#fde7c8" label="data 6 | grad 1" tooltip="data 6.0, grad 1.0"]
	n1_op [id=n1_op class=operation {circle} label="+" tooltip="+"]
	n0 -> n1_op [id=n1_in0 class=operand tooltip="local derivative 1.0"]
	n0 -> n1_op [id=n1_in1 class=operand tooltip="local derivative 1.0"]
	n1_op -> n1 [id=n1_out class=result tooltip="data 6.0, grad 1.0"]
}}
"""  # noqa: E501


def neuron():
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    y = tanh(a * b + c)
    y.label = "y"
    return y


def fields(diagram, name="n0"):
    """What the box of a value says."""
    (text,) = re.findall(rf'^\t{name} \[.*? label="(.*?)" tooltip', diagram.source, re.MULTILINE)
    return text.strip("{}").split(" | ")


def kinds(diagram):
    return re.findall(r'^\tn\d+ \[id=\S+ class=("[^"]*"|\w+)', diagram.source, re.MULTILINE)


# --- the text ------------------------------------------------------------------------------------


def test_text_of_a_neuron():
    y = neuron()
    text = TANH.format(circle=CIRCLE, tanh=repr(y.data), partial=repr(y.partials[0]))
    assert draw(y).source == HEAD + text


def test_a_repeated_operand_has_two_edges():
    a = Value(3.0, label="a")
    twice = a + a
    twice.backward()
    assert draw(twice).source == HEAD + TWICE.format(circle=CIRCLE)


def test_the_text_is_the_same_on_every_run():
    script = (
        "from autograd_engine import Value, dot\n"
        "from visualize import draw\n"
        "x = [Value(float(i)) for i in range(9)]\n"
        "y = dot(x, x[::-1]) * x[3]; z = y + x[0]; z.backward()\n"
        "print(ascii(draw([z, y], labels=locals(), parameters=x[2:5]).source))\n"
        "import nn\n"
        "from visualize import print_tree, to_latex, to_mermaid\n"
        "model = nn.MLP(2, [3, 1], seed=0)\n"
        "data = [([float(i), 1.0], float(i)) for i in range(20)]\n"
        "errors = [(model(x) - y) ** 2 for x, y in data]\n"
        "loss = sum(errors) + sum(p * p for p in model.parameters())\n"
        "for options in ({}, {'depth': 2}, {'group': 'layer', 'expand': 'layers.0.neurons.1'}):\n"
        "    print(ascii(draw(loss, max_nodes=9999, **options).source))\n"
        "    print(ascii(to_mermaid(loss, max_nodes=9999, **options)))\n"
        "print(to_latex(model([1.0, 2.0])))\n"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    ]
    assert len(texts[0]) > 50_000
    assert texts[0] == texts[1] == texts[2]


def test_the_same_computation_gives_the_same_text():
    assert draw(neuron()).source == draw(neuron()).source


def test_a_long_chain_is_drawn_without_recursion():
    x = Value(1.0)
    for _ in range(50_000):
        x = x + 1.0
    source = draw(x, group=None, max_nodes=10**6).source
    assert source.count("class=operation") == 50_000
    assert "n100000 [id=n100000 class=output" in source


# --- numbers -------------------------------------------------------------------------------------


def test_the_gradient_is_a_dash_before_backward_and_a_number_after():
    a, b = Value(0.0, label="a"), Value(3.0, label="b")
    product = a * b
    assert fields(draw(product)) == ["a", "data 0", "grad –"]
    product.backward()
    assert fields(draw(product), "n1") == ["b", "data 3", "grad 0"]
    assert fields(draw(product), "n2") == ["data 0", "grad 1"]


def test_a_gradient_of_another_result_is_shown():
    a = Value(2.0)
    (a * 3).backward()
    diagram = draw(a * 5)
    assert fields(diagram) == ["data 2", "grad 3"]
    assert fields(diagram, "n2") == ["data 10", "grad –"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e-7, "1e-07"),
        (1e-300, "1e-300"),
        (5e-324, "4.94066e-324"),
        (-0.0, "-0"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (1234567.0, "1.23457e+06"),
        (2.0, "2"),
        (1 / 3, "0.333333"),
    ],
)
def test_numbers_keep_their_significant_digits(number, text):
    x = Value(number, grad=number)
    assert fields(draw(x))[0] == f"data {text}"
    assert f"data {number!r}" in draw(x).source
    if number:
        assert fields(draw(x))[1] == f"grad {text}"


def test_digits():
    assert fields(draw(Value(1 / 3), digits=2))[0] == "data 0.33"
    assert fields(draw(Value(0.1), digits=17))[0] == "data 0.10000000000000001"


def test_local_derivatives_stand_on_the_edges_to_the_operation():
    a, b = Value(2.0), Value(-3.0)
    assert "label" not in re.search(r"n0 -> n2_op.*", draw(a * b).source)[0]
    source = draw(a * b, local_derivatives=True, digits=3).source
    assert ' label=" -3 "' in re.search(r"n0 -> n2_op.*", source)[0]
    assert ' label=" 2 "' in re.search(r"n1 -> n2_op.*", source)[0]
    assert "label" not in re.search(r"n2_op -> n2 .*", source)[0]


# --- kinds of values -----------------------------------------------------------------------------


def test_constants_are_plain_numbers():
    x = Value(2.0)
    y = 0.5 * x
    y.backward()
    diagram = draw(y)
    assert kinds(diagram) == ["input", "constant", "output"]
    assert fields(diagram, "n1") == ["0.5"]
    assert fields(draw(y, rankdir="TB"), "n1") == ["0.5"]


def test_parameters_inputs_and_results_differ():
    x, w, b = Value(1.0), Value(2.0), Value(3.0)
    y = x * w + b
    assert kinds(draw(y)) == ["input", "input", "input", "value", "output"]
    module = SimpleNamespace(parameters=lambda: [w, b])
    for given_as in ([w, b], (w, b), {w, b}, iter([w, b]), module):
        diagram = draw(y, parameters=given_as)
        assert kinds(diagram) == ["input", "parameter", "parameter", "value", "output"]
    styles = {re.sub(r".*class=\w+(.*?)label.*", r"\1", line) for line in diagram.body[:3]}
    assert len(styles) == 2


def test_only_leaves_are_parameters():
    y = Value(1.0) * 2
    assert kinds(draw(y + 1, parameters=[y])) == [
        "input",
        "constant",
        "value",
        "constant",
        "output",
    ]


def test_a_leaf_alone():
    x = Value(3.0, label="x")
    assert fields(draw(x)) == ["x", "data 3", "grad –"]
    assert kinds(draw(x)) == ['"input output"']
    assert kinds(draw(x, parameters=[x])) == ['"parameter output"']
    with no_grad():
        assert kinds(draw(x + 1)) == ['"input output"']


def test_several_results_share_their_graph():
    a = Value(2.0, label="a")
    low, high = a - 1, a + 1
    diagram = draw([low, high, low])
    assert kinds(diagram) == ["input", "constant", "output", "constant", "output"]
    low.backward()
    assert fields(draw((low, high)), "n4") == ["data 3", "grad 0"]


def test_equal_leaves_are_two_nodes():
    same = Value(1.0, label="x") * Value(1.0, label="x")
    assert kinds(draw(same)) == ["input", "input", "output"]
    assert "n0 -> n2_op" in draw(same).source
    assert "n1 -> n2_op" in draw(same).source


def test_operands_of_a_sequence():
    w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    source = draw(dot(w, x)).source
    assert re.findall(r"(n\d) -> n4_op \[id=(\S+)", source) == [
        (f"n{i}", f"n4_in{i}") for i in range(4)
    ]


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_directions(rankdir):
    diagram = draw(neuron(), rankdir=rankdir)
    assert f"rankdir={rankdir}" in diagram.source
    assert fields(diagram) == ["a", "data 2", "grad –"]
    assert drawn(diagram)["n0"] == ["a", "data 2", "grad –"]


# --- names ---------------------------------------------------------------------------------------


def test_labels_come_from_the_variables():
    a = Value(2.0)
    b = Value(3.0, label="bias")
    weights = [Value(4.0), Value(5.0)]
    layers = {"out": [Value(6.0)]}
    also_a = a
    n = 3
    y = a + b + dot(weights, [a, b]) + layers["out"][0]
    diagram = draw(y, labels=locals())
    labels = [fields(diagram, f"n{i}")[0] for i in range(5)]
    assert labels == ["a", "bias", "weights[0]", "weights[1]", "layers['out'][0]"]
    assert fields(diagram, f"n{len(kinds(diagram)) - 1}")[0] == "y"
    assert a.label == "", "drawing labels nothing"


def test_the_names_of_a_notebook_come_last():
    x = Value(1.0)
    assert fields(draw(x, labels={"_": x, "Out": {1: x}, "x": x}))[0] == "x"
    assert fields(draw(x, labels={"_": x, "_1": x}))[0] == "_"


def test_a_namespace_may_contain_itself():
    x = Value(1.0)
    namespace = {"items": [[x]]}
    namespace["me"] = namespace
    assert fields(draw(x, labels=namespace))[0] == "items[0][0]"


# --- what is refused -----------------------------------------------------------------------------


def test_more_than_max_nodes_are_refused():
    x = Value(1.0)
    for _ in range(10):
        x = x + 1
    with pytest.raises(ValueError, match=r"21 nodes.*max_nodes=21"):
        draw(x, max_nodes=20)
    assert len(kinds(draw(x, max_nodes=21))) == 21


@pytest.mark.parametrize("root", [3.0, None, "x", {"y": Value(1.0)}, [Value(1.0), 2.0]])
def test_what_is_no_value_is_refused(root):
    with pytest.raises(TypeError, match=r"takes a Value.*got .* of type \w+"):
        draw(root)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rankdir": "UP"}, ValueError, "LR, TB, RL, BT; got 'UP'"),
        ({"rankdir": "LR]; x"}, ValueError, "LR, TB, RL, BT"),
        ({"format": "docx"}, ValueError, "png, .*svg, .*got 'docx'"),
        ({"format": None}, ValueError, "svg, .*got None"),
        ({"digits": 0}, ValueError, "from 1 to 17, got 0"),
        ({"digits": 18}, ValueError, "from 1 to 17"),
        ({"digits": 6.0}, ValueError, "got 6.0"),
        ({"labels": [1]}, TypeError, "mapping from names"),
        ({"parameters": 3}, TypeError, "list of Values or a module, got 3"),
        ({"parameters": Value(1.0)}, TypeError, "list of Values or a module, got Value"),
        ({"parameters": [1.0]}, TypeError, "in it is 1.0"),
    ],
)
def test_bad_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        draw(Value(1.0), **options)


def test_no_results():
    with pytest.raises(ValueError, match="empty list"):
        draw([])


# --- labels once they are drawn ------------------------------------------------------------------


def drawn(diagram):
    """The lines of text in each group of the picture, by id."""
    tree = ElementTree.fromstring(render(diagram.source, "svg"))
    return {
        group.get("id"): ["".join(line.itertext()) for line in group.iter(f"{SVG}text")]
        for group in tree.iter(f"{SVG}g")
        if group.get("class", "") not in ("", "graph")
    }


def visible(label):
    """The label's words, as far as XML can hold them."""
    return re.sub("[^\n\r\t -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", label).split()


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20))
@example("<b>")
@example("<b>bold</b>")
@example('"] n9 [label="x')
@example("\\")
@example('\\"')
@example('\\\\" onload="')
@example(r"\N \G \L \T \H \E \l \r \n")
@example("{a|b}<p>")
@example("&lt;script&gt; &amp; &#60; &")
@example("]]><script>alert(1)</script><!--")
@example("two\nlines\r\n\n\n\nof\n\n\n")
@example("nul\x00bell\x07 \ud800 \uffff")
@example("🎉 العربية עברית \u202e数据 ∂x")
@example("%n %s ${x} //")
def test_a_label_is_drawn_as_it_is_and_injects_nothing(label):
    x = Value(1.0, label=label)
    texts = drawn(draw(x * x))  # whose local derivatives are the label, too
    assert texts.keys() == {"n0", "n1", "n1_op", "n1_in0", "n1_in1", "n1_out"}
    assert texts["n0"][-2:] == ["data 1", "grad –"]
    # Python's idea of white space is wider than XML's, so it is compared without any.
    assert "".join("".join(texts["n0"][:-2]).split()) == "".join(visible(label))


def test_labels_in_tooltips_are_read_twice_and_stay_what_they_look_like():
    x = Value(2.0, label='<b> & "\\N" &lt;')
    svg = ElementTree.fromstring(render(draw(x * x).source, "svg"))
    titles = {link.get("{http://www.w3.org/1999/xlink}title") for link in svg.iter(f"{SVG}a")}
    assert "local derivative ‹b› ＆ ″∖N″ ＆lt; = 2.0" in titles


def test_the_picture_bears_ids_classes_and_tooltips():
    a = Value(0.1, label="a")
    svg = render(draw(a * a).source, "svg").decode()
    assert '<g id="n0" class="node input">' in svg
    assert '<g id="n1_op" class="node operation">' in svg
    assert '<g id="n1_in1" class="edge operand">' in svg
    assert f'xlink:title="data {(a * a).data!r}"' in svg
    assert 'xlink:title="local derivative a = 0.1"' in svg


def test_an_operation_with_a_strange_name_is_drawn():
    from autograd_engine import primitive

    @primitive
    def halve(m, x):
        return x / 2, (0.5,)

    halve.name = '<b>\\N&lt;"'
    assert drawn(draw(halve(Value(1.0))))["n1_op"] == ['<b>\\N&lt;"']


# --- what is folded ------------------------------------------------------------------------------

FOLDED = """\
	n9 [id=n9 class=input shape=Mrecord fillcolor="#dbeafe" label="x1 | data 1 | grad –" tooltip="data 1.0"]
	n10 [id=n10 class=input shape=Mrecord fillcolor="#dbeafe" label="x2 | data 2 | grad –" tooltip="data 2.0"]
	subgraph cluster_g0 {
		id=g0 class="frame module" label="model" tooltip="g0: 8 operations" labelloc=t labeljust=l fontsize=11 style="filled,rounded" fillcolor="#f8fafc" color="#cbd5e1"
		g1 [id=g1 class=module shape=Mrecord penwidth=1.5 fillcolor="#ede9fe" color="#7c3aed" label="layers.0 | 2 dot, 2 +, 2 relu | 6 parameters | 2 values" tooltip="g1: 6 operations"]
		g4 [id=g4 class=module shape=Mrecord penwidth=1.5 fillcolor="#ede9fe" color="#7c3aed" label="layers.1 | dot, + | 3 parameters" tooltip="g4: 2 operations"]
		n18 [id=n18 class=output penwidth=2.5 fillcolor="#fde7c8" label="y | data 2 | grad –" tooltip="data 2.0"]
	}
	n9 -> g1 [id=n9_g1 class=operand tooltip="1 value, 2 local derivatives"]
	n10 -> g1 [id=n10_g1 class=operand tooltip="1 value, 2 local derivatives"]
	g1 -> g4 [id=g1_g4 class=operand label=" 2 " tooltip="2 values, 2 local derivatives"]
	g4 -> n18 [id=n18_out class=operand tooltip="1 value"]
}
"""  # noqa: E501


def network():
    model = nn.MLP(2, [2, 1], seed=0)
    model.set_parameters([0.5, 0.25, 0.0, -1.0, 0.5, 0.0, 2.0, 1.0, 0.0])
    y = model([Value(1.0, label="x1"), Value(2.0, label="x2")])
    y.label = "y"
    return y


def test_text_of_a_folded_network():
    source = draw(network(), depth=1).source
    assert source.split("\n", 4)[4] == FOLDED
    assert "label=\"expand='layers.0' opens a box, group=None all\"" in source


def test_the_picture_of_a_folded_network_bears_ids_and_classes():
    svg = render(draw(network(), depth=1).source, "svg").decode()
    assert '<g id="g0" class="cluster frame module">' in svg
    assert '<g id="g1" class="node module">' in svg
    assert '<g id="g1_g4" class="edge operand">' in svg


def test_what_boxes_say_can_be_chosen():
    y = neuron()
    assert fields(draw(y, show="data")) == ["data 2"]
    assert fields(draw(y, show=("label",))) == ["a"]
    assert fields(draw(y, show=["grad", "label"])) == ["a", "grad –"]
    assert fields(draw(y, show=())) == [""]


def test_to_dot_is_the_source():
    y = neuron()
    assert to_dot(y, theme="dark", legend=True) == draw(y, theme="dark", legend=True).source


# --- gradients that flow -------------------------------------------------------------------------


def flow(node):
    """Colour and width of the edges to an operation."""
    source = draw(node, gradient_flow=True, group=None).source
    style = r"-> n\d+_op \[id=n\d+_in(\d) .*?color=\"(.*?)\" penwidth=(.*?) "
    return [(colour, float(width)) for _, colour, width in re.findall(style, source)]


def test_the_gradient_colours_edges_and_the_local_derivative_widens_them():
    a, b = Value(2.0), Value(-3.0)
    product = a * b
    product.backward()
    blue, orange, grey = "#0072b2", "#d55e00", "#cbd5e1"
    assert flow(product) == [(orange, 3.88), (blue, 3.5)]
    dead = (Value(-1.0) * 1.0).relu()
    dead.backward()
    assert flow(dead)[-1] == (grey, 0.5)


@pytest.mark.parametrize("partial", [math.nan, math.inf, -math.inf, 1e308, 1e-300])
def test_extreme_derivatives_are_drawn(partial):
    a = Value(1.0, label="a")
    y = a * partial
    y.backward()
    source = draw(y, gradient_flow=True, local_derivatives=True).source
    assert f'label=" {partial:.6g} "' in source
    assert 0.5 <= flow(y)[0][1] <= 5.0
    assert render(source, "svg").startswith(b"<?xml")


def test_without_a_backward_pass_nothing_flows():
    assert flow(neuron()) == []
    assert "penwidth" in draw(neuron(), gradient_flow=True).source


def test_constants_receive_no_gradient():
    y = Value(2.0) * 3.0
    y.backward()
    assert len(flow(y)) == 1


# --- colours -------------------------------------------------------------------------------------


def test_styles_and_themes_change_colours_alone():
    y = network()
    y.backward()
    texts = [
        re.sub(r'"#\w+"|( fillcolor| color)=C', "C", draw(y, style=style, theme=theme).source)
        for style in ("plain", "lecture")
        for theme in ("light", "dark")
    ]
    assert (
        len(
            {
                draw(y, style=s, theme=t).source
                for s in ("plain", "lecture")
                for t in ("light", "dark")
            }
        )
        == 4
    )
    plain = [re.sub(r" ?(fill)?color=C", "", text) for text in texts]
    assert len(set(plain)) == 1


def test_the_style_of_the_lectures_has_red_parameters_and_blue_operations():
    x, w = Value(1.0), Value(2.0)
    source = draw(x * w, parameters=[w], style="lecture").source
    assert re.search(r'class=parameter .*fillcolor="#fecaca"', source)
    assert re.search(r'class=operation .*fillcolor="#93c5fd"', source)
    assert re.search(r'class=input .*fillcolor="#ffffff"', source)


def test_the_legend_explains_what_occurs():
    y = neuron()
    assert "legend" not in draw(y).source
    shown = re.findall(r"^\t\tlegend_(\w+) \[", draw(y, legend=True).source, re.MULTILINE)
    assert shown == ["input", "value", "output"]
    folded = draw(network(), depth=1, legend=True, gradient_flow=True).source
    shown = re.findall(r"^\t\tlegend_(\w+) \[", folded, re.MULTILINE)
    assert shown == ["input", "output", "module", "above", "below", "larger"]
    for rankdir in ("LR", "TB"):
        assert "legend_input" in drawn(draw(y, legend=True, rankdir=rankdir))


# --- before and after a step ---------------------------------------------------------------------


def step():
    w, x = Value(2.0, label="w"), Value(3.0, label="x")

    def loss():
        found = (w * x - 1.0) ** 2
        found.label = "loss"
        found.backward()
        return found

    first = loss()
    before = copy.deepcopy(first)
    w.data -= 0.01 * w.grad
    w.grad = x.grad = 0.0
    return first, before, loss()


def test_a_step_is_drawn_as_before_and_after():
    _, before, after = step()
    diagram = draw(before, after)
    assert fields(diagram) == ["w", "data 2 → 1.7", "grad 30 → 24.6"]
    assert fields(diagram, "n1") == ["x", "data 3", "grad 20 → 13.94"]
    assert fields(diagram, "n5") == ["loss", "data 25 → 16.81", "grad 1"]
    assert kinds(diagram) == [
        '"input lowered"',
        "input",
        '"value lowered"',
        "constant",
        '"value lowered"',
        '"output lowered"',
    ]
    assert "before → after" in diagram.source
    assert drawn(diagram)["n0"] == fields(diagram)


def test_what_is_folded_says_how_far_its_parameters_have_moved():
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    x = [Value(1.0), Value(2.0)]
    before = copy.deepcopy(model(x))
    for parameter in model.parameters()[:6]:
        parameter.data += 0.5
    rows = {box.title: box.rows for box in view(before, model(x), depth=1).boxes}
    assert ("", f"moved by {0.5 * 6**0.5:.6g}") in rows["layers.0"]
    assert not any("moved" in text for _, text in rows["layers.1"])


def test_a_recording_whose_leaves_have_moved_on_is_refused():
    first, _, after = step()
    with pytest.raises(ValueError, match=r"gone: take a copy before it, .*copy.deepcopy\(loss\)"):
        draw(first, after)


def test_another_computation_is_no_step():
    a = Value(1.0)
    for other in (a * 3.0, a + 2.0 + 2.0, a, Value(1.0) + Value(2.0)):
        if other.op != "+" or len(view(other, group=None).boxes) != 3:
            with pytest.raises(ValueError, match="computed in different ways, from 3 and"):
                draw(a + 2.0, other)
    with pytest.raises(TypeError, match="takes a Value"):
        draw(a, 3.0)


# --- names of modules, functions and operations --------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20))
@example('"] evil [label="x')
@example("\\N\\G")
@example("<b>&lt;")
@example("}} subgraph {")
@example("a\nb\r\x00")
def test_names_of_what_is_folded_inject_nothing(name):
    @named(name)
    def function(x):
        return x + x

    class Part(nn.Module):
        def __init__(self):
            self.parts = {name: nn.Neuron(1, None, seed=0)}

        def forward(self, x):
            return self.parts[name]([x])

    y = function(Part()(Value(1.0, label="x"))) + 1.0
    for depth in (0, 1, 2):
        diagram = draw(y, depth=depth, labels={name: y})
        groups = drawn(diagram)
        ids = {box.id for box in view(y, depth=depth).boxes}
        assert ids <= groups.keys()
        allowed = r"[nqgp]\d+(_op|_out|_in\d+|_[nqgp]\d+)?"
        assert all(re.fullmatch(allowed, found) for found in groups)


@pytest.mark.parametrize("options", [{"group": "model"}, {"depth": -1}, {"depth": 1.5}])
def test_bad_groupings_are_refused(options):
    with pytest.raises(ValueError, match=r"group is one of auto, None, neuron, layer|depth is how"):
        draw(Value(1.0), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"show": "op"}, "show is one of label, data, grad; got 'op'"),
        ({"style": "bright"}, "style is one of plain, lecture; got 'bright'"),
        ({"theme": "auto"}, "theme is one of light, dark; got 'auto'"),
    ],
)
def test_bad_appearances_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        draw(Value(1.0), **options)


def test_every_kind_of_picture_is_drawn_by_the_bundled_renderer():
    model = nn.MLP(3, [4, 2], "tanh", seed=0)
    out = model([0.5, -1.0, 2.0])
    loss = sum(x * x for x in out) + 0.1 * sum(p * p for p in model.parameters())
    loss.backward()
    for options in (
        {},
        {"group": "neuron", "gradient_flow": True, "legend": True},
        {"depth": 0, "theme": "dark"},
        {"group": None, "rankdir": "TB", "local_derivatives": True},
        {"depth": 3, "expand": "dot", "style": "lecture", "rankdir": "BT"},
        {"group": "layer", "show": "label", "rankdir": "RL"},
    ):
        assert drawn(draw(loss, **options))
