"""What is asked of an answer, in the learner's process."""

import nn
from autograd_engine import leaky_relu


def rms_of(answer, numbers, gradients):
    """layer_rms(a model with the weights and biases {numbers} and the gradients {gradients})"""
    model = nn.MLP(len(numbers[0][0]) - 1, [len(rows) for rows in numbers])
    model.set_parameters(_flat(numbers))
    for parameter, gradient in zip(model.parameters(), _flat(gradients)):
        parameter.grad = gradient
    return answer.layer_rms(model)


def _flat(layers):
    return [number for rows in layers for row in rows for number in row]


def rms_of_deep(answer, activation, initialiser):
    """layer_rms(nn.MLP(8, [8] * 8 + [1], {activation}, initialiser={initialiser}, seed=0))"""
    model = nn.MLP(8, [8] * 8 + [1], activation, initialiser=initialiser, seed=0)
    rng = nn.init.generator(1)
    X = [[rng.uniform(-1.0, 1.0) for _ in range(8)] for _ in range(4)]
    nn.mse([model(x) for x in X], [rng.uniform(-1.0, 1.0) for _ in X]).backward()
    return answer.layer_rms(model)


def dead(answer, activation, rows, X):
    """dead_units(an nn.Layer of {activation} with weights and biases {rows}, {X})"""
    return answer.dead_units(_layer(activation, rows), X)


def _layer(activation, rows):
    layer = nn.Layer(len(rows[0]) - 1, len(rows), activation)
    layer.set_parameters(_flat([rows]))
    return layer


def dead_after_training(answer, rate):
    """dead_units(layer, X), after 20 steps of size {rate} from w = 1, b = 0.5"""
    X = [[x] for x in (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)]
    layer = _layer("relu", [[1.0, 0.5]])
    _train(layer, X, [max(0.0, x) for (x,) in X], rate, 20)
    return answer.dead_units(layer, X)


def dead_after_leaking(answer, steps):
    """dead_units(layer, X), after {steps} steps as a leaky ReLU from w = 1, b = -10"""
    X = [[x] for x in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    leaky = _layer(lambda z: leaky_relu(z, 0.1), [[1.0, -10.0]])
    _train(leaky, X, [1.0 for _ in X], 0.5, steps)
    return answer.dead_units(_layer("relu", [[p.data for p in leaky.parameters()]]), X)


def _train(layer, X, y, rate, steps):
    optimizer = nn.SGD(layer.parameters(), lr=rate)
    for _ in range(steps):
        loss = nn.mse([layer(x)[0] for x in X], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
