"""Three descents: start and step size decide."""

from autograd_engine import Value

TOO_FAR = 1e6


def descend(f, x0, lr, steps):
    """The path from x0 and its status: "diverged" if |x| exceeds 1e6, else "finished"."""
    raise NotImplementedError
