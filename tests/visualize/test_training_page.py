"""The page of a training: its data, and what a browser makes of it."""

import base64
import json
import math
import re
from itertools import pairwise

import pytest

import nn
from visualize import training_page


@pytest.fixture(scope="module")
def moons():
    model = nn.MLP(2, [6, 1], "tanh", seed=0)
    data = nn.data.moons(40, seed=0)
    return nn.fit(
        model,
        data,
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.Adam(model.parameters(), 0.1),
        epochs=20,
        record=True,
        validation=data,
    )


def data_of(shown):
    return json.loads(re.search(r'id="data">(.*?)</script>', shown.html, re.DOTALL)[1])


def test_a_history_keeps_the_parameters_if_told(moons):
    record = moons.record
    assert len(record.parameters) == 21
    assert record.parameters[-1] == [p.data for p in record.model.parameters()]
    assert record.parameters[0] == [p.data for p in nn.MLP(2, [6, 1], "tanh", seed=0).parameters()]
    assert nn.fit(nn.MLP(2, [1]), nn.data.boolean("or"), epochs=1).record is None


def test_the_plane_is_what_the_model_says(moons):
    before = [p.data for p in moons.record.model.parameters()]
    view = data_of(training_page(moons))["plane"]
    assert [p.data for p in moons.record.model.parameters()] == before
    assert len(view["frames"]) == 21
    cells = base64.b64decode(view["frames"][-1])
    side = view["side"]
    for row, column in ((0, 0), (5, 30), (20, 20), (side - 1, side - 1)):
        x = view["x"][0] + (view["x"][1] - view["x"][0]) * column / (side - 1)
        y = view["y"][1] - (view["y"][1] - view["y"][0]) * row / (side - 1)
        p = 1 / (1 + math.exp(-moons.record.model([x, y]).data))
        cell = cells[row * side + column]
        assert cell >> 5 == int(p > 0.5)
        assert (cell & 31) / 31 == pytest.approx(abs(2 * p - 1), abs=0.02)


def test_the_weights_and_losses_of_each_epoch(moons):
    data = data_of(training_page(moons))
    view, record = data["network"], moons.record
    assert [column["size"] for column in view["columns"]] == [2, 6, 1]
    layer, to, origin = view["weights"][7]
    weight = record.model.layers[layer].neurons[to].w[origin]
    place = record.model.parameters().index(weight)
    for frame, parameters in zip(view["frames"], record.parameters, strict=True):
        assert frame[7] == pytest.approx(parameters[place], rel=1e-3)
    assert [row["loss"] for row in data["rows"]] == moons["loss"]


def test_one_input_is_a_curve_and_wide_layers_are_abridged():
    model = nn.MLP(1, [12, 1], "tanh", seed=0)
    history = nn.fit(model, nn.data.quadratic(), epochs=100, record=True)
    data = data_of(training_page(history))
    assert len(data["frames"]) == 60 and data["frames"][-1]["epoch"] == 100
    low, high = data["curve"]["x"]
    heights = data["curve"]["frames"][-1]
    assert heights[0] == pytest.approx(model([low]).data, rel=1e-3)
    assert heights[60] == pytest.approx(model([(low + high) / 2]).data, rel=1e-3, abs=1e-4)
    assert data["network"]["columns"][1] == {"size": 12, "shown": 10}


def test_several_classes():
    data = [([0.0, 0.0], 0), ([1.0, 0.0], 1), ([0.0, 1.0], 2)]
    model = nn.MLP(2, [3], seed=0)
    adam = nn.Adam(model.parameters(), 0.3)
    history = nn.fit(model, data, loss="cross_entropy", optimizer=adam, epochs=60, record=True)
    view = data_of(training_page(history))["plane"]
    assert {cell >> 5 for cell in base64.b64decode(view["frames"][-1])} == {0, 1, 2}


def cells_of(shown):
    """The class at each corner of the plane: top left and right, bottom left and right."""
    view = data_of(shown)["plane"]
    cells, side = base64.b64decode(view["frames"][-1]), view["side"]
    return [cells[i] >> 5 for i in (0, side - 1, side * (side - 1), side * side - 1)]


def test_targets_that_a_model_was_to_meet_are_not_logits():
    # The sum of both inputs, halved: 1/2 is between 0 and 1, and nothing is below 0.
    data = [([0.0, 0.0], 0.0), ([1.0, 0.0], 0.5), ([0.0, 1.0], 0.5), ([1.0, 1.0], 1.0)]
    model = nn.MLP(2, [1], initialiser="zeros")
    sgd = nn.SGD(model.parameters(), 0.5)
    shown = training_page(nn.fit(model, data, loss="mse", optimizer=sgd, epochs=200, record=True))
    assert cells_of(shown)[1:3] == [1, 0]
    assert [k for *_, k in data_of(shown)["plane"]["points"]] == [0, 0, 0, 1]


def test_targets_of_one_class_each():
    data = [([0.0, 0.0], [1.0, 0.0, 0.0]), ([1.0, 0.0], [0.0, 1.0, 0.0]), ([0.0, 1.0], [0, 0, 1])]
    history = nn.fit(nn.MLP(2, [3], seed=0), data, epochs=1, record=True)
    assert [k for *_, k in data_of(training_page(history))["plane"]["points"]] == [0, 1, 2]


def test_a_training_that_went_wrong_is_shown(opened):
    model = nn.MLP(2, [6, 1], "relu", seed=0)
    sgd = nn.SGD(model.parameters(), 50.0)
    data = nn.data.moons(40, seed=0)
    history = nn.fit(model, data, loss="mse", optimizer=sgd, epochs=10, record=True)
    assert history["loss"][-1] > 1e30
    tab = opened(training_page(history))
    heights = [float(place.partition(",")[2]) for place in points_of(tab.locator(".loss"))]
    assert heights == sorted(heights, reverse=True)
    # By decades: each epoch is a step of its own, where all but the last would be at the bottom.
    assert max(a - b for a, b in pairwise(heights)) < 60
    assert tab.locator("#losses text").nth(1).text_content().count("e+") == 1


def points_of(line):
    return line.get_attribute("points").split()


def test_a_single_epoch_is_a_point(opened):
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    history = nn.fit(model, nn.data.boolean("or"), epochs=1, record=True)
    tab = opened(training_page(history))
    assert tab.locator("circle.loss").count() == 1
    assert tab.locator(".cursor").get_attribute("visibility") == "hidden"
    tab.click("#last")
    assert tab.locator(".cursor").get_attribute("visibility") == "visible"


def test_functions_between_layers_have_no_weights():
    model = nn.Sequential(nn.Layer(2, 3, seed=0), nn.Dropout(0.5), nn.Neuron(3, seed=0))
    history = nn.fit(model, nn.data.boolean("or"), epochs=1, record=True)
    columns = data_of(training_page(history))["network"]["columns"]
    assert [column["size"] for column in columns] == [2, 3, 1]


def test_more_inputs_are_not_drawn():
    model = nn.MLP(3, [2], seed=0)
    history = nn.fit(model, [([1.0, 2.0, 3.0], [0.0, 1.0])], epochs=2, record=True)
    data = data_of(training_page(history))
    assert "plane" not in data and "curve" not in data and "network" in data


def test_wrong_arguments_are_told(moons, tmp_path):
    history = nn.fit(nn.MLP(2, [1]), nn.data.boolean("or"), epochs=1)
    with pytest.raises(TypeError, match=r"training_page takes what nn\.fit returned, got 3"):
        training_page(3)
    with pytest.raises(ValueError, match=r"no record.*record=True"):
        training_page(history)
    with pytest.raises(ValueError, match=r"ends in \.html"):
        training_page(moons, tmp_path / "training.png")


def test_a_slider_moves_all_panels(opened, moons):
    tab = opened(training_page(moons, title="<moons>"), "#frame=3")
    assert tab.inner_text("h1") == "<moons>"
    assert tab.inner_text("#now").startswith("epoch 3: loss ")

    def widths():
        lines = tab.locator("#network line")
        return [lines.nth(i).get_attribute("stroke-width") for i in range(lines.count())]

    before, cursor = widths(), tab.locator(".cursor").get_attribute("x1")
    image = tab.evaluate("document.getElementById('canvas').toDataURL()")
    tab.locator("#slider").fill("20")
    assert tab.url.endswith("#frame=20") and tab.is_disabled("#next")
    assert widths() != before and len(before) == 2 * 6 + 6
    assert tab.locator(".cursor").get_attribute("x1") != cursor
    assert tab.evaluate("document.getElementById('canvas').toDataURL()") != image
    tab.locator("h1").click()
    tab.keyboard.press("Home")
    assert tab.inner_text("#now") == "before training"
    assert tab.locator("#plane circle").count() == 40


def test_play_ends_at_the_last_epoch(opened, moons):
    tab = opened(training_page(moons), reduced_motion="no-preference")
    tab.clock.install(time=0)
    tab.clock.pause_at(1000)
    tab.click("#play")
    tab.clock.run_for(400)
    assert tab.inner_text("#now").startswith("epoch 2:")
    tab.clock.run_for(20_000)
    assert tab.inner_text("#now").startswith("epoch 20:")
    assert tab.inner_text("#play") == "Play"
