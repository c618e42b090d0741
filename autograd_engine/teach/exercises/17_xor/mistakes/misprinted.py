"""XOR three ways: why hidden layers exist."""

import nn  # models, losses and optimizers

X = [[0, 0], [0, 0], [1, 0], [1, 0]]
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


def slide_network():
    """The slide's network of two hidden ReLUs, with its numbers."""
    model = nn.MLP(2, [2, 1], "relu")
    model.set_parameters([1, 1, 0, 1, 1, -1, 1, -2, 0])
    return model


def network(seed):
    """A network, not yet trained, that learns XOR from every start."""
    return nn.MLP(2, [8, 1], "tanh", seed=seed)
