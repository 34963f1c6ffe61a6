"""Convolutions and pooling: against sums written out, the three that are each other's derivative, edges and errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import ShapeError, Tensor, check_grads, gradients
from autograd.ops.convolve import _AT_A_TIME, _batches
from autograd.ops.windows import windows


def by_hand(x, weight, bias, stride, padding, dilation, groups):
    """conv2d as its definition reads, one number after the other."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    n, outputs, (_, each, rows, columns) = len(x), len(weight), weight.shape
    size = [
        (x.shape[2 + a] - dilation[a] * (k - 1) - 1) // stride[a] + 1 for a, k in enumerate((rows, columns))
    ]
    y = np.zeros((n, outputs, *size))
    for s, o, i, j in np.ndindex(y.shape):
        group = o // (outputs // groups)
        for c, k, m in np.ndindex(each, rows, columns):
            at = x[s, group * each + c, i * stride[0] + k * dilation[0], j * stride[1] + m * dilation[1]]
            y[s, o, i, j] += at * weight[o, c, k, m]
    return y + bias[:, None, None]


@pytest.mark.parametrize("seed", range(12))
def test_conv2d_is_the_sum_of_its_definition(seed):
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(1, 3))
    stride, dilation, padding = (tuple(map(int, rng.integers(low, 3, 2))) for low in (1, 1, 0))
    weight = rng.normal(size=(groups * 2, 2, *rng.integers(1, 4, 2)))
    x, bias = rng.normal(size=(2, groups * 2, 6, 7)), rng.normal(size=groups * 2)
    expected = by_hand(x, weight, bias, stride, padding, dilation, groups)
    y = ag.conv2d(x, weight, bias, stride, padding, dilation, groups)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["conv1d", "conv2d"])
def test_the_three_ops_have_one_inner_product(name):
    """<conv(x, w), g> = <x, transposed(g, w)> = <w, to_weight(x, g)>: so each is the other's derivative."""
    rng, n = np.random.default_rng(0), int(name[4])
    x, w = rng.normal(size=(2, 4, *(7, 6)[:n])), rng.normal(size=(6, 2, *(3, 2)[:n]))
    settings = {"stride": 2, "padding": 1, "groups": 2}
    y = ag.registry[name](x, w, **settings)
    g = rng.normal(size=y.shape)
    to_x = ag.registry[f"conv_transpose{n}d"](g, w, size=x.shape[2:], **settings)
    to_w = ag.registry[f"{name}_weight"](x, g, kernel_size=w.shape[2:], **settings)
    assert to_x.shape == x.shape
    assert to_w.shape == w.shape
    assert np.sum(y * g) == pytest.approx(np.sum(to_x * x)) == pytest.approx(np.sum(to_w * w))


def test_many_samples_at_a_time_are_the_same_as_one_by_one():
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(40, 8, 20, 20)), rng.normal(size=(4, 8, 3, 3))
    at = windows(x.shape[2:], w.shape[2:])
    parts = list(_batches(len(x), 8, at, 8))
    assert 1 < len(parts) < len(x)
    assert 8 * 3 * 20 * 18 * 8 * (parts[0].stop - parts[0].start) <= _AT_A_TIME
    leaves = Tensor(x), Tensor(w)
    y = ag.conv2d(*leaves)
    y.backward(np.ones(y.shape))
    weight_grad = np.zeros_like(w)
    for i in range(len(x)):
        one = Tensor(x[i]), Tensor(w)
        part = ag.conv2d(*one)
        np.testing.assert_allclose(part.data, y.data[i], rtol=1e-12, atol=1e-12)
        part.backward(np.ones(part.shape))
        np.testing.assert_allclose(one[0].grad, leaves[0].grad[i], rtol=1e-12, atol=1e-12)
        weight_grad += one[1].grad
    np.testing.assert_allclose(leaves[1].grad, weight_grad, rtol=1e-10)


def test_same_keeps_the_size_and_valid_pads_nothing():
    x = np.random.default_rng(2).normal(size=(1, 2, 5, 6))
    for kernel, dilation in (((3, 3), 1), ((2, 4), 1), ((3, 2), 2), ((1, 1), 1)):
        w = np.ones((3, 2, *kernel))
        assert ag.conv2d(x, w, padding="same", dilation=dilation).shape == (1, 3, 5, 6)
        assert ag.conv1d(x[:, :, 0], w[:, :, 0], padding="same").shape == (1, 3, 6)
    np.testing.assert_array_equal(
        ag.conv2d(x, np.ones((3, 2, 2, 2)), padding="valid"), ag.conv2d(x, np.ones((3, 2, 2, 2)))
    )
    check_grads(lambda x, w: ag.conv2d(x, w, padding="same"), x, np.ones((1, 2, 2, 3)))


def test_a_constant_image_costs_no_gradient_and_a_constant_weight_none():
    x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    y = ag.conv2d(x, Tensor(w))
    assert y.parents[0] is None
    assert ag.conv2d(x, w).__class__ is np.ndarray
    assert ag.conv2d(Tensor(x), w).parents[1] is None


def test_settings_as_usual_are_not_in_the_graph():
    x, w = Tensor(np.ones((1, 1, 4, 4))), Tensor(np.ones((1, 1, 2, 2)))
    assert ag.conv2d(x, w).kwargs == {}
    assert ag.conv2d(x, w, stride=(2, 2), padding=1).kwargs == {"stride": 2, "padding": 1}
    assert ag.max_pool2d(x, 2).kwargs == {"kernel_size": 2}
    assert ag.avg_pool2d(x, (2, 1), stride=1, count_include_pad=True).kwargs == {
        "kernel_size": (2, 1),
        "stride": 1,
    }


def test_a_transposed_convolution_is_the_gradient_of_the_convolution():
    rng = np.random.default_rng(3)
    x, w = Tensor(rng.normal(size=(1, 2, 7, 7))), rng.normal(size=(3, 2, 3, 3))
    y = ag.conv2d(x, w, stride=2)
    g = rng.normal(size=y.shape)
    y.backward(g)
    np.testing.assert_allclose(ag.conv_transpose2d(g, w, stride=2), x.grad, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ag.conv2d(np.ones((3, 3)), np.ones((1, 1, 2, 2))),
            r"input of shape \(3, 3\) and weight .*channels, rows",
        ),
        (
            lambda: ag.conv2d(np.ones((1, 2, 3, 3)), np.ones((1, 3, 2, 2))),
            "is for 3 channels of input; the input has 2",
        ),
        (
            lambda: ag.conv2d(np.ones((1, 2, 3, 3)), np.ones((1, 2, 4, 2))),
            "conv2d: a window of 4 does not fit on 3",
        ),
        (
            lambda: ag.conv2d(np.ones((1, 2, 3, 3)), np.ones((3, 1, 2, 2)), groups=2),
            "3 must be a multiple of groups",
        ),
        (
            lambda: ag.conv1d(np.ones((1, 2, 3)), np.ones((3, 2, 2)), np.ones(2)),
            r"bias of shape \(2,\) for 3 channels",
        ),
        (
            lambda: ag.conv_transpose2d(np.ones((1, 2, 3, 3)), np.ones((3, 2, 2, 2))),
            r"\(inputs, outputs / groups, rows",
        ),
        (lambda: ag.max_pool2d(np.ones((3, 3)), 2), r"input of shape \(3, 3\)"),
        (lambda: ag.avg_pool1d(np.ones((1, 3, 3)), 4), "does not fit on 3"),
        (lambda: ag.fold(np.ones((1, 4, 3)), (3, 3), 2), r"there are 4 windows on \(3, 3\)"),
        (lambda: ag.unfold(np.ones((4, 3)), 2), r"must be \(n, channels, rows, columns\)"),
        (lambda: ag.adaptive_avg_pool2d(np.ones(3), 1), r"input of shape \(3,\)"),
    ],
)
def test_shapes_that_do_not_fit(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, w: ag.conv2d(x, w, stride=0), "stride=0: give a whole number from 1 on, or 2 of them"),
        (lambda x, w: ag.conv2d(x, w, padding=(1, 1, 1)), "padding=.* give a whole number from 0 on"),
        (lambda x, w: ag.conv2d(x, w, padding="full"), 'is not "valid", "same"'),
        (lambda x, w: ag.conv2d(x, w, stride=2, padding="same"), "keeps the size, and stride"),
        (lambda x, w: ag.conv2d(x, w, stride=1.5), "stride=1.5"),
        (lambda x, w: ag.conv_transpose2d(x, w, output_padding=1), "must be smaller than stride"),
        (lambda x, w: ag.max_pool2d(x, 2, padding=2), "at most half the kernel"),
    ],
)
def test_settings_that_mean_nothing(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)))


# --- pooling


def test_the_first_of_equal_elements_gets_all_of_the_gradient():
    x = Tensor([[[[1.0, 1.0], [1.0, 1.0]]]])
    ag.max_pool2d(x, 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [[[[1.0, 0.0], [0.0, 0.0]]]])


def test_windows_that_overlap_add_up_and_nan_is_the_largest_with_a_gradient():
    x = Tensor([[[0.0, 5.0, 1.0, 2.0]]])
    ag.max_pool1d(x, 2, stride=1).backward(np.array([[[1.0, 10.0, 100.0]]]))
    np.testing.assert_array_equal(x.grad, [[[0.0, 11.0, 0.0, 100.0]]])
    x = Tensor([[[1.0, np.nan]]])
    y = ag.max_pool1d(x, 2)
    assert np.isnan(y.item())
    y.backward(np.ones((1, 1, 1)))
    assert x.grad.sum() == 1  # no gradient gets lost


def test_padding_is_never_the_largest_and_counts_as_zero_in_a_mean():
    x = np.full((1, 1, 2), -3.0)
    np.testing.assert_array_equal(ag.max_pool1d(x, 2, padding=1), [[[-3.0, -3.0]]])
    np.testing.assert_array_equal(ag.avg_pool1d(x, 2, padding=1), [[[-1.5, -1.5]]])
    np.testing.assert_array_equal(ag.avg_pool1d(x, 2, padding=1, count_include_pad=False), [[[-3.0, -3.0]]])
    whole = np.array([[[3, -7, -9, -8]]])
    np.testing.assert_array_equal(ag.max_pool1d(whole, 2, padding=1), [[[3, -7, -8]]])


def test_the_second_derivative_goes_through_a_max_pool():
    x = Tensor(np.random.default_rng(4).normal(size=(1, 1, 4, 4)))
    y = ag.max_pool2d(x, 2)
    first = gradients((y * y * y).sum(), x, create_graph=True)
    second = gradients(first.sum(), x)
    best = y.data.repeat(2, 2).repeat(2, 3)
    np.testing.assert_allclose(second, np.where(x.data == best, 6 * best, 0))


def test_float32_stays_float32_in_every_setting():
    x, w = np.ones((2, 2, 5, 5), np.float32), np.ones((2, 2, 3, 3), np.float32)
    for y in (
        ag.conv2d(x, w, np.ones(2, np.float32), 2, 1),
        ag.conv_transpose2d(x, w, stride=2, output_padding=1),
        ag.avg_pool2d(x, 2, padding=1, count_include_pad=False, ceil_mode=True),
        ag.max_pool2d(x, 2, padding=1),
        ag.adaptive_avg_pool2d(x, (2, 3)),
        ag.fold(ag.unfold(x, 2), (5, 5), 2),
    ):
        assert y.dtype == np.float32


def test_what_is_not_contiguous_gives_the_same():
    rng = np.random.default_rng(5)
    x, w = rng.normal(size=(6, 5, 3, 2)), rng.normal(size=(2, 3, 3, 4))
    a, b = (x.transpose(3, 2, 1, 0), w.transpose(3, 2, 0, 1)[:, :, ::-1])
    for f in (lambda x: ag.conv2d(x, b), lambda x: ag.max_pool2d(x, 2), lambda x: ag.avg_pool2d(x, 2)):
        np.testing.assert_allclose(f(a), f(np.ascontiguousarray(a)), rtol=1e-12)
