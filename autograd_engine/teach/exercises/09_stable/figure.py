"""log(1 + e^z) far left: computed as it is written, and with log1p."""

import math

from autograd_engine.teach.pictures import curves


def figure(details):
    places = [k / 10 - 45 for k in range(200)]
    stable = [(z, math.log1p(math.exp(z))) for z in places]
    naive = [(z, math.log(1 + math.exp(z))) for z in places]
    return curves(
        {
            "log1p(e^z)": [(z, math.log10(y)) for z, y in stable],
            "log(1 + e^z)": [(z, math.log10(y)) for z, y in naive if y > 0],
        },
        x_label="z",
        y_label="log10 of softplus(z)",
    )
