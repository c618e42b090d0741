"""Networks with given numbers, and what training does with them."""

import gc
from random import Random

import nn
from autograd_engine import Value


def _model(numbers):
    model = nn.MLP(2, [8, 1], "tanh")
    model.set_parameters(numbers)
    return model


def starts(answer, seed):
    """[p.data for p in network({seed}).parameters()]"""
    return [p.data for p in answer.network(seed).parameters()]


def outputs(answer, numbers, inputs):
    """model = network(0); model.set_parameters({numbers}); [model(x).data for x in {inputs}]"""
    model = answer.network(0)
    model.set_parameters(numbers)
    return [model(x).data for x in inputs]


def loss_of(answer, numbers, batch):
    """loss(model, {batch}) of a model with the parameters {numbers}"""
    loss = answer.loss(_model(numbers), batch)
    return loss.data if isinstance(loss, Value) else [loss]


def accuracy_of(answer, numbers, data):
    """accuracy(model, {data}) of a model with the parameters {numbers}"""
    return answer.accuracy(_model(numbers), data)


def trained(answer, numbers, data, steps):
    """train(model, {data}, {steps}, Random(0)) from the parameters {numbers}"""
    model = _model(numbers)
    losses = answer.train(model, data, steps, Random(0))
    return {"losses": losses, "parameters": [p.data for p in model.parameters()]}


class _Watched(nn.MLP):
    """A network that notes its inputs, and how many Values there are at each call."""

    def forward(self, x):
        self.inputs.append(x)
        if len(self.inputs) % 16 == 1:
            self.alive.append(sum(type(thing) is Value for thing in gc.get_objects()))
        return super().forward(x)


def _watched(answer, data, steps, seed):
    model = _Watched(2, [8, 1], "tanh", seed=seed)
    model.inputs, model.alive = [], []
    gc.collect()
    answer.train(model, data, steps, Random(seed))
    return model


def values_alive(answer, data, steps):
    """the Values in memory at each step of train(model, {data}, {steps}, Random(0))"""
    return _watched(answer, data, steps, 0).alive


def inputs_of(answer, data, steps, seed):
    """the inputs that train(model, {data}, {steps}, Random({seed})) gives to the model"""
    return _watched(answer, data, steps, seed).inputs


def experiment_of(answer, train_data, test_data, steps, seed):
    """experiment({train_data}, {test_data}, {steps}, {seed})"""
    model, accuracy = answer.experiment(train_data, test_data, steps, seed)
    return {"parameters": [p.data for p in model.parameters()], "accuracy": accuracy}
