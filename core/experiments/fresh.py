"""Networks with untrained weights that are a function of a seed alone.

`start()` draws from torch's global source, which belongs to the whole process; here every number is drawn again from a
source of its own.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from core.models.nets.bert import Bert

STD = 0.02
"""Of matrices that are no LSTM's (Devlin et al. 2019; Radford et al. 2019)."""


def fresh(net: Any, seed: int) -> Any:
    """A network of the class and shape of `net`, one of the lab's own, untrained, on the same device."""
    made = type(net).from_config(net.config()).start()
    return weigh(made, seed).to(next(net.parameters()).device).eval()


def weigh(net: Any, seed: int, std: float = STD) -> Any:
    """Draw the weights of `net` again in place. Norms, and BERT's positions, which begin as sinusoids, stay."""
    random = torch.Generator().manual_seed(seed)
    for name, weight in net.named_parameters():
        with torch.no_grad():
            if "lstm" in name:
                size = weight.shape[0] // 4
                weight.uniform_(-(size**-0.5), size**-0.5, generator=random)
                if "bias_ih" in name:
                    weight[size : 2 * size] = 1.0  # forget gates start open (Jozefowicz et al. 2015)
            elif weight.ndim == 1:
                weight.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
            elif not (isinstance(net, Bert) and name == "positions.weight"):
                residual = name.endswith(("out.weight", "down.weight"))
                layers = len(net.blocks) if residual else 1
                weight.normal_(std=std / math.sqrt(2 * layers) if residual else std, generator=random)
    return net
