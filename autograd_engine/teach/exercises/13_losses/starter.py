"""Losses: every loss is a negative log-likelihood."""

from autograd_engine import log, log_softmax, softplus


def mse(predictions, targets, reduction="mean"):
    """The squared errors."""
    raise NotImplementedError


def mae(predictions, targets, reduction="mean"):
    """The absolute errors."""
    raise NotImplementedError


def bce(probabilities, labels, reduction="mean"):
    """Minus the logarithms of the probabilities of labels 0 and 1."""
    raise NotImplementedError


def logistic(scores, labels, reduction="mean"):
    """-log sigmoid(label * score) of labels -1 and 1."""
    raise NotImplementedError


def ce(logits, labels, reduction="mean"):
    """Minus the logarithms of the softmax at the labels."""
    raise NotImplementedError


def l2(parameters, strength):
    """Strength times the sum of the squares."""
    raise NotImplementedError
