"""Compiled programs against hand-written NumPy, micrograd and, where installed, torch.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/compiler.py [FASHION_MNIST]

FASHION_MNIST is a directory with the four files of Fashion-MNIST.
"""

import importlib
import sys
import time

import numpy as np
from engine import micrograd_moons_step, moons
from measure import interleaved, report, with_deep_recursion

import nn
from autograd_engine import relu
from autograd_engine.compiler import compile

# So many steps are timed together, because one takes less than the clock's noise.
STEPS = 50


def moons_models():
    points, labels = moons()
    their_step, numbers = micrograd_moons_step(points, labels)
    model = nn.MLP(2, [16, 16, 1])
    model.set_parameters(numbers)
    return points, labels, their_step, model


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
    losses = [relu(1.0 - y * model(x)) for x, y in zip(points, labels, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + nn.l2(model.parameters(), 1e-4)
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
    model = nn.MLP(784, [128, 10], "relu", seed=0)
    start = time.perf_counter()
    history = nn.fit(
        model,
        train,
        loss="cross_entropy",
        optimizer=nn.Adam(model.parameters(), 1e-3),
        epochs=5,
        batch_size=32,
        validation=test,
        metrics=["accuracy"],
        seed=0,
        compiled="float32",
    )
    print(history.note)
    print(history)
    print(f"5 epochs through fit, all included: {time.perf_counter() - start:.1f} s")


def main():
    moons_benchmark()
    if len(sys.argv) > 1:
        fashion_benchmark(sys.argv[1])


if __name__ == "__main__":
    with_deep_recursion(main)
