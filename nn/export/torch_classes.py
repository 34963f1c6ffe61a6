"""The layers that PyTorch does not have, as classes for a script. Their parameters keep their names."""

from __future__ import annotations

from ..core.module import Module
from ..layers import Maxout, Residual
from ..layers.linear import Bias

CLASSES: dict[type[Module], str] = {
    Bias: '''\
class Bias(nn.Module):
    """x + bias, one number for each feature."""

    def __init__(self, num_features):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(num_features))

    def forward(self, x):
        return x + self.bias
''',
    Maxout: '''\
class Maxout(nn.Linear):
    """The largest of several linear functions, for each unit."""

    def __init__(self, in_features, out_features, pieces=2, bias=True):
        super().__init__(in_features, pieces * out_features, bias)
        self.pieces = pieces

    def forward(self, x):
        y = super().forward(x)
        return y.unflatten(-1, (self.pieces, -1)).amax(dim=-2)
''',
    Residual: '''\
class Residual(nn.Module):
    """x + body(x), or shortcut(x) + body(x)."""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x):
        way = x if self.shortcut is None else self.shortcut(x)
        return way + self.body(x)
''',
}
