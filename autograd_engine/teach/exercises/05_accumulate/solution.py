"""Why gradients accumulate: a derivative is a sum over uses."""


class Value:
    """A number, and the derivative of the final result with respect to it."""

    def __init__(self, data):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        out = Value(self.data + other.data)

        def _backward():
            """Give self and other what is due to them of the gradient of their sum."""
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data)

        def _backward():
            """Give self and other what is due to them of the gradient of their product."""
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
