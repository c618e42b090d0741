"""Vanishing and dying: see gradients fade."""

import math

from autograd_engine import sigmoid


def chain_gradient(weights, x):
    """The derivatives of a chain of sigmoids with respect to its weights."""
    outputs = [x]
    for w in weights:
        outputs.append(sigmoid(w * outputs[-1]))
    gradients = []
    upstream = 1.0
    for w, before, after in zip(weights[::-1], outputs[-2::-1], outputs[::-1]):
        upstream *= after * (1.0 - after)
        gradients.append(upstream * before)
        upstream *= w
    return gradients[::-1]


def bound(weights, x):
    """What the first of these derivatives never exceeds, whatever its sign."""
    return 0.25 ** len(weights) * abs(x) * math.prod(map(abs, weights[1:]))


def layer_rms(model):
    """The root mean square of the weights' gradients, layer by layer."""
    return [_rms([w.data for neuron in layer.neurons for w in neuron.w]) for layer in model.layers]


def _rms(numbers):
    return math.sqrt(sum(number**2 for number in numbers) / len(numbers))


def dead_units(layer, X):
    """The positions of the units whose output is 0 on all of X."""
    outputs = [layer(x) for x in X]
    return [i for i, unit in enumerate(zip(*outputs)) if all(z.data == 0.0 for z in unit)]
