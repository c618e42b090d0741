"""Which nodes belong together, and what is opened and folded in a picture."""

import random
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_engine import Value, dot, graph, label, log_softmax, named, softmax, tanh
from visualize import draw, units
from visualize.folding import fold, module_paths
from visualize.view import view


def values(count, name="x"):
    return [Value(float(i + 1), label=f"{name}{i}") for i in range(count)]


def groups_of(*roots):
    order = graph.nodes(*roots)
    leaves = [node for node in order if node.is_leaf and not node.is_constant]
    innermost = fold(order, module_paths(leaves), roots)
    groups = {group for inner in innermost.values() for group in inner.around}
    return sorted(groups, key=lambda group: int(group.id[1:]))


def outline(*roots):
    """The groups with their depth, indented."""
    return [f"{'  ' * g.depth}{g.name or 'model'} {len(g.nodes)}" for g in groups_of(*roots)]


def boxes(drawn, *kinds):
    return [box.title for box in drawn.boxes if not kinds or box.kind in kinds]


def edges(drawn):
    return [(edge.source, edge.target, edge.count) for edge in drawn.edges]


# --- modules -------------------------------------------------------------------------------------


def test_a_network_is_its_layers_and_they_are_their_neurons():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    assert outline(model(values(2))) == [
        "model 11",
        "  layers.0 9",
        "    layers.0.neurons.0 3",
        "    layers.0.neurons.1 3",
        "    layers.0.neurons.2 3",
        "  layers.1 2",
        "    layers.1.neurons.0 2",
    ]


def test_scalar_neurons_fold_as_dot_products_do():
    class Neuron(nn.Module):
        def __init__(self, count):
            self.w = [Value(0.5) for _ in range(count)]

        def forward(self, x):
            return sum(w * x for w, x in zip(self.w, x, strict=True)).tanh()

    class Pair(nn.Module):
        def __init__(self):
            self.left, self.right = Neuron(3), Neuron(3)

        def forward(self, x):
            return self.left(x) - self.right(x)

    found = [line for line in outline(Pair()(values(3))) if "sum" not in line]
    assert found == ["model 14", "  left 7", "  right 7"]


def test_each_call_of_a_model_is_a_group():
    model = nn.MLP(1, [2, 1], seed=0)
    first, second = model(values(1)), model(values(1, "z"))
    found = [line for line in outline(first * first + second) if "neurons" not in line]
    assert found == ["model 8", "  layers.0 6", "  layers.1 2"] * 2


def test_models_with_the_same_names_are_told_apart():
    left, right = nn.MLP(1, [2, 1], seed=0), nn.MLP(1, [2, 1], seed=1)
    drawn = view(right([left(values(1))]), depth=0)
    assert boxes(drawn, "module") == ["model", "model 2"]


def test_a_cell_called_again_is_a_group_each_time():
    class Recurrent(nn.Module):
        def __init__(self):
            self.cell = nn.Layer(3, 2, "tanh", seed=0)
            self.out = nn.Neuron(2, None, seed=1)

        def forward(self, xs):
            state = [0.0, 0.0]
            for x in xs:
                state = self.cell([x, *state])
            return self.out(state)

    found = [line for line in outline(Recurrent()(values(3))) if "neurons" not in line]
    assert found == ["model 20", "  cell 6", "  cell 6", "  cell 6", "  out 2"]


def test_what_lies_between_the_parts_of_a_model_is_its_own():
    class Attention(nn.Module):
        def __init__(self):
            self.query, self.key = nn.Layer(2, 2, None, seed=0), nn.Layer(2, 2, None, seed=1)
            self.out = nn.Layer(2, 2, None, seed=2)

        def forward(self, x):
            query, key = self.query(x), self.key(x)
            return self.out(softmax([dot(query, key), query[0] - key[1]]))

    a, b = Attention()(values(2))
    drawn = view(a + b, depth=1)
    assert [box.op for box in drawn.boxes if box.frame == "g0" and box.op] == [
        "dot",
        "-",
        "softmax[0]",
        "softmax[1]",
    ]
    assert boxes(drawn, "module") == ["query", "key", "out"]


def test_what_two_calls_share_belongs_to_the_one_it_lies_in():
    class Block(nn.Module):
        def __init__(self):
            self.one, self.two = nn.Neuron(1, None, seed=0), nn.Neuron(1, None, seed=1)

        def forward(self, x):
            halved = self.one([x]) * 0.5
            return self.two([halved]), halved

    class Net(nn.Module):
        def __init__(self):
            self.block, self.head = Block(), nn.Neuron(2, None, seed=2)

        def forward(self, x):
            y, halved = self.block(x)
            z, _ = self.block(halved)
            return self.head([y, z])

    found = [line for line in outline(Net()(Value(1.0))) if "one" not in line and "two" not in line]
    assert found == ["model 12", "  block 5", "  block 5", "  head 2"]


def test_a_model_begins_with_its_embeddings():
    class Net(nn.Module):
        def __init__(self):
            self.token, self.place = nn.Embedding(3, 2, seed=0), nn.Embedding(3, 2, seed=1)
            self.head = nn.Layer(2, 2, None, seed=2)

        def forward(self, token):
            vectors = zip(self.token(token), self.place(0), strict=True)
            return self.head([a + b for a, b in vectors])

    a, b = Net()(1)
    found = [line for line in outline(a * b) if "neurons" not in line]
    assert found == ["model 6", "  head 4"]


def test_a_loss_is_no_part_of_the_model():
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    out = model(values(2))
    loss = out * out + 0.1 * sum(p**2 for p in model.parameters())
    drawn = view(loss, depth=0, parameters=model)
    assert boxes(drawn, "module") == ["MLP"]
    assert boxes(drawn, "parameters") == ["MLP"]
    sources = {edge.target for edge in drawn.edges if edge.source.startswith("p")}
    assert sources == {"g0", "g6"}, "the parameters go to the model and to the penalty"


def test_a_model_given_as_parameters_needs_no_labels():
    line = nn.Neuron(2, "tanh", seed=0)
    for parameter in line.parameters():
        parameter.label = ""
    drawn = view(line(values(2)), depth=0, parameters=line)
    assert boxes(drawn, "module") == ["Neuron"]


def test_labels_of_ones_own_are_no_modules():
    a, b = Value(1.0, label="a"), Value(2.0, label="3.5")
    assert groups_of(a * b + tanh(a)) == []


def test_a_label_like_an_endless_path():
    x = Value(2.0, label="x")
    y = x * Value(3.0, label="a." * 3000 + "b") + 1.0
    assert draw(y).source
    assert draw(y, depth=0).source


# --- functions -----------------------------------------------------------------------------------


@named
def distance(x, y):
    return (x * x + y * y).sqrt()


@named("both")
def both(x, y):
    return distance(x, y) * distance(y, x)


def test_functions_fold_and_nest():
    x, y = values(2)
    assert outline(both(x, y) + 1.0) == ["both 9", "  distance 4", "  distance 4"]


def test_a_function_around_a_model_and_one_within():
    @named
    def squash(x):
        return x / (1.0 + abs(x))

    class Net(nn.Module):
        def __init__(self):
            self.one, self.two = nn.Neuron(1, None, seed=0), nn.Neuron(1, None, seed=1)

        def forward(self, x):
            return self.two([squash(self.one([x]))])

    @named
    def loss(model, x):
        return model(x) ** 2

    assert outline(loss(Net(), Value(1.0))) == [
        "loss 8",
        "  model 7",
        "    one 2",
        "    squash 3",
        "    two 2",
    ]


def test_what_a_function_was_given_is_outside_and_what_it_made_is_inside():
    x, y = values(2)
    drawn = view(distance(x, y) + 1.0, depth=0)
    assert boxes(drawn) == ["x0", "x1", "distance", "1", ""]
    drawn = view(distance(x, y) + 1.0, depth=1)
    assert {box.title for box in drawn.boxes if box.frame == "g0"} == {""}


# --- sums ----------------------------------------------------------------------------------------


def test_long_sums_and_products_fold_with_their_terms():
    xs = values(40)
    total = sum(xs[i] * xs[i + 1] for i in range(39))
    drawn = view(total * 2.0, depth=0)
    assert boxes(drawn, "chain") == ["sum of 39"]
    product = xs[0]
    for x in xs[1:]:
        product = product * x
    assert boxes(view(product + 1.0, depth=0), "chain") == ["product of 40"]
    assert boxes(view(xs[0] + xs[1] + xs[2]), "chain") == []


def test_a_labelled_part_of_a_sum_stays_visible():
    xs = values(8)
    half = xs[0] + xs[1] + xs[2] + xs[3]
    half.label = "half"
    drawn = view(half + xs[4] + xs[5] + xs[6] + xs[7] - 1.0, depth=0)
    assert boxes(drawn, "chain") == ["sum of 4", "sum of 5"]


# --- what is opened ------------------------------------------------------------------------------


@pytest.fixture
def loss():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    return (model(values(2)) - 1.0) ** 2


def test_a_network_is_a_dozen_boxes_that_can_be_opened_one_by_one(loss):
    drawn = view(loss)
    assert boxes(drawn) == ["x0", "x1", "layers.0", "layers.1", "layers.2", "1", "", ""]
    assert [frame.title for frame in drawn.frames] == ["model"]
    opened = view(loss, expand="layers.0")
    assert len(opened.boxes) == len(drawn.boxes) - 1 + 16
    assert [frame.title for frame in opened.frames] == ["model", "layers.0"]
    assert {b.id for b in drawn.boxes} - {b.id for b in opened.boxes} == {"g1"}
    further = view(loss, expand=["layers.0.neurons.3", "layers.2"])
    assert [f.title for f in further.frames] == ["model", "layers.0", "neurons.3", "layers.2"]
    assert [b.title for b in further.boxes if b.kind == "parameter"] == ["w[0]", "w[1]", "b"]


def test_edges_of_what_is_folded_count_values(loss):
    assert edges(view(loss))[:4] == [
        ("n337", "g1", 1),
        ("n338", "g1", 1),
        ("g1", "g18", 16),
        ("g18", "g35", 16),
    ]


def test_boxes_are_opened_by_id_by_name_and_by_a_value_in_them(loss):
    inside = next(node for node in graph.nodes(loss) if node.op == "relu")
    by_value = view(loss, expand=inside)
    assert by_value == view(loss, expand="layers.0.neurons.0") == view(loss, expand=["g2"])
    assert inside in [box.node for box in by_value.boxes]


@pytest.mark.parametrize(
    ("group", "expected"),
    [("neuron", 33), ("layer", 3), ("auto", 3), (None, 0)],
)
def test_groups_by_size(loss, group, expected):
    drawn = view(loss, group=group, max_nodes=10_000)
    assert len(boxes(drawn, "module")) == expected


def test_depth(loss):
    counts = [len(boxes(view(loss, depth=d, max_nodes=10_000), "module")) for d in range(5)]
    assert counts == [1, 3, 33, 0, 0]
    assert len(view(loss, depth=3, max_nodes=10_000).frames) == 1 + 3 + 33


def test_a_dot_unfolds_into_products_and_a_sum():
    x, w = values(2), [Value(3.0, label="w0"), Value(-4.0, label="w1")]
    y = dot(w, x) + 1.0
    y.backward()
    for expand in ("dot", "n4", graph.nodes(y)[4], ["dot"]):
        drawn = view(y, expand=expand)
        assert [(b.id, b.op, b.rows) for b in drawn.boxes if b.op] == [
            ("n4_t0", "*", (("data", "3"), ("grad", "1"))),
            ("n4_t1", "*", (("data", "-8"), ("grad", "1"))),
            ("n4", "+", (("data", "-5"), ("grad", "1"))),
            ("n6", "+", (("data", "-4"), ("grad", "1"))),
        ]
        found = {edge.id: (edge.source, edge.partials) for edge in drawn.edges}
        assert found["n4_t1_in0"] == ("n3", (2.0,))
        assert found["n4_t1_in1"] == ("n1", (-4.0,))
        assert found["n4_in1"] == ("n4_t1", (1.0,))
    assert [box.op for box in view(y).boxes if box.op] == ["dot", "+"]


def test_what_does_not_exist_is_not_opened(loss):
    with pytest.raises(ValueError, match=r"no box is called 'layer.0'; there are layers.0"):
        view(loss, expand="layer.0")
    with pytest.raises(ValueError, match="nothing is folded here"):
        view(Value(1.0), expand="model")
    with pytest.raises(ValueError, match="no box is called Value"):
        view(loss, expand=Value(1.0))
    for wrong in (3, [3], None):
        with pytest.raises(TypeError, match="expand takes names and Values"):
            view(loss, expand=wrong)


# --- what is alike -------------------------------------------------------------------------------


def test_a_batch_is_drawn_once():
    model = nn.MLP(2, [4, 1], seed=0)
    data = [([0.1 * i, 0.2 * i], float(i % 2)) for i in range(50)]
    loss = sum((model(x) - y) ** 2 for x, y in data) / len(data)
    drawn = view(loss)
    assert len(drawn.boxes) < 15
    assert [b.rows for b in drawn.boxes if b.kind == "parameters"] == [(("", "17 parameters"),)]
    assert [b.rows[-1] for b in drawn.boxes if b.kind == "module"] == [("", "× 50")]
    assert [b.rows for b in drawn.boxes if b.kind == "input"] == [
        (("", "× 100"),),
        (("", "× 50"),),
    ]
    assert "alike" in drawn.caption
    assert "alike" not in view(model([1.0, 2.0])).caption


def test_many_inputs_are_one_box():
    model = nn.MLP(64, [8, 2], seed=0)
    drawn = view(model(values(64))[0])
    assert boxes(drawn, "input") == ["x0 … x63"]
    assert edges(drawn)[0][2] == 64


# --- size ----------------------------------------------------------------------------------------


def test_a_large_network_is_a_small_picture():
    model = nn.MLP(784, [128, 10], seed=0)
    loss = -log_softmax(model([0.5] * 784))[3]
    drawn = view(loss)
    assert boxes(drawn, "module") == ["layers.0", "layers.1"]
    assert [box.rows[1][1] for box in drawn.boxes if box.kind == "module"] == [
        "100480 parameters",
        "1290 parameters",
    ]


def test_a_hundred_thousand_nodes_are_folded_or_refused_with_the_way_out():
    x = total = Value(1.0, label="x")
    for _ in range(50_000):
        total = total + 1.0
    assert boxes(view(total)) == ["x", "sum of 50001", ""]
    for _ in range(50_000):
        x = x.sin()
    with pytest.raises(ValueError, match=r"50001 nodes.*@named.*max_nodes=50001"):
        view(x)


def test_the_way_out_of_a_choice_of_ones_own(loss):
    with pytest.raises(ValueError, match=r"440 nodes, and .* leave group and depth out"):
        view(loss, group=None)
    with pytest.raises(ValueError, match=r"440 nodes, drawn as .* boxes"):
        view(loss, group="neuron", max_nodes=20)


# --- for all graphs ------------------------------------------------------------------------------


@st.composite
def networks(draw_from):
    """A graph with modules, functions, sums and shared values, by a seed."""
    rng = random.Random(draw_from(st.integers(0, 10**6)))
    model = nn.MLP(2, [rng.randint(1, 3), rng.randint(1, 2)], "tanh", seed=rng.randint(0, 9))
    pool = [*values(3), Value(0.5), *model.parameters()[:2]]
    for _ in range(rng.randint(1, 12)):
        x, y = rng.choice(pool), rng.choice(pool)
        made = rng.choice(
            [
                lambda x=x, y=y: x + y,
                lambda x=x, y=y: x * y,
                lambda x=x, y=y: x - 2.0,
                lambda x=x, y=y: distance(x, y),
                lambda x=x, y=y: both(x, y),
                lambda x=x, y=y: dot([x, y, x], [y, y, x]),
                lambda x=x, y=y: model([x, y]),
                lambda x=x, y=y: x + y + x + 1.0 + y * y,
            ]
        )()
        pool += made if isinstance(made, list) else [made]
    roots = [pool[-1]] if rng.random() < 0.7 else [pool[-1], rng.choice(pool)]
    if rng.random() < 0.8:
        roots[0].backward()
    return roots


@settings(max_examples=150)
@given(
    networks(),
    st.sampled_from(["auto", None, "neuron", "layer"]),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from([(), "dot"]),
    st.sampled_from([30, 3]),
)
def test_every_view_is_sound(roots, group, depth, expand, readable):
    with mock.patch.object(units, "_READABLE", readable):
        check_view(roots, group, depth, expand)


def check_view(roots, group, depth, expand):
    order = graph.nodes(*roots)
    if not any(node.op == "dot" for node in order):
        expand = ()
    drawn = view(roots, group=group, depth=depth, expand=expand, max_nodes=10_000)
    ids = [box.id for box in drawn.boxes]
    frames = {frame.id for frame in drawn.frames}
    names = [*ids, *(f"{i}_op" for i in ids), *frames, *(edge.id for edge in drawn.edges)]
    assert len(set(names)) == len(names)
    for edge in drawn.edges:
        assert edge.source in ids
        assert edge.target in ids
        assert edge.source != edge.target
    for box in drawn.boxes:
        assert box.frame == "" or box.frame in frames
        if box.node is not None:
            assert box.id == f"n{order.index(box.node)}", "ids do not depend on what is folded"
    results = {box.node for box in drawn.boxes if box.is_output}
    assert results == set(roots)
    # From the results everything is reached: nothing that is drawn is beside the point.
    reached = {box.id for box in drawn.boxes if box.is_output}
    grown = True
    while grown:
        more = {edge.source for edge in drawn.edges if edge.target in reached} - reached
        grown = bool(more)
        reached |= more
    assert reached == set(ids)
    assert view(roots, group=group, depth=depth, expand=expand, max_nodes=10_000) == drawn
    assert draw(roots, group=group, depth=depth, expand=expand, max_nodes=10_000).source


@settings(max_examples=30)
@given(networks())
def test_without_groups_each_node_is_a_box(roots):
    drawn = view(roots, group=None, max_nodes=10_000)
    order = graph.nodes(*roots)
    assert [box.node for box in drawn.boxes] == order
    assert len(drawn.edges) == sum(len(node.parents) for node in order)


@settings(max_examples=30)
@given(networks())
def test_gradients_that_come_back_through_the_edges_add_up(roots):
    root = roots[0]
    for leaf in graph.nodes(root):
        leaf.grad = 0.0
    root.backward()
    drawn = view(root, group=None, max_nodes=10_000)
    for box in drawn.boxes:
        if not box.is_output:
            flows = [edge.flow for edge in drawn.edges if edge.source == box.id]
            assert sum(flows) == pytest.approx(box.node.grad, rel=1e-9, abs=1e-12)


def test_labels_are_shown_in_the_frame_without_what_it_says():
    model = nn.MLP(2, [2, 1], seed=0)
    y = model(values(2))
    label(y=y)
    drawn = view(y, depth=3)
    assert "w[1]" in boxes(drawn)
    assert "layers.0.neurons.0.w[1]" in boxes(view(y, group=None))
