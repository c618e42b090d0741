"""Losses: every loss is a negative log-likelihood."""

from autograd_engine import log, log_softmax, softplus


def reduced(losses, reduction):
    """The mean of the examples' losses, or their sum."""
    total = sum(losses)
    return total / len(losses) if reduction == "mean" else total


def mse(predictions, targets, reduction="mean"):
    """The squared errors."""
    return reduced([(p - t) ** 2 for p, t in zip(predictions, targets)], reduction)


def mae(predictions, targets, reduction="mean"):
    """The absolute errors."""
    return reduced([abs(p - t) for p, t in zip(predictions, targets)], reduction)


def bce(probabilities, labels, reduction="mean"):
    """Minus the logarithms of the probabilities of labels 0 and 1."""
    likelihoods = [p if y else 1 - p for p, y in zip(probabilities, labels)]
    return reduced([log(p) for p in likelihoods], reduction)


def logistic(scores, labels, reduction="mean"):
    """-log sigmoid(label * score) of labels -1 and 1."""
    return reduced([softplus(-y * z) for z, y in zip(scores, labels)], reduction)


def ce(logits, labels, reduction="mean"):
    """Minus the logarithms of the softmax at the labels."""
    chosen = [log_softmax(zs)[label] for zs, label in zip(logits, labels)]
    return reduced([-x for x in chosen], reduction)


def l2(parameters, strength):
    """Strength times the sum of the squares."""
    return strength * sum(p**2 for p in parameters)
