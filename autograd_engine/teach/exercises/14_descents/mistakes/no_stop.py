"""Three descents: start and step size decide."""

from autograd_engine import Value

TOO_FAR = 1e6


def descend(f, x0, lr, steps):
    """The path from x0 and its status: "diverged" if |x| exceeds 1e6, else "finished"."""
    x = Value(x0)
    path = [x.data]
    for _ in range(steps):
        x.grad = 0.0
        f(x).backward()
        x.data -= lr * x.grad
        path.append(x.data)
    return {"path": path, "status": "diverged" if abs(x.data) > TOO_FAR else "finished"}
