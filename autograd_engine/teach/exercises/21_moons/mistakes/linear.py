"""Moons and circles: a complete training loop."""

from random import Random

import nn


def network(seed):
    """An untrained network: two inputs, 8 tanh units, one logit."""
    return nn.MLP(2, [8, 1], None, seed=seed)


def loss(model, batch):
    """The mean of -log P(y) over the examples, a Value."""
    logits = [model(x) for x, _ in batch]
    return nn.binary_cross_entropy_with_logits(logits, [y for _, y in batch])


def train(model, data, steps, rng):
    """Train by Adam on batches of 16; the losses, each before its step, as plain numbers."""
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(steps):
        batch_loss = loss(model, rng.sample(data, 16))
        optimizer.zero_grad()
        batch_loss.backward()
        optimizer.step()
        losses.append(batch_loss.data)
    return losses


def accuracy(model, data):
    """The share of the examples for which the model is right."""
    return sum((model(x).data > 0) == (y == 1) for x, y in data) / len(data)


def experiment(train_data, test_data, steps, seed):
    """A model trained on the one, and its accuracy on the other."""
    model = network(seed)
    train(model, train_data, steps, Random(seed))
    return model, accuracy(model, test_data)
