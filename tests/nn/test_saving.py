"""Model files: what is saved comes back, and what is no model is refused."""

import json
import math

import pytest

import nn
from autograd_engine import softmax, tanh


def trained(seed=0):
    model = nn.MLP(2, [3, 1], "tanh", seed=seed)
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    nn.fit(model, nn.data.boolean("xor"), optimizer=optimizer, epochs=5)
    return model, optimizer


@pytest.mark.parametrize(
    "model",
    [
        nn.MLP(2, [3, 2], "tanh", output="sigmoid", seed=0),
        nn.MLP(3, [1], output="softplus", seed=0),
        nn.Layer(2, 3, "relu", seed=0),
        nn.Neuron(2, None, seed=0),
        nn.Embedding(3, 2, seed=0),
        nn.RMSNorm(3),
        nn.Perceptron(2),
        nn.ThresholdUnit([1.0, 2.0], -0.5),
        nn.RMSNorm(3, gain=False),
        nn.Sequential(nn.Layer(2, 2, "tanh", seed=0), nn.Dropout(0.1), nn.MLP(2, [2, 1], seed=1)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_come_back(model, tmp_path):
    path = tmp_path / "model.json"
    nn.save(model, path)
    again = nn.load(path)
    assert repr(again) == repr(model) and again.state_dict() == model.state_dict()
    assert [p.label for p in again.parameters()] == [p.label for p in model.parameters()]


def test_training_goes_on_where_it_was(tmp_path):
    path = tmp_path / "model.json"
    model, optimizer = trained()
    nn.save(model, path, optimizer)
    again = nn.MLP(2, [3, 1], "tanh")
    other = nn.Adam(again.parameters())
    assert nn.load(path, into=again, optimizer=other) is again
    for m, o in ((model, optimizer), (again, other)):
        nn.fit(m, nn.data.boolean("xor"), optimizer=o, epochs=5)
    assert again.state_dict() == model.state_dict()


def test_numbers_without_end_survive(tmp_path):
    model = nn.Neuron(2, None)
    model.set_parameters([math.inf, -math.inf, 1e-310])
    nn.save(model, tmp_path / "m.json")
    assert nn.load(tmp_path / "m.json").state_dict() == model.state_dict()
    assert "Infinity" not in (tmp_path / "m.json").read_text()


def test_files_that_hold_no_model_are_refused_in_one_line(tmp_path):
    path = tmp_path / "model.json"
    model, optimizer = trained()
    nn.save(model, path, optimizer)
    content = json.loads(path.read_text())
    whole = path.read_text()
    before = model.state_dict()
    for text, message in [
        (whole[: len(whole) // 2], "is no model file, or is cut short"),
        ("", "is no model file, or is cut short"),
        ("[" * 100_000, "is no model file, or is cut short"),
        ("[1, 2]", "does not say format"),
        (json.dumps(content | {"format": "other"}), "does not say format"),
        (json.dumps(content | {"version": 2}), "was written by a newer version"),
        (json.dumps(content | {"version": "x"}), "its version is 'x'"),
        (json.dumps(content | {"version": True}), "its version is True"),
        (
            json.dumps(content | {"architecture": {"class": "Layer", "nin": 9999, "nout": 9999}}),
            "describes more parameters than the 13",
        ),
        (json.dumps(content | {"architecture": {"class": "os.system"}}), "no module 'os.system'"),
        (json.dumps(content | {"architecture": {"class": "MLP", "nin": 2}}), "does not fit"),
        (json.dumps(content | {"architecture": 3}), "is no description of a module"),
        (json.dumps(content | {"parameters": {"w": 1.0}}), "does not fit"),
        (json.dumps(content | {"parameters": None}), "does not fit"),
        (json.dumps({k: v for k, v in content.items() if k != "parameters"}), "does not fit"),
    ]:
        path.write_text(text)
        with pytest.raises(nn.ModelFileError, match=message) as caught:
            nn.load(path)
        assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(nn.ModelFileError, match="no JSON"):
        nn.load(path)
    nn.save(nn.MLP(3, [1]), path)
    with pytest.raises(nn.ModelFileError, match="does not fit"):
        nn.load(path, into=model)
    other = nn.MLP(3, [1])
    with pytest.raises(nn.ModelFileError, match="holds no state of an optimizer"):
        nn.load(path, into=other, optimizer=nn.Adam(other.parameters()))
    with pytest.raises(ValueError, match="needs into="):
        nn.load(path, optimizer=nn.Adam(other.parameters()))
    assert model.state_dict() == before
    with pytest.raises(OSError, match="No such file"):
        nn.load(tmp_path / "missing.json")


def test_classes_of_one_s_own_are_refused_with_the_way_out(tmp_path):
    class Mine(nn.Module):
        def __init__(self):
            self.inner = nn.Neuron(1)

    path = tmp_path / "m.json"
    with pytest.raises(TypeError, match=r"Mine is not a class of nn.*state_dict\(\)"):
        nn.save(Mine(), path)
    with pytest.raises(TypeError, match="its name cannot be saved"):
        nn.save(nn.Neuron(1, lambda z: tanh(z)), path)
    assert not path.exists()


def test_an_old_file_is_replaced_at_the_end(tmp_path):
    path = tmp_path / "m.json"
    nn.save(nn.Neuron(1, seed=0), path)
    old = path.read_text()
    with pytest.raises(TypeError):
        nn.save(nn.Sequential(nn.Neuron(1), print), path)
    assert path.read_text() == old and [p.name for p in tmp_path.iterdir()] == ["m.json"]


def test_loading_into_a_model_is_all_or_nothing(tmp_path):
    path = tmp_path / "m.json"
    model, _ = trained()
    nn.save(model, path, nn.SGD(model.parameters(), lr=0.1))
    into = nn.MLP(2, [3, 1], "tanh", seed=5)
    before = into.state_dict()
    with pytest.raises(nn.ModelFileError, match="does not fit"):
        nn.load(path, into=into, optimizer=nn.Adam(into.parameters()))
    assert into.state_dict() == before
    with pytest.raises(nn.ModelFileError, match="another architecture"):
        nn.load(path, into=nn.MLP(2, [3, 1], "relu"))


def test_a_loaded_model_is_for_use(tmp_path):
    nn.save(nn.Sequential(nn.Layer(2, 4, seed=0), nn.Dropout(0.5)), tmp_path / "m.json")
    model = nn.load(tmp_path / "m.json")
    assert [v.data for v in model([1.0, 2.0])] == [v.data for v in model([1.0, 2.0])]
    layer = nn.Layer(2, 2)
    with pytest.raises(TypeError, match="holds a layer twice"):
        nn.save(nn.Sequential(layer, layer), tmp_path / "m.json")


def test_a_softmax_at_the_end_comes_back(tmp_path):
    model = nn.Sequential(nn.Layer(2, 3, None, seed=0), softmax)
    nn.save(model, tmp_path / "m.json")
    again = nn.load(tmp_path / "m.json")
    assert [v.data for v in again([1.0, 2.0])] == [v.data for v in model([1.0, 2.0])]
