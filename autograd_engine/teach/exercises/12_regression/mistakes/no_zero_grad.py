"""Regression, logistic regression, LDA: one neuron, three views."""

from math import log

from autograd_engine import Value, softplus


def descend(loss_of, lr, steps):
    """The w and b that gradient descent on loss_of(w, b) reaches, and the losses on its way."""
    parameters = w, b = Value(0.0), Value(0.0)
    losses = []
    for _ in range(steps):
        loss = loss_of(w, b)
        losses.append(loss.data)
        loss.backward()
        for parameter in parameters:
            parameter.data -= lr * parameter.grad
    return {"w": w.data, "b": b.data, "losses": losses}


def fit_line(xs, ys, lr, steps):
    """The w, b and losses of w x + b, fitted to numbers by the mean of the squares."""

    def loss_of(w, b):
        return sum((y - (w * x + b)) ** 2 for x, y in zip(xs, ys, strict=True)) / len(xs)

    return descend(loss_of, lr, steps)


def fit_logistic(xs, ys, lr, steps):
    """The w, b and losses of sigmoid(w x + b), fitted to labels 0 and 1 by -log(likelihood)."""

    def loss_of(w, b):
        logits = [w * x + b for x in xs]
        return sum(softplus(-z if y else z) for z, y in zip(logits, ys, strict=True))

    return descend(loss_of, lr, steps)


def lda_weights(mean0, mean1, covariance, prior):
    """The w and b of the neuron that gives the probability of class 1."""
    (p, q), (_, r) = covariance
    determinant = p * r - q**2

    def inverse_times(mean):
        m1, m2 = mean
        return [(r * m1 - q * m2) / determinant, (p * m2 - q * m1) / determinant]

    def half_square(mean):
        return sum(m * s for m, s in zip(mean, inverse_times(mean), strict=True)) / 2

    w = inverse_times([m1 - m0 for m0, m1 in zip(mean0, mean1, strict=True)])
    return w, half_square(mean0) - half_square(mean1) + log(prior / (1 - prior))
