from itertools import pairwise

from autograd_engine import Value, grad, sigmoid
from autograd_engine.teach.testing import check, expect, like, require, same

LECTURE_X = [[1.0, 2.0], [3.0, 4.0]]
LECTURE_LAYER = ([[0.1, -0.2], [0.3, 0.4]], [0.5, -0.5])
IDENTITY = [[1.0, 0.0], [0.0, 1.0]]


def matrix(run, rows, columns):
    numbers = iter(run.draws.numbers(rows * columns))
    return [[next(numbers) for _ in range(columns)] for _ in range(rows)]


def network(run, *widths):
    return [
        (matrix(run, inputs, units), run.draws.numbers(units)) for inputs, units in pairwise(widths)
    ]


def data(matrix):
    return [[x.data for x in row] for row in matrix]


def product(A, B):
    return [[sum(x * row[k] for x, row in zip(a, B)) for k in range(len(B[0]))] for a in A]


class Scalars:
    """The same by one Value for each number."""

    def __init__(self, layers, X, Y):
        self.layers = [
            ([[Value(w) for w in row] for row in W], list(map(Value, b))) for W, b in layers
        ]
        self.steps, A = [], X
        for W, b in self.layers:
            Z = [[z + shift for z, shift in zip(row, b)] for row in product(A, W)]
            A = [[sigmoid(z) for z in row] for row in Z]
            self.steps.append((Z, A))
        errors = [a - y for rows in zip(A, Y) for a, y in zip(*rows)]
        self.loss = sum(error**2 for error in errors) / len(errors)
        self.loss.backward()

    def forward(self):
        return [(data(Z), data(A)) for Z, A in self.steps]

    def gradients(self):
        return [([[w.grad for w in row] for row in W], [z.grad for z in b]) for W, b in self.layers]


@check("products")
def products(run):
    expect(run.matmul([[1.0, 2.0], [3.0, 4.0]], [[5.0], [6.0]]), [[17.0], [39.0]])
    for n, m, k in ((2, 3, 4), (3, 1, 2), (1, 4, 1)):
        A, B = matrix(run, n, m), matrix(run, m, k)
        expect(run.matmul(A, B), product(A, B))


@check("products that do not fit")
def unfit(run):
    for shape, other in (((2, 2), (4, 2)), ((2, 3), (2, 3)), ((1, 2), (1, 2))):
        A, B = matrix(run, *shape), matrix(run, *other)
        got = run.refused(A, B)
        require(got == "ValueError", "a ValueError", got=got)


@check("forward and loss, the numbers of the lecture")
def forward_lecture(run):
    got = run.forward([LECTURE_LAYER], LECTURE_X)
    right = Scalars([LECTURE_LAYER], LECTURE_X, IDENTITY)
    expect(got, right.forward())
    expect(run.loss(right.forward()[0][1], IDENTITY), 0.31188109307778783)


@check("forward and loss, other numbers")
def forward_others(run):
    for widths in ((3, 4, 2), (2, 3, 3, 1)):
        layers, X, Y = network(run, *widths), matrix(run, 5, widths[0]), matrix(run, 5, widths[-1])
        right = Scalars(layers, X, Y)
        expect(run.forward(layers, X), right.forward())
        expect(run.loss(right.forward()[-1][1], Y), right.loss.data)


def one_layer_mistakes(right, X):
    """What comes out of one layer with each of the mistakes."""
    Z, A = right.steps[0]
    G = [[z.grad for z in row] for row in Z]
    ((dW, _),) = right.gradients()
    derivative = grad(sigmoid)
    shifted = [
        [g / derivative(z.data) * derivative(a.data) for g, z, a in zip(*rows)]
        for rows in zip(G, Z, A)
    ]
    columns = [list(column) for column in zip(*X)]
    divided = [[w / len(X) for w in row] for row in dW]
    return {
        "bias_not_summed": lambda got: any(same(got[0][1], wrong) for wrong in (*G, G)),
        "mean_twice": lambda got: same(got[0][0], divided),
        "slope_of_output": lambda got: same(got[0][0], product(columns, shifted)),
    }


def details(got, must):
    return {"got": got, "must": must}


@check("backward, one layer")
def one_layer(run):
    # First 3 examples: with 2, a mean taken twice looks like a forgotten 2.
    for n, width in ((3, 2), (5, 3), (1, 2)):
        (layer,) = network(run, width, width)
        X, Y = matrix(run, n, width), matrix(run, n, width)
        right = Scalars([layer], X, Y)
        got, must = run.backward([layer], X, Y), right.gradients()
        expect(got, must, mistakes=one_layer_mistakes(right, X), figure=details(got, must))


@check("backward, the numbers of the lecture")
def backward_lecture(run):
    dW = [[0.1181279877632245, -0.06762657253336535], [0.14377793229661917, -0.046529686392093816]]
    db = [0.02564994453339466, 0.021096886141271524]
    got, must = run.backward([LECTURE_LAYER], LECTURE_X, IDENTITY), [(dW, db)]
    expect(got, must, figure=details(got, must))


@check(
    "backward, two layers", raises={"ValueError": "not_transposed", "IndexError": "not_transposed"}
)
def two_layers(run):
    # With two examples the gradient of the last Z is 2x2.
    for n in (2, 7):
        layers, X, Y = network(run, 3, 4, 2), matrix(run, n, 3), matrix(run, n, 2)
        must = Scalars(layers, X, Y).gradients()
        got = run.backward(layers, X, Y)
        expect(got, must, figure=details(got, must))


@check("backward, more layers")
def more_layers(run):
    layers, X, Y = network(run, 2, 3, 3, 4, 1), matrix(run, 4, 2), matrix(run, 4, 1)
    expect(run.backward(layers, X, Y), Scalars(layers, X, Y).gradients(), abs=1e-11)


@check("faster than with a graph")
def faster(run):
    layers, X, Y = network(run, 8, 16, 4), matrix(run, 30, 8), matrix(run, 30, 4)
    got = run.times_faster(layers, X, Y)
    like(got, 0.0)
    require(got > 3.0, "more than 3 times faster", got=got)
