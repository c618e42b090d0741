"""XOR three ways: why hidden layers exist."""

import nn  # models, losses and optimizers
from autograd_engine import Value, relu

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]


def outputs(model):
    """The model's outputs for the rows of X, as plain numbers."""
    return [model(x).data for x in X]


def train(model, optimizer, steps):
    """Train on all rows at once; the losses, each before its step."""
    losses = []
    for _ in range(steps):
        loss = nn.mse([model(x) for x in X], Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return losses


def line():
    """The linear neuron that fits XOR best."""
    neuron = nn.Neuron(2, None)
    train(neuron, nn.SGD(neuron.parameters(), lr=0.5), steps=200)
    return neuron


class SlideNetwork(nn.Module):
    """Two hidden ReLUs with the slide's numbers."""

    def __init__(self):
        self.hidden = nn.Layer(2, 2, "relu")
        self.output = nn.Neuron(2, None)

    def forward(self, x):
        a, b = x
        return Value(relu(a + b) - 2 * relu(a + b - 1))


def slide_network():
    """The slide's network of two hidden ReLUs, with its numbers."""
    return SlideNetwork()


def network(seed):
    """A network, not yet trained, that learns XOR from every start."""
    return nn.MLP(2, [8, 1], "tanh", seed=seed)
