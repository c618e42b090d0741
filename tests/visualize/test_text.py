"""The tree for a terminal, and Mermaid."""

import html
import io
import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nn
from autograd_engine import Value, label, tanh
from visualize import print_tree, to_mermaid


def tree(root, **options):
    file = io.StringIO()
    print_tree(root, file=file, **options)
    return file.getvalue()


def neuron():
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    y = tanh(a * b + c)
    label(a=a, b=b, c=c, y=y)
    return y


# --- the tree ------------------------------------------------------------------------------------


def test_tree_of_a_neuron():
    y = neuron()
    assert tree(y) == (
        "y = tanh = 0.999329\n"
        "└─ + = 4\n"
        "   ├─ * = -6\n"
        "   │  ├─ a = 2\n"
        "   │  └─ b = -3\n"
        "   └─ c = 10\n"
    )
    y.backward()
    assert "a = 2  grad -0.004\n" in tree(y, digits=2)
    assert tree(y, show="label").splitlines()[:2] == ["y = tanh", "└─ +"]


def test_shared_nodes_are_shown_once():
    x = Value(1.0, label="x")
    doubled = x + x
    assert tree(doubled * doubled) == (
        "* = 4\n├─ n1: + = 2\n│  ├─ x = 1\n│  └─ x (above)\n└─ n1 (above)\n"
    )


def test_a_tree_of_2_to_the_40_paths_is_short():
    x = Value(1.0, label="x")
    for _ in range(40):
        x = x * x
    assert len(tree(x, group=None).splitlines()) == 81


def test_values_of_the_same_name_are_told_apart():
    a, b = Value(1.0, label="x"), Value(2.0, label="x")
    text = tree(a * b + a * a)
    assert "n0: x = 1" in text
    assert text.count("n0 (above)") == 2
    assert "─ x = 2" in text


def test_several_results():
    x = Value(1.0, label="x")
    assert tree([x + 1.0, x * 2.0]) == ("+ = 2\n├─ x = 1\n└─ 1\n* = 2\n├─ x (above)\n└─ 2\n")


def test_a_leaf_alone_and_extreme_numbers():
    assert tree(Value(math.nan)) == "nan\n"
    assert tree(Value(1e-300, label="x")) == "x = 1e-300\n"
    assert tree(Value(1.0) * math.inf) == "* = inf\n├─ 1\n└─ inf\n"


def test_a_network_is_folded():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    text = tree(model([1.0, 2.0]))
    assert "layers.1 [16 dot, 16 +, 16 relu, 272 parameters, 16 values]" in text
    assert text.endswith("(expand='layers.0' opens a box, group=None all)\n")
    assert "neurons.3" in tree(model([1.0, 2.0]), expand="layers.0")


def test_a_terminal_without_the_characters():
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    x = Value(1.0, label="数x")
    print_tree(x * x, file=file)
    file.flush()
    assert raw.getvalue().decode("ascii").splitlines() == ["* = 1", "+- ?x = 1", "+- ?x (above)"]


def test_it_prints_by_default(capsys):
    print_tree(Value(1.0, label="x"))
    assert capsys.readouterr().out == "x = 1\n"


# A name with a dot within it is a path: the module in it is said where it is folded.
NO_PATHS = st.text(max_size=20).map(lambda text: re.sub(r"\.(?=\S)", "", text))


@given(NO_PATHS)
@example("\x1b[31mred\x1b[0m")
@example("two\nlines\r\x85 ")
@example("\u202eevil\u2066")
@example("\ud800\x00\x9b31m")
@example("👩‍👧 العربية")
def test_labels_are_harmless_on_a_terminal(text):
    y = Value(1.0, label=text) * 2.0
    lines = tree(y).split("\n")
    assert len(lines) == 4
    assert lines[0] == "* = 2"
    for character in lines[1]:
        assert character.isprintable() or character == "\u200d"
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    kept = [c for c in text if c.isalnum()]
    assert [c for c in lines[1] if c.isalnum()][: len(kept)] == kept


# --- Mermaid -------------------------------------------------------------------------------------


def test_mermaid_of_a_neuron():
    y = neuron()
    assert to_mermaid(y, show=("label", "data"), local_derivatives=True, digits=3) == (
        "flowchart LR\n"
        '    n0("a<br/>data 2"):::input\n'
        '    n1("b<br/>data -3"):::input\n'
        '    n2("c<br/>data 10"):::input\n'
        '    n3["data -6"]:::value\n'
        '    n3_op(("#42;")):::operation\n'
        '    n4["data 4"]:::value\n'
        '    n4_op(("#43;")):::operation\n'
        '    n5["y<br/>data 0.999"]:::output\n'
        '    n5_op(("tanh")):::operation\n'
        '    n0 -->|"#45;3"| n3_op\n'
        '    n1 -->|"2"| n3_op\n'
        '    n3 -->|"1"| n4_op\n'
        '    n2 -->|"1"| n4_op\n'
        '    n4 -->|"0.00134"| n5_op\n'
        "    n3_op --> n3\n"
        "    n4_op --> n4\n"
        "    n5_op --> n5\n"
        "    classDef input fill:#dbeafe,stroke:#475569,color:#0f172a\n"
        "    classDef value fill:#ffffff,stroke:#475569,color:#0f172a\n"
        "    classDef output fill:#fde7c8,stroke:#475569,color:#0f172a,stroke-width:3px\n"
        "    classDef operation fill:#f1f5f9,stroke:#94a3b8,color:#0f172a\n"
    )


def test_frames_are_subgraphs():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    lines = to_mermaid(model([1.0, 2.0]), rankdir="TB", theme="dark").splitlines()
    assert lines[0] == "flowchart TB"
    assert '    subgraph g0["model"]' in lines
    assert lines.count("    end") == 1
    assert '    g1 -->|"16"| g18' in lines
    assert any(line.startswith("    classDef module fill:#3b2a6b") for line in lines)


@given(NO_PATHS)
@example('"]; click n0 "javascript:alert(1)"')
@example("%%{init: {'theme':'dark'}}%%")
@example("<script>alert(1)</script> &lt; #quot;")
@example("`**markdown**` $$x$$ fa:fa-ban")
@example("1. list")
@example("- list\n\\n end")
def test_labels_inject_nothing_into_mermaid(text):
    y = Value(1.0, label=text) * 2.0
    lines = to_mermaid(y, show="label").split("\n")
    assert len(lines) == 13
    (quoted,) = re.findall(r'^    n0\("([^"]*)"\):::input$', lines[1])
    assert not re.search(r"[<>&`$%{}:\\\"|*~;]", re.sub(r"#\d+;", "", quoted))
    assert not re.match(r"[-+*]|\d+\.(\s|$)", quoted), "a list in Markdown"
    # Mermaid writes a number sign for an ampersand: decoded, the label is what it was.
    decoded = html.unescape(re.sub(r"#(\d+);", r"&#\1;", quoted))
    assert [c for c in decoded if c.isalnum()] == [c for c in text if c.isalnum()]


def test_bad_options_are_refused():
    for options in ({"rankdir": "UP"}, {"style": "x"}, {"theme": "x"}, {"digits": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(options))} is"):
            to_mermaid(Value(1.0), **options)
    with pytest.raises(TypeError, match="takes a Value"):
        print_tree(1.0)
