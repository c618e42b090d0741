"""Moons and circles: a complete training loop."""

from random import Random

import nn


def network(seed):
    """An untrained network: two inputs, 8 tanh units, one logit."""
    raise NotImplementedError


def loss(model, batch):
    """The mean of -log P(y) over the examples, a Value."""
    raise NotImplementedError


def train(model, data, steps, rng):
    """Train by Adam on batches of 16; the losses, each before its step, as plain numbers."""
    raise NotImplementedError


def accuracy(model, data):
    """The share of the examples for which the model is right."""
    raise NotImplementedError


def experiment(train_data, test_data, steps, seed):
    """A model trained on the one, and its accuracy on the other."""
    raise NotImplementedError
