"""Networks of the lectures, each trained in seconds: ``python -m nn.examples NAME``.

Each example is a module with a function ``run(picture, **options)``: it prints a table and saves a
picture, and its other functions can be imported and taken apart.
"""

EXAMPLES = {
    "xor": "XOR by a linear model, by given weights, and by training",
    "gates": "all Boolean functions of two inputs: which one unit computes, and which it cannot",
    "perceptron": "Rosenblatt's learning rule on OR, AND, NAND and XOR",
    "lda": "linear discriminant analysis as a neuron",
    "logistic": "logistic regression by maximum likelihood",
    "regression": "a line by gradient descent and by the closed form",
    "quadratic": "a parabola by two hidden layers of ten",
    "moons": "two half moons by a network of two layers",
    "spirals": "two spirals by a deeper network",
    "vanishing": "how gradients vanish in a deep network, per activation",
    "universal": "any function as a sum of ReLUs, with its error",
    "names": "a tiny character GPT on a list of names",
}

__all__ = ["EXAMPLES"]
