"""The examples of units and models, with the figures of the lectures."""

import io
import math
import sys
from fractions import Fraction
from importlib import import_module
from itertools import pairwise

import pytest

import nn
from autograd_engine import Value, dot, functions, softmax
from nn.data import BOOLEAN_FUNCTIONS, boolean
from nn.examples import gates, lda, logistic, perceptron, quadratic, regression, xor
from nn.layers import function_named
from nn.perceptron import AND, NOT, OR, XOR, PerceptronFit


def data(values):
    return [value.data for value in values]


# --- units and layers ----------------------------------------------------------------------------


def test_a_weighted_sum_with_a_bias_and_as_one_sum():
    neuron = nn.Neuron(2, None)
    neuron.set_parameters([2.0, -1.0, 0.5])
    assert neuron([1.0, 3.0]).data == -0.5
    assert dot([0.5, 2.0, -1.0], [1.0, 1.0, 3.0]) == -0.5  # the bias is the weight of an x0 = 1


def test_a_layer_is_its_weights_times_x_and_every_unit_sees_all_of_x():
    layer = nn.Layer(3, 2, None)
    layer.set_parameters([1.0, 2.0, 3.0, 0.5, -1.0, 0.0, 1.0, -0.5])
    assert data(layer([1.0, 1.0, 2.0])) == [9.5, 0.5]


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (nn.Layer(2, 2), 6),  # the lecture's 6-parameter model: two perceptrons
        (nn.MLP(2, [2, 1]), 9),  # with one more unit on top
        (nn.MLP(3, [2, 1]), 11),
        (nn.MLP(1, [10, 10, 1]), 141),
        (nn.MLP(2, [16, 16, 1]), 337),
        (nn.MLP(784, [128, 10], initialiser="zeros"), 101_770),
        (nn.Neuron(3, None), 4),  # y = b1 x1 + b2 x2 + b3 x3 + u
    ],
)
def test_parameter_counts(model, count):
    assert len(model.parameters()) == count


def test_the_head_of_two_classes_is_one_sigmoid():
    model = nn.MLP(2, [4, 1], "tanh", output="sigmoid", seed=0)
    logit = nn.MLP(2, [4, 1], "tanh", seed=0)
    positive = model([0.3, -0.7]).data
    assert positive == pytest.approx(1 / (1 + math.exp(-logit([0.3, -0.7]).data)), abs=1e-15)
    # The other class has the rest: its logit is the opposite.
    negative = 1 / (1 + math.exp(logit([0.3, -0.7]).data))
    assert positive + negative == pytest.approx(1.0, abs=1e-15)


def test_the_head_of_several_classes_is_a_softmax():
    model = nn.Sequential(nn.MLP(2, [5, 4], "tanh", seed=0), softmax)
    probabilities = data(model([0.3, -0.7]))
    assert len(probabilities) == 4
    assert min(probabilities) > 0.0
    assert sum(probabilities) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_softmax_is_no_activation(name):
    with pytest.raises(ValueError, match=f"{name} is of all outputs together.* cross_entropy"):
        nn.MLP(2, [4, 3], "tanh", output=name)
    assert function_named(name, of_lists=True) is getattr(functions, name)


@pytest.mark.parametrize("name", ["dot", "maximum", "where", "mean", "logsumexp", "atan2", 3])
def test_an_activation_is_a_function_of_one_number(name):
    with pytest.raises(ValueError, match=f"there is no activation {name!r}"):
        function_named(name)


@pytest.mark.parametrize("name", ["tanh", "leaky_relu", "elu", "celu", "gelu", "clamp", "acosh"])
def test_further_arguments_of_an_activation_have_defaults(name):
    assert function_named(name) is getattr(functions, name)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_head_of_a_regression_is_linear(outputs):
    model = nn.MLP(2, [4, outputs], "tanh", seed=0)
    x = [0.3, -0.7]
    hidden = data(model.layers[0](x))
    expected = [
        math.fsum(w.data * h for w, h in zip(neuron.w, hidden, strict=True)) + neuron.b.data
        for neuron in model.layers[1].neurons
    ]
    given = model(x) if outputs > 1 else [model(x)]
    assert data(given) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("activation", [None, "identity"])
def test_layers_without_activations_collapse_into_one(activation):
    model = nn.MLP(1, [1, 1], activation)
    model.set_parameters([2.0, 3.0, -1.5, 0.5])
    assert quadratic.line_of(model) == (-3.0, -4.0)
    x = Value(7.0)
    model([x]).backward()
    assert x.grad == -3.0


def test_deep_layers_without_activations_are_affine():
    model = nn.MLP(2, [5, 4, 3], None, seed=0)
    at = {x: data(model([*x])) for x in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (3.0, -2.0))}
    zero, one, two = at[0.0, 0.0], at[1.0, 0.0], at[0.0, 1.0]
    expected = [c + 3 * (a - c) - 2 * (b - c) for c, a, b in zip(zero, one, two, strict=True)]
    assert at[3.0, -2.0] == pytest.approx(expected, abs=1e-12)


# --- gates and the perceptron --------------------------------------------------------------------


def test_one_unit_computes_14_of_16_functions():
    units = {name: gates.unit_for(name) for name in BOOLEAN_FUNCTIONS}
    assert {name for name, unit in units.items() if unit is None} == {"xor", "xnor"}
    for name, unit in units.items():
        if unit is not None:
            assert gates.outputs(unit) == BOOLEAN_FUNCTIONS[name]
            # No input is on the line itself, where rounding would decide.
            assert all(abs(gates.steep(unit)(x).data) >= 10.0 for x, _ in boolean(name))


def test_xor_is_made_of_gates():
    for (a, b), y in boolean("xor"):
        assert AND([OR([a, b]), NOT([AND([a, b])])]).data == XOR([a, b]).data == y


@pytest.mark.parametrize(
    ("name", "record", "numbers"),
    [
        ("or", PerceptronFit(True, 4, 5), [1.0, 1.0, -1.0]),
        ("and", PerceptronFit(True, 6, 11), [2.0, 1.0, -3.0]),
        ("nand", PerceptronFit(True, 6, 10), [-2.0, -1.0, 2.0]),
    ],
)
def test_the_perceptron_learns(name, record, numbers):
    learned, how = perceptron.learn(boolean(name))
    assert how == record
    assert data(learned.parameters()) == numbers
    updates = perceptron.updates_by_epoch(boolean(name), record.epochs)
    assert sum(updates) == record.updates
    assert updates[-1] == 0


def test_the_perceptron_never_learns_xor():
    _, how = perceptron.learn(boolean("xor"))
    assert how == PerceptronFit(False, 100, 398)
    updates = perceptron.updates_by_epoch(boolean("xor"), 100)
    assert sum(updates) == 398
    assert min(updates) > 0


# --- linear discriminant analysis ----------------------------------------------------------------


def test_lda_as_a_neuron():
    neuron = lda.lda_neuron([0, 0], [2, 1], [[1, 0.5], [0.5, 2]], 0.3)
    assert data(neuron.w) == [2.0, 0.0]
    assert math.log(0.3 / 0.7) == pytest.approx(-0.8472978603872036, abs=1e-15)
    assert neuron.b.data == pytest.approx(-2.8472978603872034, abs=1e-15)
    assert neuron([1.0, 1.0]).data == pytest.approx(0.3, abs=1e-15)
    forgotten = lda.lda_neuron([0, 0], [2, 1], [[1, 0.5], [0.5, 2]], 0.5)
    assert forgotten([1.0, 1.0]).data == 0.5


@pytest.mark.parametrize("x", [[1.0, 1.0], [0.0, 0.0], [-1.0, 2.5], [3.0, -2.0]])
def test_lda_is_the_rule_of_bayes(x):
    given = ([0.3, -0.2], [2.0, 1.5], [[1.0, 0.5], [0.5, 2.0]], 0.3)
    densities = [density(x, mean, given[2]) for mean in given[:2]]
    bayes = 0.3 * densities[1] / (0.7 * densities[0] + 0.3 * densities[1])
    assert lda.lda_neuron(*given)(x).data == pytest.approx(bayes, abs=1e-14)
    assert lda.posterior(x, *given) == pytest.approx(bayes, abs=1e-14)


def density(x, mean, covariance):
    """Of a normal distribution in the plane, with the inverse of its covariance written out."""
    (a, b), (_, d) = covariance
    u, v = x[0] - mean[0], x[1] - mean[1]
    determinant = a * d - b * b
    square = (d * u * u - 2 * b * u * v + a * v * v) / determinant
    return math.exp(-square / 2) / (math.tau * math.sqrt(determinant))


def test_solving_is_exact_to_the_last_digits():
    matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]]
    x = lda.solve(matrix, [1.0, 2.0, 3.0])
    back = [sum(Fraction(a) * Fraction(b) for a, b in zip(row, x, strict=True)) for row in matrix]
    assert [*map(float, back)] == pytest.approx([1.0, 2.0, 3.0], abs=1e-14)
    assert matrix[1] == [1.0, 3.0, -0.25]  # what is given stays


@pytest.mark.parametrize(
    ("covariance", "prior", "message"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], 0.5, "covariance must be positive definite"),
        ([[0.0, 0.0], [0.0, 1.0]], 0.5, "covariance must be positive definite"),
        ([[1.0, 0.0], [0.0, 1.0]], 1.0, "prior must be between 0 and 1, got 1.0"),
        ([[1.0, 0.0], [0.0, 1.0]], 0.0, "prior must be between 0 and 1, got 0.0"),
    ],
)
def test_lda_refuses(covariance, prior, message):
    with pytest.raises(ValueError, match=message):
        lda.lda_neuron([0.0, 0.0], [1.0, 1.0], covariance, prior)


def test_means_and_covariance_are_estimated():
    drawn = nn.data.gaussians(4000, (lda.MEAN0, lda.MEAN1), lda.COVARIANCE, 0.3, seed=0)
    mean0, mean1, covariance, prior = lda.estimate(drawn)
    assert mean0 == pytest.approx([0.0, 0.0], abs=0.1)
    assert mean1 == pytest.approx([2.0, 1.0], abs=0.1)
    assert covariance[0] == pytest.approx([1.0, 0.5], abs=0.1)
    assert covariance[1] == pytest.approx([0.5, 2.0], abs=0.1)
    assert prior == 0.3


def test_lda_and_logistic_regression_agree_on_normal_classes():
    drawn = nn.data.gaussians(400, (lda.MEAN0, lda.MEAN1), lda.COVARIANCE, 0.3, seed=0)
    estimated = lda.lda_neuron(*lda.estimate(drawn))
    fitted, history = lda.logistic_regression(drawn)
    assert data(fitted.parameters()) == pytest.approx(data(estimated.parameters()), abs=0.3)
    # Nothing makes the data more probable than logistic regression does.
    targets = [y for _, y in drawn]
    probable = nn.binary_cross_entropy([estimated(x) for x, _ in drawn], targets).data
    assert history["loss"][-1] < probable < history["loss"][-1] + 0.005


# --- regression ----------------------------------------------------------------------------------


def test_logistic_regression_finds_the_most_probable_weights():
    drawn = logistic.draw_data(seed=3)
    neuron, history = logistic.train(drawn)
    assert data(neuron.parameters()) == pytest.approx(newton(drawn), abs=1e-6)
    assert logistic.residuals(neuron, drawn) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert all(b <= a + 1e-12 for a, b in pairwise(history["loss"]))


def newton(drawn):
    """Weight and bias by Newton's method, with the derivatives of the likelihood written out."""
    w = b = 0.0
    for _ in range(20):
        ps = [1 / (1 + math.exp(-w * x[0] - b)) for x, _ in drawn]
        errors = [p - y for p, (_, y) in zip(ps, drawn, strict=True)]
        slopes = [p * (1 - p) for p in ps]
        xs = [x[0] for x, _ in drawn]
        gw, gb = math.fsum(e * x for e, x in zip(errors, xs, strict=True)), math.fsum(errors)
        ww = math.fsum(s * x * x for s, x in zip(slopes, xs, strict=True))
        wb = math.fsum(s * x for s, x in zip(slopes, xs, strict=True))
        bb = math.fsum(slopes)
        determinant = ww * bb - wb * wb
        w, b = w - (bb * gw - wb * gb) / determinant, b - (ww * gb - wb * gw) / determinant
    return [w, b]


def test_the_closed_form_of_a_line():
    best = regression.closed_form()
    assert (best.slope, best.intercept) == pytest.approx((2.01, 1.02), abs=1e-14)
    assert best.loss == pytest.approx(0.0214, abs=1e-14)


def test_batch_gradient_descent_reaches_it():
    neuron, path = regression.descend(steps=200, lr=0.1)
    assert len(path) == 201
    assert data(neuron.parameters()) == pytest.approx([2.01, 1.02], abs=1e-9)
    assert path[-1].loss == pytest.approx(0.0214, abs=1e-9)
    assert all(b.loss <= a.loss + 1e-12 for a, b in pairwise(path))
    # By hand: the mean of x y is 4.02 and that of y 1.02, and the step is twice a tenth of them.
    assert (path[1].slope, path[1].intercept) == pytest.approx((0.804, 0.204), abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_stochastic_gradient_descent_wanders_around_it(seed):
    _, path = regression.descend(batch_size=1, steps=200, lr=0.1, seed=seed)
    assert len(path) == 201
    assert 0.0214 < path[-1].loss < 0.032
    assert 90 <= sum(b.loss > a.loss for a, b in pairwise(path)) <= 120


def test_a_descent_may_end_within_an_epoch():
    _, path = regression.descend(batch_size=2, steps=7)
    assert len(path) == 8


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("seed", range(3))
def test_two_hidden_layers_of_ten_make_a_parabola(activation, seed):
    model, history = quadratic.train(activation, seed)
    assert len(model.parameters()) == 141
    assert history["loss"][-1] < 0.005
    assert abs(model([0.5]).data - 0.25) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_without_activations_they_never_beat_a_constant(seed):
    mean, variance = quadratic.best_constant()
    assert (mean, variance) == pytest.approx((0.4, 0.1248), abs=1e-15)
    _, history = quadratic.train("identity", seed)
    assert min(history["loss"]) >= 0.1248 - 1e-15
    assert history["loss"][-1] == pytest.approx(0.1248, abs=1e-4)


# --- XOR -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_model_of_xor_says_a_half(seed):
    model = xor.linear_model(seed)
    assert data(model.parameters()) == pytest.approx([0.0, 0.0, 0.5], abs=1e-12)
    predictions = [model(x) for x, _ in xor.XOR]
    assert data(predictions) == pytest.approx([0.5] * 4, abs=1e-12)
    assert nn.mse(predictions, [y for _, y in xor.XOR]).data == pytest.approx(0.25, abs=1e-12)
    assert xor.gradients(model) == pytest.approx([0.0] * 3, abs=1e-12)


def test_the_given_weights_solve_xor_step_by_step():
    network = xor.lecture_network()
    hidden, output = network.layers
    inputs = [x for x, _ in xor.XOR]
    assert [data(dot(neuron.w, x) for neuron in hidden.neurons) for x in inputs] == [
        [0, 0],
        [1, 1],
        [1, 1],
        [2, 2],
    ]
    assert data(neuron.b for neuron in hidden.neurons) == [0, -1]
    assert [data(hidden(x)) for x in inputs] == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert data([*output.neurons[0].w, output.neurons[0].b]) == [1, -2, 0]
    assert data(map(network, inputs)) == [0, 1, 1, 0]


def test_the_given_weights_are_a_minimum():
    network = xor.lecture_network()
    assert xor.gradients(network) == [0.0] * 9
    targets = [y for _, y in xor.XOR]
    assert nn.mse([network(x) for x, _ in xor.XOR], targets).data == 0.0


def test_gradients_do_not_add_up_over_calls():
    model = nn.MLP(2, [1], seed=0)
    assert xor.gradients(model) == xor.gradients(model) != [0.0] * 3


@pytest.mark.parametrize("seed", range(3))
def test_training_solves_xor(seed):
    model, history = xor.train(seed)
    assert history["loss"][-1] < 0.05
    assert [model(x).data > 0.0 for x, _ in xor.XOR] == [False, True, True, False]


# --- the examples as they are run ----------------------------------------------------------------

PRINTED = {
    "xor": [
        "linear model:   mean squared error 0.2500",
        "given weights:  mean squared error 0.0000, largest of 9 gradients 0.0000",
        "trained:        accuracy 1.00",
    ],
    "gates": [
        "one threshold unit computes 14 of 16",
        "nand          1  1  1  0   -1.0  -1.0   1.5",
    ],
    "perceptron": [
        "or          yes       4        5    1.00    1.00   -1.00",
        "and         yes       6       11    2.00    1.00   -3.00",
        "nand        yes       6       10   -2.00   -1.00    2.00",
        "xor          no     100      398",
    ],
    "lda": [
        "LDA, true distributions    2.000   0.000  -2.847",
        "P(class 1) halfway between the means: 0.3000",
    ],
    "logistic": ["log-likelihood -", "drawn with           2.000   0.000"],
    "regression": [
        " 200   2.0100   1.0200    2.0100   1.0200  ",
        "closed form 0.0214, batch 0.0214, stochastic 0.0",
        "steps that made it worse: batch 0, stochastic ",
    ],
    "quadratic": ["best constant: 0.4000, with mean squared error 0.1248"],
}


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_prints_its_figures_and_saves_a_picture(name, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "picture.png"
    import_module(f"nn.examples.{name}").run(str(picture), seed=0)
    printed = capsys.readouterr().out
    for figure in PRINTED[name]:
        assert figure in printed
    assert printed.endswith(f"wrote {picture}\n")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["gates", "perceptron", "regression"])
def test_an_example_shows_a_bar_on_a_terminal_only(name, tmp_path, monkeypatch):
    for is_terminal in (True, False):
        screen = io.StringIO()
        screen.isatty = lambda is_terminal=is_terminal: is_terminal
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        import_module(f"nn.examples.{name}").run(str(tmp_path / "picture.png"))
        assert ("%|" in screen.getvalue()) == is_terminal


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_needs_no_matplotlib(name, tmp_path, capsys, monkeypatch):
    for module in [*sys.modules]:
        if module.split(".")[0] == "matplotlib":
            monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    import_module(f"nn.examples.{name}").run(str(tmp_path / "picture.png"), seed=1)
    *_, last = capsys.readouterr().out.splitlines()
    assert last == "no picture: it needs matplotlib, pip install 'autograd_engine[plot]'"
    assert not [*tmp_path.iterdir()]
