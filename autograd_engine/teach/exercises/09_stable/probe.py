"""The functions on Values."""

from autograd_engine import Value


def gradient_of_sigmoid(answer, z):
    """z = Value({z}); y = sigmoid(z); y.backward(); y.data, z.grad"""
    z = Value(z)
    return _differentiated(answer.sigmoid(z), [z])


def gradient_of_softplus(answer, z):
    """z = Value({z}); y = softplus(z); y.backward(); y.data, z.grad"""
    z = Value(z)
    return _differentiated(answer.softplus(z), [z])


def gradient_of_logsumexp(answer, zs):
    """zs = [Value(z) for z in {zs}]; y = logsumexp(zs); y.backward(); y.data, gradients"""
    zs = [Value(z) for z in zs]
    return _differentiated(answer.logsumexp(zs), zs)


def gradient_of_log_softmax(answer, zs, label):
    """zs = [Value(z) for z in {zs}]; y = -log_softmax(zs)[{label}]; y.backward(); gradients"""
    zs = [Value(z) for z in zs]
    return _differentiated(-answer.log_softmax(zs)[label], zs)


def gradient_of_bce(answer, z, y):
    """z = Value({z}); loss = bce_with_logits(z, {y}); loss.backward(); loss.data, z.grad"""
    z = Value(z)
    return _differentiated(answer.bce_with_logits(z, y), [z])


def _differentiated(result, inputs):
    if not isinstance(result, Value):
        return result
    result.backward()
    return {"data": result.data, "gradient": [z.grad for z in inputs]}
