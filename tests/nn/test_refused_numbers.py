"""What losses are given that they cannot count with, and what they say."""

import numpy as np
import pytest

import nn

ONES = np.ones((4, 3))
COLUMN = np.zeros((4, 1), int)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: nn.MSELoss(reduction=None), TypeError, r'is \'mean\', .*nn\.MSELoss\(reduction="none"\)'),
        (lambda: nn.BCELoss()("a", "b"), TypeError, "BCELoss: the outputs are of dtype <U1, and no numbers"),
        (lambda: nn.BCEWithLogitsLoss()(np.ones(1), ["b"]), TypeError, "the targets are of dtype <U1"),
        (lambda: nn.MSELoss()(np.ones(2), ["1", "2"]), TypeError, "the targets are of dtype <U1"),
        (
            lambda: nn.MSELoss()(np.ones(1), np.array(["2020-01-01"], "M8[D]")),
            TypeError,
            r"dtype datetime64\[D\]",
        ),
        (lambda: nn.CrossEntropyLoss()(ONES, ("a",) * 4), TypeError, "the targets are of dtype <U1"),
        (lambda: nn.MSELoss()(None, np.ones(3)), TypeError, "the outputs are None.*Did the model return"),
        (lambda: nn.CrossEntropyLoss()(ONES, None), TypeError, "the targets are None"),
        (lambda: nn.CrossEntropyLoss()(ONES, ["a"] * 4), TypeError, "np.unique"),
        (lambda: nn.MSELoss()((nn.Parameter(ONES), 1), ONES), TypeError, r"a tuple of 2.*outputs\[0\]"),
        (lambda: nn.CrossEntropyLoss()(ONES, COLUMN), ValueError, r"\(4, 1\), a column.*labels.ravel\(\)"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=0.1)(ONES, COLUMN), ValueError, r"labels\[:, 0\]"),
        (lambda: nn.NLLLoss()(ONES, COLUMN), ValueError, "NLLLoss.*a column"),
        (lambda: nn.HingeLoss()(ONES, COLUMN), ValueError, "HingeLoss.*a column"),
        (
            lambda: nn.GaussianNLLLoss()(ONES, ONES, np.ones((4, 1, 1))),
            ValueError,
            r"var of shape \(4, 1, 1\)",
        ),
    ],
)
def test_no_numbers(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


@pytest.mark.parametrize("labels", [[-1, 0], (-1, 0)])
def test_a_list_of_labels_with_one_that_is_ignored(labels):
    loss = nn.CrossEntropyLoss(ignore_index=-1)
    scores = np.array([[5.0, 0.0], [1.0, 2.0]])
    assert (
        float(loss(scores, labels)) == float(loss(scores, np.array(labels))) == pytest.approx(np.log1p(np.e))
    )


@pytest.mark.parametrize("kind", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_a_batch_whose_weights_are_all_0_has_no_mean_and_no_pull(kind):
    scores = nn.Parameter(np.ones((2, 2)))
    loss = kind(weight=[0.0, 1.0])(scores, [0, 0])
    loss.backward()
    assert np.isnan(loss.item())
    assert not scores.grad.any()


def test_whole_numbers_as_outputs_do_not_round_the_targets():
    assert float(nn.MSELoss()(np.array([1, 2]), np.array([0.5, 0.5]))) == 1.25
    assert float(nn.L1Loss()([1, 2], [0.5, 0.5])) == 1.0
