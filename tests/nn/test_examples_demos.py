"""moons, spirals, vanishing, universal and names: the lectures' figures, and that they run."""

import builtins
import importlib.util
import io
import math
import random
import statistics
import sys
from pathlib import Path

import pytest

import nn
from autograd_engine import no_grad
from nn.examples import __main__ as command
from nn.examples import moons, names, spirals, universal, vanishing

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib"
)


# --- moons and spirals ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_moons_by_a_network_of_two_layers(seed):
    model, history = moons.train((8, 1), seed)
    assert len(model.parameters()) == 33
    assert history["val_accuracy"][-1] >= 0.96


@pytest.mark.parametrize("seed", range(3))
def test_moons_are_not_for_a_straight_line(seed):
    assert moons.train((1,), seed)[1]["val_accuracy"][-1] <= 0.9175


def test_fresh_points_are_other_points():
    for example in (moons, spirals):
        data, fresh = example.points(0)
        assert not {tuple(x) for x, _ in data} & {tuple(x) for x, _ in fresh}


def test_spirals_by_a_deeper_network():
    model, _ = spirals.train(seed=0)
    fresh = spirals.points(0)[1]
    with no_grad():
        right = nn.metrics.accuracy([model(x) for x, _ in fresh], [y for _, y in fresh])
    assert right >= 0.95


# --- vanishing gradients -------------------------------------------------------------------------


def test_chain_of_three_sigmoids():
    output, gradients = vanishing.chain_gradients([1.0, 1.0, 1.0])
    assert output == pytest.approx(0.6626302265192633, rel=1e-14)
    assert gradients == pytest.approx(
        [0.0096415845415095515, 0.0358501285982466, 0.1509055906580287], rel=1e-14
    )
    assert vanishing.chain_bound([1.0, 1.0, 1.0]) == 0.015625


@pytest.mark.parametrize(
    ("activation", "depth", "expected", "digits"),
    [
        ("sigmoid", 10, 2.7847671758e-7, 1e-10),
        ("sigmoid", 20, 9.139e-14, 1e-4),
        ("tanh", 20, 0.01611, 1e-3),
        ("relu", 10, 1.0, 0.0),
        ("relu", 200, 1.0, 0.0),
    ],
)
def test_chains_of_ones(activation, depth, expected, digits):
    _, gradients = vanishing.chain_gradients([1.0] * depth, activation=activation)
    assert gradients[0] == pytest.approx(expected, rel=digits)


def test_chain_of_linear_units_explodes():
    assert vanishing.chain_gradients([2.0] * 20, activation=None)[1][0] == 524288.0


def test_chain_bound_holds_for_weights_and_inputs_of_any_sign():
    rng = random.Random(0)
    for _ in range(200):
        weights = [rng.uniform(-3.0, 3.0) for _ in range(rng.randrange(1, 12))]
        x = rng.uniform(-2.0, 2.0)
        _, gradients = vanishing.chain_gradients(weights, x)
        assert abs(gradients[0]) <= vanishing.chain_bound(weights, x) * (1.0 + 1e-12)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("sigmoid, U(-1, 1)", 2.3e3, 6.3e4),
        ("sigmoid, Xavier", 1e4, 9.3e5),
        ("tanh, Xavier", 0.23, 5.3),
        ("ReLU, He", 0.18, 15.0),
    ],
)
def test_gradients_of_the_last_layer_to_those_of_the_first(name, least, most):
    ((activation, initialiser),) = [start[1:] for start in vanishing.STARTS if start[0] == name]
    data = nn.data.moons(20, seed=0)
    ratios = []
    for seed in range(20):
        model = vanishing.deep_network(activation, initialiser, seed)
        sizes = vanishing.gradient_rms_per_layer(model, data)
        ratios.append(sizes[-1] / sizes[0])
    assert least <= statistics.median(ratios) <= most


def test_weights_of_a_hundredth_leave_no_gradient():
    data = nn.data.moons(20, seed=0)
    for seed in range(5):
        model = vanishing.deep_network("tanh", "normal(0.01)", seed)
        sizes = vanishing.gradient_rms_per_layer(model, data)
        assert all(1e-16 < size < 1e-12 for size in sizes)
        assert all(parameter.grad == 0.0 for parameter in model.parameters())


def _equal_network(output_weights):
    model = nn.MLP(2, [3, 1], "tanh", initialiser="zeros")
    model.set_parameters([0.5, 0.5, 0.1] * 3 + output_weights + [0.1])
    history = nn.fit(
        model,
        nn.data.boolean("xor"),
        loss="binary_cross_entropy_with_logits",
        optimizer=nn.SGD(model.parameters(), lr=1.0),
        epochs=200,
    )
    return model, history


def test_equal_neurons_stay_equal():
    model, history = _equal_network([0.5, 0.5, 0.5])
    assert vanishing.same_rows(model)
    first = [parameter.data for parameter in model.layers[0].neurons[0].parameters()]
    assert first == pytest.approx([2.430294, 2.430294, -0.195663], abs=5e-7)
    assert history["loss"][-1] == pytest.approx(0.4991, abs=5e-5)


def test_other_output_weights_separate_equal_neurons():
    assert not vanishing.same_rows(_equal_network([0.4, 0.5, -0.6])[0])


# --- sums of ReLUs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "expected"), [(4, 0.2105), (8, 0.0704), (16, 0.01885), (32, 0.004792), (64, 0.001202)]
)
def test_error_of_the_sine(n, expected):
    network = universal.relu_interpolant(math.sin, 0.0, math.tau, n)
    error = universal.max_error(network, math.sin, 0.0, math.tau)
    assert error == pytest.approx(expected, rel=1e-3)
    assert error <= (math.tau / n) ** 2 / 8


@pytest.mark.parametrize(("n", "expected"), [(4, 0.25), (8, 0.0625), (16, 0.015625)])
def test_error_of_the_square(n, expected):
    network = universal.relu_interpolant(lambda x: x * x, -2.0, 2.0, n)
    assert universal.max_error(network, lambda x: x * x, -2.0, 2.0) == pytest.approx(expected)


@pytest.mark.parametrize("f", [math.cos, math.exp, lambda x: 7.0, lambda x: x**3 - x])
def test_the_interpolant_is_exact_at_its_knots(f):
    network = universal.relu_interpolant(f, -1.5, 2.0, 10)
    for i in range(11):
        x = -1.5 + 3.5 * i / 10
        assert network([x]).data == pytest.approx(f(x), abs=1e-12)


def test_an_empty_interval_is_refused():
    with pytest.raises(ValueError, match="a < b"):
        universal.relu_interpolant(math.sin, 1.0, 1.0, 4)


@pytest.mark.parametrize("depth", range(1, 7))
def test_the_tent_folds(depth):
    network = universal.tent_network(depth)
    assert universal.count_pieces(network, 0.0, 1.0) == 2**depth

    x, expected = 0.3, 0.3
    for _ in range(depth):
        expected = min(2.0 * expected, 2.0 - 2.0 * expected)
    assert network([x]).data == pytest.approx(expected, abs=1e-12)


def test_pieces_of_other_networks():
    sine = universal.relu_interpolant(math.sin, 0.0, math.tau, 7)
    assert universal.count_pieces(sine, 0.0, math.tau) == 7
    assert universal.count_pieces(nn.MLP(1, [1], seed=0), -5.0, 5.0) == 1
    # Kinks that do not bend the sum are none.
    straight = universal.relu_interpolant(lambda x: 2.0 * x, 0.0, 1.0, 8)
    assert universal.count_pieces(straight, 0.0, 1.0) == 1


# --- names ---------------------------------------------------------------------------------------

NAMES = ["anna", "hanna", "nan", "noah", "ana", "han", "hana", "ann", "nana", "oona"] * 3


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    return path


def _small(initialiser="normal(0.3)"):
    alphabet = names.Alphabet.of(NAMES)
    model = names.NamesGPT(
        len(alphabet), context=6, width=4, heads=2, initialiser=initialiser, seed=1
    )
    return alphabet, model, [alphabet.encode(name) for name in NAMES]


def test_the_file_is_read_as_text(tmp_path):
    path = tmp_path / "some.txt"
    path.write_bytes("\ufeffZoë\r\n\r\n  Ana Li \r\nZoë".encode())
    assert names.read_names(path) == ["Zoë", "Ana Li", "Zoë"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no names"),
        (b" \n\n", "has no names"),
        (b"ada\xff\n", "no text in UTF-8: byte 3"),
        (b"ada\nb\x00\n", r"line 2: '\\x00'"),
    ],
)
def test_what_is_no_list_of_names_is_refused(tmp_path, capsys, content, message):
    path = tmp_path / "wrong.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        names.read_names(path)
    assert command.main(["names", str(path)]) == 2
    assert "wrong.txt" in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert command.main(["names", str(tmp_path / "missing.txt")]) == 2
    assert "missing.txt" in capsys.readouterr().err


def test_tokens_and_back():
    alphabet = names.Alphabet.of(NAMES)
    assert alphabet.characters == "ahno"
    for name in NAMES:
        tokens = alphabet.encode(name)
        assert (tokens[0], tokens[-1]) == (0, 0)
        assert alphabet.decode(tokens[1:-1]) == name


def test_an_untrained_model_guesses():
    alphabet, model, encoded = _small("normal(0.001)")
    assert names.loss_of(model, encoded).data == pytest.approx(math.log(len(alphabet)), abs=1e-4)


def test_gradients_are_those_of_differences():
    _, model, encoded = _small()
    batch = encoded[:3]
    loss = names.loss_of(model, batch)
    loss.backward()
    for label, parameter in model.named_parameters()[::17]:
        start, step = parameter.data, 1e-5
        around = []
        for there in (start - step, start + step):
            parameter.data = there
            around.append(names.loss_of(model, batch).data)
        parameter.data = start
        difference = (around[1] - around[0]) / (2.0 * step)
        assert parameter.grad == pytest.approx(difference, rel=1e-5, abs=1e-8), label


def test_later_tokens_have_no_influence():
    _, model, _ = _small()
    tokens = [0, 1, 3, 2, 4]
    before = [[logit.data for logit in row] for row in model(tokens)]
    for t in range(len(tokens)):
        changed = tokens[: t + 1] + [(token + 1) % 5 for token in tokens[t + 1 :]]
        after = [[logit.data for logit in row] for row in model(changed)]
        assert after[: t + 1] == before[: t + 1]
        assert [[x.data for x in row] for row in model(tokens[: t + 1])] == before[: t + 1]
    # Earlier ones have.
    other = [[logit.data for logit in row] for row in model([0, 2, 3, 2, 4])]
    assert other[0] == before[0]
    assert all(other[t] != before[t] for t in range(1, 5))


def test_order_matters():
    _, model, _ = _small()
    last = [[x.data for x in model(tokens)[-1]] for tokens in ([0, 1, 2, 3], [0, 2, 1, 3])]
    assert last[0] != last[1]


def test_training_lowers_the_loss():
    alphabet, model, encoded = _small("normal(0.08)")
    before = names.loss_of(model, encoded).data
    history = names.train(model, encoded, steps=60, every=25)
    assert history["step"] == [25, 50, 60]
    assert history["lr"][0] > history["lr"][-1] > 0.0
    after = names.loss_of(model, encoded).data
    assert after < 0.75 * before
    assert after < 0.75 * math.log(len(alphabet))


def test_samples():
    alphabet, model, _ = _small()
    drawn = [names.sample(model, alphabet, random.Random(seed), 1.0) for seed in range(20)]
    again = [names.sample(model, alphabet, random.Random(seed), 1.0) for seed in range(20)]
    assert drawn == again
    assert len(set(drawn)) > 5
    assert all(set(name) <= set(alphabet.characters) and len(name) <= 6 for name in drawn)
    # Near 0, only what is most probable is drawn.
    assert len({names.sample(model, alphabet, random.Random(s), 1e-3) for s in range(10)}) == 1
    with pytest.raises(ValueError, match="temperature"):
        names.sample(model, alphabet, random.Random(0), 0.0)


def test_what_the_model_does_not_take():
    with pytest.raises(ValueError, match="heads"):
        names.NamesGPT(5, width=6, heads=4)
    _, model, _ = _small()
    for tokens in ([], [0] * 7):
        with pytest.raises(ValueError, match="1 to 6 tokens"):
            model(tokens)


def test_names_as_long_as_there_is_room(tmp_path, capsys):
    path = tmp_path / "long.txt"
    path.write_text("a" * 40 + "\nb\n")
    names.run(str(tmp_path / "x.png"), file=path, steps=1)
    assert "the first 16 characters" in capsys.readouterr().out


SHARED = Path(__file__).parents[3] / "shared" / "data" / "names.txt"


@pytest.mark.skipif(not SHARED.exists(), reason="needs a long list of names")
def test_a_long_list_of_names():
    given = names.read_names(SHARED)
    alphabet = names.Alphabet.of(given)
    assert (len(alphabet), max(map(len, given))) == (27, 15)
    model = names.NamesGPT(len(alphabet))
    loss = names.loss_of(model, [alphabet.encode(name) for name in given[:10]])
    assert loss.data == pytest.approx(math.log(27), abs=0.15)


# --- running -------------------------------------------------------------------------------------


@needs_matplotlib
@pytest.mark.parametrize("example", ["moons", "spirals", "vanishing", "universal", "names"])
def test_each_prints_a_table_and_saves_a_picture(example, tmp_path, capsys, file):
    options = {
        "moons": {},
        "spirals": {"epochs": 2},
        "vanishing": {"seeds": 1},
        "universal": {},
        "names": {"file": file, "steps": 3},
    }[example]
    picture = tmp_path / "picture.png"
    module = importlib.import_module(f"nn.examples.{example}")
    module.run(str(picture), seed=1, **options)
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr()
    assert f"wrote {picture}" in printed.out
    assert len(printed.out.splitlines()) > 5
    assert printed.err == ""


def test_sums_of_relus_show_a_bar_on_a_terminal_only(tmp_path, monkeypatch):
    for is_terminal in (True, False):
        screen = io.StringIO()
        screen.isatty = lambda is_terminal=is_terminal: is_terminal
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        universal.run(str(tmp_path / "picture.png"))
        assert ("%|" in screen.getvalue()) == is_terminal


def test_without_matplotlib(tmp_path, capsys, file, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **options):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    names.run(str(tmp_path / "picture.png"), file=file, steps=1)
    assert "no picture: it needs matplotlib" in capsys.readouterr().out
    assert not (tmp_path / "picture.png").exists()


def test_the_same_seed_gives_the_same_names(tmp_path, capsys, file):
    printed = []
    for seed in (3, 3, 4):
        names.run(str(tmp_path / "x.svg"), seed=seed, file=file, steps=2)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]
