"""Momentum, Adam, schedule: memory in the update."""

from math import sqrt


class Momentum:
    """Descent along a sum of the gradients in which older ones fade."""

    def __init__(self, parameters, lr, momentum=0.9):
        self.parameters, self.lr, self.momentum = parameters, lr, momentum
        self.velocities = [0.0 for _ in parameters]

    def step(self):
        """Change the data of each parameter."""
        for i, p in enumerate(self.parameters):
            self.velocities[i] = self.momentum * self.velocities[i] + p.grad
            p.data -= self.lr * self.velocities[i]


class AdaGrad:
    """Descent with a rate for each parameter, which falls as its squared gradients add up."""

    def __init__(self, parameters, lr, eps=1e-8):
        self.parameters, self.lr, self.eps = parameters, lr, eps
        self.squares = [0.0 for _ in parameters]

    def step(self):
        """Change the data of each parameter."""
        for i, p in enumerate(self.parameters):
            self.squares[i] += p.grad**2
            p.data -= self.lr * p.grad / (sqrt(self.squares[i]) + self.eps)


class Adam:
    """Descent along the mean gradient, in units of its root mean square."""

    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.parameters, self.lr = parameters, lr
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.means = [0.0 for _ in parameters]
        self.squares = [0.0 for _ in parameters]
        self.steps = 0

    def step(self):
        """Change the data of each parameter."""
        for i, p in enumerate(self.parameters):
            self.steps += 1
            self.means[i] = self.beta1 * self.means[i] + (1 - self.beta1) * p.grad
            self.squares[i] = self.beta2 * self.squares[i] + (1 - self.beta2) * p.grad**2
            mean = self.means[i] / (1 - self.beta1**self.steps)
            square = self.squares[i] / (1 - self.beta2**self.steps)
            p.data -= self.lr * mean / (sqrt(square) + self.eps)


class StepDecay:
    """A schedule that multiplies an optimizer's rate by a factor, every so many steps."""

    def __init__(self, optimizer, every, factor):
        self.optimizer, self.every, self.factor = optimizer, every, factor
        self.steps = 0

    def step(self):
        """Count a step of the optimizer, and change its rate where it is time."""
        self.steps += 1
        if self.steps % self.every == 0:
            self.optimizer.lr *= self.factor
