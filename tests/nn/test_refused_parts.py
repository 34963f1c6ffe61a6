"""What schedules, initial weights, augmentation, splits, MLP, scalar networks and safetensors refuse, and how."""

import numpy as np
import pytest

import nn
from nn import init, safetensors, scalar, schedule

X = np.arange(60.0).reshape(20, 3)
Y = np.arange(20) % 2
P = nn.Parameter(np.ones((2, 2)))


def _optimiser():
    return nn.SGD([nn.Parameter([1.0])], lr=0.1, momentum=0.9)


def _bias_of_a_neuron():
    scalar.Neuron(2, rng=0).b = 5.0


def _weight_of_a_neuron():
    neuron = scalar.Neuron(2, rng=0)
    neuron.w[0] = 5.0
    neuron.zero_grad()


def _price_on_many():
    loss = nn.Regularised(nn.MSELoss(reduction="none"), nn.Linear(3, 2), m=20, l2=0.1)
    loss(np.ones((3, 2)), np.zeros((3, 2)))


def _price_on_many_of_a_function():
    nn.Regularised(lambda p, t: p - t, nn.Linear(3, 2), m=20, l1=0.1)(np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        # schedules
        (
            lambda: schedule.OneCycleLR(_optimiser(), 1.0, 10, pct_start=1.0),
            ValueError,
            "steps for the way down",
        ),
        (lambda: schedule.MultiStepLR(_optimiser(), 5), TypeError, r"milestones=5: give a list of epochs"),
        (lambda: schedule.ChainedScheduler(5), TypeError, "needs a list of schedules.*not int"),
        (
            lambda: schedule.SequentialLR(o := _optimiser(), [schedule.StepLR(o, 2)], 5),
            TypeError,
            "SequentialLR: milestones=5",
        ),
        # initial weights
        (lambda: init.normal_(P, std=-1), ValueError, "normal: std=-1: .* >= 0"),
        (lambda: init.uniform_(P, 3, 1), ValueError, "a=3 and b=1: .*must not be larger"),
        (lambda: init.uniform_(P, np.nan, 1), ValueError, "uniform: a=nan"),
        # more images
        (
            lambda: nn.augment.enlarge(X, Y, lambda x: x[:2]),
            ValueError,
            r"made \(2, 3\) of images .*\(20, 3\)",
        ),
        (lambda: nn.augment.enlarge(X, Y, 5), TypeError, "augment=5 is no function"),
        # splits
        (lambda: nn.train_dev_test_split(X, Y, dev="x"), TypeError, "dev='x': it is a fraction"),
        (lambda: nn.train_dev_test_split(X, Y, test=None), TypeError, "test=None: it is a fraction"),
        (lambda: nn.train_dev_test_split(X, Y, groups=[None, 1] * 10), ValueError, "^groups: row 0 has None"),
        # networks in one line
        (lambda: nn.MLP([3, 4, 2], activation=np.tanh), TypeError, "activation=tanh.*activation=nn.Tanh or"),
        (lambda: nn.MLP([3, 4, 2], activation=nn.Threshold), TypeError, "activation=lambda: nn.LeakyReLU"),
        (lambda: nn.MLP([3, 4, 2], activation=dict), TypeError, "it made dict, which is no Module"),
        # scalars
        (lambda: scalar.MLP(3, []), ValueError, r"such as MLP\(3, \[16, 1\]\)"),
        (lambda: scalar.MLP(0, [2]), ValueError, "nin=0: .*number of inputs"),
        (lambda: scalar.MLP(3, [2, 0]), ValueError, "nout=0: .*number of neurons"),
        (_bias_of_a_neuron, TypeError, r"neuron.b.data = 5.0"),
        (_weight_of_a_neuron, TypeError, r"a weight is 5.0, a plain number.*neuron.w\[0\].data"),
        # files
        (
            lambda: safetensors.save(nn.Linear(2, 2)),
            TypeError,
            r"Linear is no dictionary.*model.state_dict\(\)",
        ),
        (lambda: safetensors.save([P]), TypeError, "list is no dictionary"),
        # prices
        (_price_on_many, ValueError, "whole price would be added to every element.*reduction='mean'"),
        (_price_on_many_of_a_function, ValueError, r"a loss of shape \(2,\)"),
        # inputs
        (lambda: nn.Tanh()("x"), TypeError, "Tanh: the input is of dtype <U1, and no numbers"),
        (lambda: nn.GELU()("x"), TypeError, "GELU: the input is"),
        (lambda: nn.ReLU()(None), TypeError, "ReLU: the input is None"),
        (lambda: nn.Softmax()("x"), TypeError, "Softmax: the input is"),
        (lambda: nn.LogSoftmax()(["x"]), TypeError, "LogSoftmax: the input is"),
        (lambda: nn.BatchNorm1d(3)(X[:1]), ValueError, r"1 number a feature.*model.eval\(\)"),
    ],
)
def test_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_a_batch_of_one_row_moves_nothing():
    norm = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="no variance"):
        norm(X[:1])
    assert norm.num_batches_tracked == 0
    assert not norm.running_mean.any()


@pytest.mark.parametrize(
    ("pct_start", "three_phase"), [(0.0, False), (0.1, False), (0.55, True), (1.0, True)]
)
def test_a_cycle_of_any_share_runs_to_its_end(pct_start, three_phase):
    optimiser = _optimiser()
    cycle = schedule.OneCycleLR(optimiser, 1.0, 10, pct_start=pct_start, three_phase=three_phase)
    rates = [optimiser.lr]
    for _ in range(10):
        cycle.step()
        rates.append(optimiser.lr)
    assert np.isfinite(rates).all()
    assert max(rates) <= 1.0 + 1e-12
    if not three_phase:
        assert rates[0] == (1.0 if pct_start == 0.1 else rates[0])
        assert rates[-1] == rates[-2] == pytest.approx(1 / 25 / 1e4)


def test_a_list_of_losses_without_a_price_is_left_alone():
    loss = nn.Regularised(nn.MSELoss(reduction="none"), nn.Linear(3, 2), m=20)
    assert np.shape(loss(np.ones((3, 2)), np.zeros((3, 2)))) == (3, 2)
    assert nn.MLP([3, 4, 2], activation=lambda: nn.LeakyReLU(0.2), rng=0)[1].negative_slope == 0.2
