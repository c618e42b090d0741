"""Perceptron learning: without gradients, and its limit."""


def fit(X, y, max_epochs):
    """The weights, the bias, how many updates and epochs it took, and whether it converged."""
    weights, bias, updates, epochs, converged = [0.0] * len(X[0]), 0.0, 0, 0, False
    while epochs < max_epochs and not converged:
        before = updates
        epochs += 1
        for inputs, wanted in zip(X, y, strict=True):
            fires = sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias >= 0
            direction = 1 if wanted else -1
            weights = [w + direction * x for w, x in zip(weights, inputs, strict=True)]
            bias += direction
            if wanted != fires:
                updates += 1
        converged = updates == before
    return {
        "weights": weights,
        "bias": bias,
        "updates": updates,
        "epochs": epochs,
        "converged": converged,
    }
