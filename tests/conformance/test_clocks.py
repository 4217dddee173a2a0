"""What both clocks promise: the machine's and the one that tests hold by hand."""

import pytest

from bongsu.clock import SYSTEM, Clock
from bongsu.testing import FakeClock


@pytest.mark.parametrize("clock", [SYSTEM, FakeClock()])
def test_time_is_told_in_seconds_and_the_monotonic_clock_never_goes_back(clock: Clock) -> None:
    assert clock.now() > 1_600_000_000
    readings = [clock.monotonic() for _ in range(10)]
    assert readings == sorted(readings)


def test_a_fake_clock_moves_only_by_hand() -> None:
    clock = FakeClock(now=100.0, monotonic=5.0)
    assert (clock.now(), clock.monotonic()) == (100.0, 5.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (102.5, 7.5)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_setting_the_wall_clock_leaves_the_monotonic_one_alone(seconds: float) -> None:
    clock = FakeClock(now=10_000.0, monotonic=5.0)
    clock.jump(seconds)
    assert (clock.now(), clock.monotonic()) == (10_000.0 + seconds, 5.0)


def test_time_does_not_pass_backwards() -> None:
    with pytest.raises(ValueError, match="jump"):
        FakeClock().advance(-1)
