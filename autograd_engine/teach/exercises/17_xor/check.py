import nn
from autograd_engine.teach.testing import check, close, expect, like, require

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]


def misprinted(got):
    """The rows 00, 00, 10, 10."""
    return close(got[0], got[1]) and close(got[2], got[3]) and not close(got[0], got[2])


def network(numbers, activation="tanh"):
    model = nn.MLP(2, [2, 1], activation)
    model.set_parameters(numbers)
    return model


def squared_error(outputs):
    return nn.mse(outputs, Y)


def is_a_line(outputs):
    """Whether they lie on a plane over the square, as every linear model's do."""
    return close(outputs[0] + outputs[3], outputs[1] + outputs[2], abs=1e-9)


@check("the outputs of a model")
def outputs(run):
    for _ in range(3):
        numbers = run.draws.numbers(9)
        model = network(numbers)
        must = [model(x).data for x in X]
        expect(run.outputs_of(numbers), must, mistakes={"misprinted": misprinted})


@check("X and Y")
def data(run):
    expect(run.data(), (X, Y))


@check("training by steps of SGD")
def training(run):
    for steps in (1, 4):
        numbers = run.draws.numbers(9)
        model = network(numbers)
        optimizer = nn.SGD(model.parameters(), lr=0.3)
        losses = []
        for _ in range(steps):
            loss = nn.mse([model(x) for x in X], Y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.data)
        must = {"losses": losses, "parameters": [p.data for p in model.parameters()]}
        expect(run.training_of(numbers, 0.3, steps), must)


@check("the best line says 1/2 everywhere")
def best_line(run):
    got = run.outputs_of_line()
    like(got, [0.0] * 4)
    expect(got, [0.5] * 4, abs=1e-4, figure={"outputs": got})


@check("the slide's network")
def slide(run):
    got = run.outputs_of_slide()
    like(got, [0.0] * 4)
    expect(got, Y, abs=1e-9, figure={"outputs": got})


@check("the slide's network has parameters")
def slide_parameters(run):
    got = run.slide_numbers()
    require(
        isinstance(got, (list, tuple)) and len(got) == 9,
        "nine numbers: four of W, c, w and b",
        got=f"{len(got)} numbers" if isinstance(got, (list, tuple)) else got,
        mistake="hard_coded",
    )
    like(got, [0.0] * 9)
    # Positive, so that no ReLU is at rest, whatever the order of the numbers is.
    numbers, x = [run.draws.uniform(0.5, 1.5) for _ in range(9)], [2.0, 3.0]
    for i in range(9):
        changed = [number + 0.125 * (j == i) for j, number in enumerate(numbers)]
        before, after = run.slide_changed(numbers, x), run.slide_changed(changed, x)
        like([before, after], [0.0, 0.0])
        require(before != after, f"something else than {before!r}", got=after, mistake="hard_coded")
    expect(sorted(got), [-2, -1, 0, 0, 1, 1, 1, 1, 1])


@check("nothing is left to learn for the slide's network")
def slide_gradients(run):
    expect(run.slide_trained(), [0.0] * 9)


@check("starts of your network")
def starts(run):
    first, again, other = run.starts(0), run.starts(0), run.starts(1)
    like(first, [0.0] * len(first) if isinstance(first, list) else [0.0])
    require(first == again, "the same numbers for the same seed", got="others")
    require(first != other, "other numbers for another seed", got="the same")


@check("your network learns XOR from five starts")
def learns(run):
    for seed in range(5):
        got = run.learnt(seed)
        like(got, {"outputs": [0.0] * 4, "losses": [0.0] * 150, "parameters": 0})
        loss = squared_error(got["outputs"])
        if is_a_line(got["outputs"]):
            mistake = "no_nonlinearity"
        else:
            mistake = "relu_2" if got["parameters"] <= 9 else ""
        require(loss < 0.05, "a loss below 0.05", got=loss, mistake=mistake, figure=got)
        right = sum((z > 0.5) == bool(y) for z, y in zip(got["outputs"], Y, strict=True))
        require(right == 4, "4 of 4 rows right", got=right, mistake=mistake, figure=got)
