"""Compiled programs against hand-written NumPy, micrograd and, where installed, torch.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/compiler.py \\
        [--fashion DIRECTORY] [--names FILE]
"""

import argparse
import gc
import importlib
import random
import re
import statistics
import time

import numpy as np
from engine import micrograd_moons_step, moons
from measure import interleaved, report, with_deep_recursion

import nn
from autograd_engine import Value, graph, relu
from autograd_engine.compiler import compile
from autograd_engine.compiler.collector import held_back
from nn.examples.names import Alphabet, NamesGPT, loss_of, read_names

# So many steps are timed together, because one takes less than the clock's noise.
STEPS = 50


def moons_models():
    points, labels = moons()
    their_step, numbers = micrograd_moons_step(points, labels)
    model = nn.MLP(2, [16, 16, 1])
    model.set_parameters(numbers)
    return points, labels, their_step, model


def one_graph(model, points, labels):
    """The loss as micrograd writes it: an addition and a multiplication for each weight."""

    def score(x):
        for depth, layer in enumerate(model.layers, 1):
            x = [
                sum((w * y for w, y in zip(neuron.w, x, strict=True)), neuron.b)
                for neuron in layer.neurons
            ]
            x = x if depth == len(model.layers) else [y.relu() for y in x]
        return x[0]

    losses = [(1 - y * score(x)).relu() for x, y in zip(points, labels, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())


def hand_written(points, labels, model):
    x, y = np.array(points), np.array(labels)
    (w1, b1), (w2, b2), (w3, b3) = (
        (
            np.array([[w.data for w in neuron.w] for neuron in layer.neurons]),
            np.array([neuron.b.data for neuron in layer.neurons]),
        )
        for layer in model.layers
    )
    parameters = [w1, b1, w2, b2, w3, b3]

    def step():
        z1 = x @ w1.T + b1
        a1 = np.maximum(z1, 0)
        z2 = a1 @ w2.T + b2
        a2 = np.maximum(z2, 0)
        score = a2 @ w3[0] + b3[0]
        margin = 1 - y * score
        loss = np.maximum(margin, 0).mean() + 1e-4 * sum((p * p).sum() for p in parameters)
        gs = (margin > 0) * -y / len(y)
        gz2 = gs[:, None] * w3 * (z2 > 0)
        gz1 = gz2 @ w2 * (z1 > 0)
        grads = [
            gz1.T @ x,
            gz1.sum(0),
            gz2.T @ a1,
            gz2.sum(0),
            gs[None] @ a2,
            gs.sum(keepdims=True),
        ]
        for grad, parameter in zip(grads, parameters, strict=True):
            grad += 2e-4 * parameter
        return loss, grads

    return step


def repeated(step):
    return lambda: [step() for _ in range(STEPS)]


def moons_benchmark():
    points, labels, their_step, model = moons_models()
    loss = one_graph(model, points, labels)
    start = time.perf_counter()
    program = compile(loss, model.parameters())
    seconds_to_compile = time.perf_counter() - start
    print(f"moons: compiled in {seconds_to_compile:.2f} s: {program.report().splitlines()[0]}")
    parameters = model.parameters()
    single = compile(lambda x, y: relu(1.0 - y * model(x)) + nn.l2(parameters, 1e-4))
    x, y = np.array(points), np.array(labels)
    by_hand = hand_written(points, labels, model)
    value, _ = program.value_and_grad()
    print(
        f"  losses differ by {abs(value - by_hand()[0]):.1e} from by hand, "
        f"{abs(value - their_step().data):.1e} from micrograd, "
        f"{abs(value - single.value_and_grad(x, y)[0]):.1e} from a batch"
    )
    works = {
        "one graph": repeated(program.value_and_grad),
        "a batch": repeated(lambda: single.value_and_grad(x, y)),
        "by hand": repeated(by_hand),
    }
    try:
        works["torch"] = repeated(torch_step(points, labels, model))
    except ImportError:
        print("  torch is not installed")
    seconds = {name: t / STEPS for name, t in interleaved(works, 21).items()}
    seconds["micrograd"] = interleaved({"micrograd": their_step}, 3)["micrograd"]
    report("  step", seconds, "one graph", "by hand", "at least 0.8")
    report("  step", seconds, "a batch", "by hand", "at least 0.87")
    report("  step", seconds, "one graph", "micrograd", "5,000")
    if "torch" in seconds:
        report("  step", seconds, "one graph", "torch", "4")


def torch_step(points, labels, model):
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    x, y = torch.tensor(points, dtype=torch.float64), torch.tensor(labels, dtype=torch.float64)
    layers = [torch.nn.Linear(i, o, dtype=torch.float64) for i, o in ((2, 16), (16, 16), (16, 1))]
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    with torch.no_grad():
        for layer, ours in zip(layers, model.layers, strict=True):
            layer.weight[:] = torch.tensor([[w.data for w in n.w] for n in ours.neurons])
            layer.bias[:] = torch.tensor([n.b.data for n in ours.neurons])

    def step():
        net.zero_grad()
        loss = torch.relu(1.0 - y * net(x)[:, 0]).mean()
        loss = loss + 1e-4 * sum((p * p).sum() for p in net.parameters())
        loss.backward()
        return loss

    return step


def fashion_benchmark(directory):
    train = nn.readers.fashion_mnist(directory)
    test = nn.readers.fashion_mnist(directory, train=False)

    def fit(epochs, **options):
        model = nn.MLP(784, [128, 10], "relu", seed=0)
        return nn.fit(
            model,
            train,
            loss="cross_entropy",
            optimizer=nn.Adam(model.parameters(), 1e-3),
            epochs=epochs,
            batch_size=32,
            seed=0,
            compiled="float32",
            **options,
        )

    works = {
        "fit, 1 epoch": lambda: fit(1),
        "fit, 6 epochs": lambda: fit(6),
        "by hand": fashion_by_hand(*as_arrays(train)),
    }
    try:
        works["torch"] = fashion_in_torch(*as_arrays(train))
    except ImportError:
        print("  torch is not installed")
    seconds = interleaved(works, 3)
    first, six = seconds.pop("fit, 1 epoch"), seconds.pop("fit, 6 epochs")
    seconds = {"fit": (six - first) / 5.0, **seconds}
    print(f"Fashion-MNIST: {first - seconds['fit']:.2f} s to record and compile")
    report("  epoch", seconds, "fit", "by hand", "at least 0.87")
    if "torch" in seconds:
        report("  epoch", seconds, "fit", "torch", "more than 1")
    history = fit(5, validation=test, metrics=["accuracy"])
    print(f"  {history.note}")
    accuracy = history["val_accuracy"][-1]
    print(f"  test accuracy after 5 epochs: {accuracy:.4f} (wanted: at least 0.865)", flush=True)


def as_arrays(images):
    pixels = np.asarray(images.pixels.numbers, np.float32).reshape(len(images), -1) / 255.0
    return pixels, np.asarray(images.labels.numbers)


def fashion_layers():
    rng = np.random.default_rng(0)
    return [
        (rng.uniform(-1, 1, (o, i)).astype(np.float32) / np.float32(i**0.5), np.zeros(o, "f4"))
        for i, o in ((784, 128), (128, 10))
    ]


def fashion_by_hand(x, y):
    """An epoch of batches of 32 with Adam, in place, on one vector of parameters."""
    layers = fashion_layers()
    params = np.concatenate([part.ravel() for layer in layers for part in layer])
    grads, m, v, t, u = (np.zeros_like(params) for _ in range(5))
    sizes = np.cumsum([part.size for layer in layers for part in layer])[:-1]
    w1, b1, w2, b2 = np.split(params, sizes)
    gw1, gb1, gw2, gb2 = np.split(grads, sizes)
    w1, gw1, w2, gw2 = (a.reshape(-1, n) for a, n in ((w1, 784), (gw1, 784), (w2, 128), (gw2, 128)))
    rng, steps = np.random.default_rng(0), 0

    def epoch():
        nonlocal steps
        order = rng.permutation(len(x))
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            xs, ys = x[chosen], y[chosen]
            rows = np.arange(len(ys))
            a1 = np.maximum(xs @ w1.T + b1, 0)
            z2 = a1 @ w2.T + b2
            z2 -= z2.max(1, keepdims=True)
            e = np.exp(z2)
            total = e.sum(1, keepdims=True)
            value = (np.log(total[:, 0]) - z2[rows, ys]).mean()
            gz2 = e / total
            gz2[rows, ys] -= 1
            gz2 /= len(ys)
            gz1 = gz2 @ w2
            gz1 *= a1 > 0
            np.matmul(gz2.T, a1, out=gw2)
            np.matmul(gz1.T, xs, out=gw1)
            gz2.sum(0, out=gb2)
            gz1.sum(0, out=gb1)
            steps += 1
            m.__imul__(0.9)
            np.multiply(grads, 0.1, out=t)
            m.__iadd__(t)
            v.__imul__(0.999)
            np.multiply(grads, grads, out=t)
            t.__imul__(0.001)
            v.__iadd__(t)
            np.divide(v, 1 - 0.999**steps, out=t)
            np.sqrt(t, out=t)
            t.__iadd__(1e-8)
            np.multiply(m, 1e-3 / (1 - 0.9**steps), out=u)
            u.__itruediv__(t)
            params.__isub__(u)
        return value

    return epoch


def fashion_in_torch(x, y):
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    xs, ys = torch.tensor(x), torch.tensor(y, dtype=torch.int64)
    net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    loss_of = torch.nn.CrossEntropyLoss()

    def epoch():
        order = torch.randperm(len(xs))
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            adam.zero_grad()
            loss_of(net(xs[chosen]), ys[chosen]).backward()
            adam.step()

    return epoch


def names_benchmark(file):
    """microgpt's model, as the example `names` has it, on a name a step; processor time."""
    rng = random.Random(0)
    names = read_names(file)
    alphabet = Alphabet.of(names)
    tokens = [alphabet.encode(name)[:17] for name in rng.sample(names, 1000)]

    def model_of():
        return NamesGPT(len(alphabet), seed=0)

    model = model_of()
    start = time.process_time()
    loss = compile(lambda xs, ys: nn.cross_entropy(model(xs), ys), model.parameters())
    step = loss.train_step(nn.Adam(model.parameters(), 0.01, betas=(0.9, 0.99)))
    ours = [step([name[:-1]], [name[1:]]) for name in tokens]
    seconds = time.process_time() - start
    model = model_of()
    adam = nn.Adam(model.parameters(), 0.01, betas=(0.9, 0.99))
    differences = []
    for name, value in zip(tokens[:20], ours, strict=False):
        eager = loss_of(model, [name])
        adam.zero_grad()
        eager.backward()
        adam.step()
        differences.append(abs(eager.data - value))
    lengths = len({len(name) for name in tokens})
    print(
        f"names: 1000 steps with {lengths} lengths from nothing: {seconds:.2f} s (wanted: at most "
        f"3); losses of 20 steps differ by {max(differences):.1e} from eager (wanted: at most 1e-9)"
    )
    mask = "found" if "np.tri(" in loss.source else "not found"
    print(f"  the causal mask is {mask} (wanted: found)", flush=True)


def convolved(image, kernels):
    """Of each of the kernels, over all channels of the image, at all places; nested loops."""
    size = len(kernels[0][0])
    places = range(len(image[0]) - size + 1)
    return [
        [
            [
                relu(
                    sum(
                        kernel[c][i][j] * image[c][row + i][column + j]
                        for c in range(len(image))
                        for i in range(size)
                        for j in range(size)
                    )
                )
                for column in places
            ]
            for row in places
        ]
        for kernel in kernels
    ]


def convolutions_benchmark():
    rng = random.Random(0)
    first, second = (
        [
            [[[Value(rng.gauss(0.0, 0.3)) for _ in range(3)] for _ in range(3)] for _ in range(c)]
            for _ in range(4)
        ]
        for c in (1, 4)
    )

    def loss(image):
        maps = convolved(convolved([image], first), second)
        return sum(x * x for rows in maps for row in rows for x in row)

    function = compile(loss)
    function.value_and_grad(np.random.default_rng(0).normal(size=(8, 10, 10)))
    forward = function.source.partition("def backward")[0].partition("def forward")[2]
    products = len(re.findall(r" @ |np\.matmul|np\.einsum|tensordot", forward))
    print(f"two convolutions: {function.source.partition(chr(10))[0].lstrip('# ')}")
    print(f"  {products} matrix products forward (wanted: 2)", flush=True)


def growth_benchmark():
    """Record and compile the moons demo as one graph, of more and more points; processor time.

    The small ones first: in the heap that a million scalars leave behind they take up to 10 %
    longer.
    """
    model = nn.MLP(2, [16, 16, 1], seed=0)
    for count in (16, 160, 1600):  # of 650 nodes each
        points, labels = moons(count)
        repetitions = []
        for _ in range(5):
            gc.collect()
            start = time.process_time()
            with held_back():
                loss = one_graph(model, points, labels)
            recorded = time.process_time()
            program = compile(loss, model.parameters())
            compiled = time.process_time()
            repetitions.append((recorded - start, compiled - recorded, compiled - start))
            size, report = len(graph.nodes(loss)), program.report().splitlines()[0]
            del loss, program
        medians = map(statistics.median, zip(*repetitions, strict=True))
        each = [1e6 * seconds / size for seconds in medians]
        print(
            f"{size:,} nodes: recorded in {each[0]:.2f} µs a node, compiled in {each[1]:.2f}: "
            f"{each[2]:.2f} together (wanted: at most 2.5): {report}",
            flush=True,
        )


def main(options):
    moons_benchmark()
    convolutions_benchmark()
    growth_benchmark()
    if options.names:
        names_benchmark(options.names)
    if options.fashion:
        fashion_benchmark(options.fashion)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fashion", help="a directory with the four files of Fashion-MNIST")
    parser.add_argument("--names", help="a file with a name a line, such as microgpt's names.txt")
    arguments = parser.parse_args()
    with_deep_recursion(lambda: main(arguments))
