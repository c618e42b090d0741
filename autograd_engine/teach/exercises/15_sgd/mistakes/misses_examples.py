"""SGD and batch descent: noisy but unbiased."""

from autograd_engine import Value


def gradient(w, b, examples):
    """The derivatives of the examples' mean squared error with respect to w and b."""
    w, b = Value(w), Value(b)
    loss = sum((y - (w * x + b)) ** 2 for x, y in examples) / len(examples)
    loss.backward()
    return w.grad, b.grad


def batches(n, size, rng):
    """The indices from 0 to n - 1 in a random order, cut into lists of this size."""
    order = [rng.randrange(n) for _ in range(n)]
    return [order[start : start + size] for start in range(0, n, size)]


def train(examples, lr, size, epochs, rng):
    """The pairs (w, b) from the start to the end, one step for each batch."""
    w, b = 0.0, 0.0
    path = [(w, b)]
    for _ in range(epochs):
        for batch in batches(len(examples), size, rng):
            dw, db = gradient(w, b, [examples[i] for i in batch])
            w -= lr * dw
            b -= lr * db
            path.append((w, b))
    return path
