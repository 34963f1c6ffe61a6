"""ReduceLROnPlateau: what counts as better, and groups that come later. The rest is with the other schedules."""

from __future__ import annotations

import pytest

import nn


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "enough", "too_little"),
    [
        ("min", "rel", 1.499, 1.5),
        ("min", "abs", 1.749, 1.75),
        ("max", "rel", 2.501, 2.5),
        ("max", "abs", 2.251, 2.25),
    ],
)
def test_a_metric_is_better_than_2_by_a_quarter_of_it_or_by_a_quarter(
    mode, threshold_mode, enough, too_little
):
    for metric, rate in ((enough, 1.0), (too_little, 0.5)):
        optimiser = nn.SGD([nn.Parameter([1.0])], lr=1.0)
        schedule = nn.schedule.ReduceLROnPlateau(optimiser, mode, 0.5, 0, 0.25, threshold_mode)
        schedule.step(2.0)
        schedule.step(metric)
        assert optimiser.lr == rate


def test_a_group_that_comes_later_has_the_lowest_rate_of_the_last():
    optimiser = nn.SGD([nn.Parameter([1.0])], lr=1.0)
    schedule = nn.schedule.ReduceLROnPlateau(optimiser, factor=0.5, patience=0, min_lr=[0.3])
    optimiser.add_param_group({"params": [nn.Parameter([1.0])], "lr": 2.0})
    for _ in range(6):
        schedule.step(1.0)
    assert schedule.get_last_lr() == [group["lr"] for group in optimiser.param_groups] == [0.3, 0.3]
