"""Second derivatives, forward mode: derivatives are functions too."""

from autograd_engine import Value, cos, graph, sin

# By operation: from a node and its parents to its derivatives with respect to them.
RULES = {
    "+": lambda y, a, b: [1.0, 1.0],
    "-": lambda y, a, b: [1.0, -1.0],
    "*": lambda y, a, b: [b, a],
    "/": lambda y, a, b: [1.0 / b, -a / (b * b)],
    "neg": lambda y, a: [-1.0],
    "exp": lambda y, a: [y],
    "sin": lambda y, a: [cos(a)],
    "cos": lambda y, a: [-sin(a)],
    "tanh": lambda y, a: [1.0 - y * y],
    "sigmoid": lambda y, a: [y * (1.0 - y)],
}


def partials(node):
    """The derivatives of a node with respect to its parents: numbers and Values."""
    return RULES[node.op](node, *node.parents)


def gradient(output, inputs):
    """The derivatives of the output with respect to the inputs, as Values, by reverse mode."""
    gradients = {output: Value(1.0)}
    for node in reversed(graph.nodes(output)):
        if node in gradients and node.parents:
            for parent, partial in zip(node.parents, partials(node), strict=True):
                passed = gradients[node] * partial
                gradients[parent] = gradients[parent] + passed if parent in gradients else passed
    return [gradients.get(x, Value(0.0)) for x in inputs]


def tangent(output, inputs, direction):
    """The speed of the output when the inputs have those of the direction, by forward mode."""
    speeds = {x: Value(speed) for x, speed in zip(inputs, direction, strict=True)}
    for node in graph.nodes(output):
        if node not in speeds:
            slopes = partials(node) if node.parents else []
            passed = [p * speeds[x] for p, x in zip(slopes, node.parents, strict=True)]
            speeds[node] = sum(passed, Value(0.0))
    return speeds[output]


def derivative(f):
    """The derivative of a function of one number, as a function."""

    def slope(x):
        variable = x + Value(0.0)  # a node of its own: f may use x as well
        return tangent(f(variable), [variable], [1.0])

    return slope


def hessian(f, xs):
    """The second derivatives of a function of a list, at the numbers xs."""
    variables = [Value(x) for x in xs]
    slopes = gradient(f(variables), variables)
    rows = []
    for i, slope in enumerate(slopes):
        seconds = gradient(slope, variables)
        rows.append([seconds[j].data if j >= i else 0.0 for j in range(len(xs))])
    return rows
