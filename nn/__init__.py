"""Neural networks on the scalar engine: modules, losses, optimizers, data and training.

>>> import nn
>>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
>>> history = nn.fit(model, nn.data.boolean("xor"), optimizer=nn.Adam(model.parameters(), 0.1))
>>> history["loss"][-1] < history["loss"][0]
True
"""

from nn import data, init, losses, metrics, optim, readers, schedules
from nn.history import History
from nn.layers import MLP, Dropout, Embedding, Layer, Neuron, RMSNorm
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    l1,
    l2,
    logistic,
    mae,
    mse,
    nll,
)
from nn.module import Module, Sequential
from nn.optim import SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value
from nn.perceptron import Perceptron, ThresholdUnit
from nn.saving import ModelFileError, load, save
from nn.schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    ReduceLROnPlateau,
    StepLR,
    WarmupLR,
)
from nn.training import DivergenceError, EarlyStopping, fit

__all__ = [
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "DivergenceError",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "ExponentialLR",
    "History",
    "Layer",
    "LinearLR",
    "ModelFileError",
    "Module",
    "Neuron",
    "Perceptron",
    "RMSNorm",
    "RMSprop",
    "ReduceLROnPlateau",
    "Sequential",
    "StepLR",
    "ThresholdUnit",
    "WarmupLR",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm",
    "clip_grad_value",
    "cross_entropy",
    "data",
    "fit",
    "hinge",
    "huber",
    "init",
    "kl_divergence",
    "l1",
    "l2",
    "load",
    "logistic",
    "losses",
    "mae",
    "metrics",
    "mse",
    "nll",
    "optim",
    "readers",
    "save",
    "schedules",
]
