"""The layers that PyTorch does not have, as classes for a script, and the names that its own modules have taken.

The parameters of these layers keep their names.
"""

from __future__ import annotations

from ..core.module import Module
from ..layers import Maxout, Residual
from ..layers.linear import Bias

# What a part of a network cannot be called there: attributes of PyTorch's modules that those of nn do not have.
TAKEN = frozenset(
    "T_destination bfloat16 call_super_init clear compile cpu cuda dump_patches get_extra_state ipu mtia "
    "register_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_state_dict_post_hook register_state_dict_pre_hook set_extra_state "
    "set_submodule share_memory to_empty training type xpu _apply _backward_hooks _backward_pre_hooks _buffers "
    "_call_impl _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs "
    "_forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks "
    "_get_item_by_idx _get_name _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks "
    "_load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members "
    "_non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook _register_state_dict_hook "
    "_replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks "
    "_version _wrapped_call_impl".split()
)

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
