"""detect_anomaly: the op and the user's line where nan or inf first appears."""

from __future__ import annotations

import contextvars

import numpy as np
import pytest

from autograd import (
    AnomalyError,
    Tensor,
    Value,
    detect_anomaly,
    exp,
    grad,
    log,
    multiply,
    no_grad,
    softmax,
    sqrt,
    trace,
    where,
)


def test_forward_names_op_element_inputs_and_line():
    y = Tensor([[1.0, 2.0], [0.0, 3.0]]) * 2.0
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        log(y).sum()
    text = str(caught.value)
    assert text.startswith("log gave -inf at element (1, 0) from finite inputs, x = 0.")
    assert "test_anomaly.py" in text
    assert text.endswith("log(y).sum()")


def test_only_the_first_op_is_blamed():
    x = Tensor([-np.inf, 1.0])  # not an op's fault: a mask may be minus infinity
    with detect_anomaly():
        (x * 2.0).exp().sum()
    with pytest.raises(AnomalyError, match=r"^log gave nan .* x = -1"), detect_anomaly():
        np.exp(np.log(Tensor(-1.0)))


def test_a_nan_made_of_infinities_is_new():
    seen, nothing = np.array([[True, True]]), np.array([[False, False]])
    scores = Tensor([[1.0, 2.0]])
    with detect_anomaly():
        softmax(where(seen, scores, -np.inf)).sum().backward()
    masked = r"^softmax gave nan at element \(0, 0\) from infinite inputs"
    with pytest.raises(AnomalyError, match=masked), detect_anomaly():
        softmax(where(nothing, scores, -np.inf))
    x = Tensor([2.0, 0.0])
    upstream = np.array([1.0, np.inf])
    above = r"gradient of square .* is nan .* from above was infinite"
    with pytest.raises(AnomalyError, match=above), detect_anomaly():
        np.square(x).backward(upstream)


def test_watching_goes_on_after_a_block_that_was_closed_elsewhere():
    def suspended():
        with no_grad():
            yield

    g = suspended()
    with detect_anomaly():
        next(g)
        contextvars.copy_context().run(g.close)
        with pytest.raises(AnomalyError, match=r"^log gave -inf"):
            log(Tensor(0.0))


def test_a_look_at_the_gradients_is_not_interfered_with():
    x = Tensor([4.0, 0.0])
    with detect_anomaly():
        adjoints, _ = trace(sqrt(x).sum())
    np.testing.assert_array_equal(adjoints[x], [0.25, np.inf])


def test_backward_names_the_op_and_the_line_of_its_forward_pass():
    x = Tensor([4.0, 0.0])
    with detect_anomaly():
        root = sqrt(x)
        with pytest.raises(AnomalyError) as caught:
            root.sum().backward()
    text = str(caught.value)
    assert text.startswith("the gradient of sqrt for its input 0 is inf at element (1,), where y = 0, x = 0")
    assert text.endswith("root = sqrt(x)")
    assert x.grad is None


def test_backward_of_a_graph_recorded_outside_says_how_to_see_the_line():
    x = Tensor(0.0)
    y = sqrt(x)
    with pytest.raises(AnomalyError, match="Record the graph inside detect_anomaly"), detect_anomaly():
        y.backward()


def test_scalars_and_functional_and_second_derivatives_are_watched_too():
    v = Value(0.0)
    place = "the gradient of sqrt for its input 0 is inf, where y = 0, x = 0"
    with pytest.raises(AnomalyError, match=place), detect_anomaly():
        v.sqrt().backward()
    with pytest.raises(AnomalyError, match="sqrt"), detect_anomaly():
        grad(np.sqrt)(0.0)
    with pytest.raises(AnomalyError, match="multiply gave inf"), detect_anomaly():
        multiply(Value(1e200), 1e200)
    with pytest.raises(AnomalyError, match="sqrt"), detect_anomaly():
        Tensor(0.0).sqrt().backward(create_graph=True)


def test_a_bad_upstream_gradient_is_the_callers_own():
    x = Tensor([1.0, 2.0])
    with detect_anomaly():
        (x * 3.0).backward(np.array([np.nan, 1.0]))
    np.testing.assert_array_equal(x.grad, [np.nan, 3.0])


def test_healthy_programs_give_the_same_numbers_as_unwatched():
    x = Tensor([[0.3, -1.0], [2.0, 0.1]])

    def loss():
        return (exp(x @ x) * x).sum()

    loss().backward()
    expected = x.grad
    x.grad = None
    with detect_anomaly():
        loss().backward()
    np.testing.assert_array_equal(x.grad, expected)


def test_it_ends_with_its_block_nests_and_decorates():
    with detect_anomaly(), detect_anomaly():
        pass
    with np.errstate(divide="ignore"):
        assert np.isinf(Tensor(0.0).log().data)
    with detect_anomaly(), no_grad(), np.errstate(divide="ignore"):
        assert np.isinf(Tensor(0.0).log().data)  # nothing is recorded, so nothing is watched
    with no_grad(), detect_anomaly():
        y = Tensor(0.0).log()
    assert not y.requires_grad

    @detect_anomaly()
    def f(x):
        return x.log()

    for _ in range(2):
        with pytest.raises(AnomalyError):
            f(Tensor(0.0))
    assert f(Tensor(1.0)).item() == 0.0


def test_a_nan_that_is_in_the_data_is_not_blamed_on_an_op():
    X, w = np.array([[1.0, np.nan], [2.0, 3.0]]), Tensor([[1.0], [1.0]])
    with (
        pytest.raises(AnomalyError, match=r"^input 0 of matmul holds nan at element \(0, 1\) already"),
        detect_anomaly(),
    ):
        X @ w
    with pytest.raises(AnomalyError, match="input 0 of multiply holds nan at element"), detect_anomaly():
        Tensor([np.nan, 1.0]) * 2
    with pytest.raises(AnomalyError, match="input 0 of absolute holds nan already"), detect_anomaly():
        abs(Value(float("nan")))


def test_a_choice_that_comes_too_late_is_explained():
    x = Tensor([4.0, 0.0])
    with (
        pytest.raises(AnomalyError, match=r"0 from above times an infinite slope.*np.sqrt\(np.where"),
        detect_anomaly(),
    ):
        np.where(x > 0, np.sqrt(x), 0.0).sum().backward()
