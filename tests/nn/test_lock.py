"""The lock on a folder: who is in keeps all others out, and leaves nothing behind."""

from __future__ import annotations

from nn.core.lock import locked


def test_who_does_not_get_in_does_not_open_the_door_for_others(tmp_path):
    with locked(tmp_path) as first:
        assert first
        for _ in range(2):
            with locked(tmp_path, wait=False) as second:
                assert not second
    with locked(tmp_path, wait=False) as first, locked(tmp_path, wait=False, name=".other") as other:
        assert first
        assert other
    assert not any(tmp_path.iterdir())
