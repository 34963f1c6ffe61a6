"""What modules, optimisers and parts of nn refuse: what happened, why, and what to write instead."""

import copy
import pickle

import numpy as np
import pytest

import nn
from nn import init


class Holder(nn.Module):
    def __init__(self, name=None, value=None):
        super().__init__()
        if name is not None:
            setattr(self, name, value)


def _inside_itself():
    parts = nn.ModuleList([nn.Tanh()])
    parts.insert(0, parts)


def _inside_itself_by_way_of_another():
    parts = nn.Sequential(nn.Tanh())
    parts.insert(0, nn.ModuleList([parts]))


def _with_pre_hook():
    layer = nn.Linear(3, 2)
    layer.register_forward_pre_hook(lambda module, args: 5)
    layer(np.ones((1, 3)))


PARAMETER = nn.Parameter(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        # a module in itself
        (_inside_itself, ValueError, "contains itself.*self.reference = "),
        (_inside_itself_by_way_of_another, ValueError, "contains itself"),
        # names that are taken
        (lambda: nn.Linear(2, 1).register_buffer("weight", np.ones((1, 2))), KeyError, "as a parameter.*lost"),
        (lambda: nn.Linear(2, 1).add_module("weight", nn.Tanh()), KeyError, "as a parameter"),
        (lambda: nn.BatchNorm1d(2).add_module("running_var", nn.Tanh()), KeyError, "as a buffer"),
        (lambda: Holder("parameters", PARAMETER), ValueError, r"every module has parameters\(\).*self.parameters_"),
        (lambda: Holder("train", nn.Tanh()), ValueError, r"every module has train\(\)"),
        (lambda: Holder("training", nn.Tanh()), ValueError, "every module has training for"),
        (lambda: Holder("train", True), TypeError, r"method of every module.*module.train\(\.\.\.\)"),
        # no array
        (lambda: nn.Linear(3, 2)(3.0), ValueError, r"Linear.*the input is 3.0, of type float, no array.*\(n, 3\)"),
        (lambda: nn.Residual(nn.Linear(3, 3))(3.0), ValueError, "layer 'body'.*the input is 3.0"),
        (_with_pre_hook, ValueError, "the input is 5, of type int"),
        # keywords
        (lambda: nn.Conv2d(1, 1, 3, padding_mode="reflect"), TypeError, r"^Conv2d has .*autograd\.pad"),
        (lambda: nn.MaxPool2d(2, return_indices=True), TypeError, "^MaxPool2d has no setting 'return_indices'"),
        (lambda: nn.AvgPool1d(2, nonsense=1), TypeError, "^AvgPool1d .* It has ceil_mode, count"),
        (lambda: nn.LSTM(3, 2, bidirectionl=True), TypeError, "^LSTM .* mean 'bidirectional'"),
        (lambda: nn.Linear(3, 2, device="cpu"), TypeError, "no devices"),
        (lambda: nn.SGD(params=[PARAMETER], lr=0.1), TypeError, r"SGD\(model.parameters\(\), lr="),
        (lambda: nn.Conv2d(1), TypeError, r"^Conv2d.__init__\(\) missing"),
        (lambda: nn.MaxPool1d(), TypeError, r"^MaxPool1d.__init__\(\) missing"),
        # attributes
        (lambda: nn.Linear(3, 2).cuda(), AttributeError, "Linear has no attribute 'cuda': there are no devices"),
        (lambda: nn.Linear(3, 2).fit, AttributeError, r"nn\.fit\(model, \(X, y\), epochs=10\)"),
        (lambda: nn.Linear(3, 2).wieght, AttributeError, "^Linear has no attribute 'wieght'.$"),
        (lambda: nn.utils.parameters_to_vector, AttributeError, "np.concatenate"),
        (lambda: nn.utils.clip_grad_norm, AttributeError, r"nn\.utils\.clip_grad_norm_\?"),
        (lambda: init.eye_(PARAMETER), AttributeError, r"parameter\.data = array"),
        (lambda: init.xavier_unifrm_, AttributeError, r"nn\.init\.xavier_uniform_\?"),
        (lambda: nn.F, AttributeError, r"autograd\.relu"),
    ],
)  # fmt: skip
def test_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_own_attributes_and_settings_are_left_alone():
    class Own(nn.Module):
        def __init__(self, device="cpu", **more):
            super().__init__()
            self.device, self.more, self.forward = device, more, lambda x: x

        @property
        def broken(self):
            return [].nothing

    model = Own(device="gpu", params=1)
    assert (model.device, model.more, model(3)) == ("gpu", {"params": 1}, 3)
    assert not hasattr(model, "cuda")
    with pytest.raises(AttributeError, match="'list' object has no attribute 'nothing'"):
        model.broken  # noqa: B018
    layer = nn.Conv2d(1, 2, 3, rng=0)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert np.array_equal(twin.weight.data, layer.weight.data)


def test_a_part_may_be_replaced_by_one_of_its_kind():
    layer = nn.Linear(2, 1)
    layer.register_parameter("weight", nn.Parameter(np.ones((1, 2))))
    assert layer.weight.numel() == 2 == layer.weight.size
    layer.train = layer.train  # a method in place of a method
    layer.half = 3
    assert layer.half == 3


def test_the_order_of_several_bases_is_python_s():
    class _Base(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = "base"

    class Left(_Base):
        pass

    class Right(_Base):
        def __init__(self):
            super().__init__()
            self.seen = "right"

    class Both(Left, Right):
        pass

    assert Both().seen == "right"
