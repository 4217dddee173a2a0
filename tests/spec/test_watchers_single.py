"""One watcher at a time for one thing."""

import os
from pathlib import Path

import pytest

from bongsu.watchers import single


def test_a_second_one_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    first = single.hold(folder, "pm2 /home/one")
    single.hold(folder, "pm2 /home/other").release()
    with pytest.raises(single.Taken) as refused:
        single.hold(folder, "pm2 /home/one")
    assert refused.value.pid == os.getpid()
    first.release()
    single.hold(folder, "pm2 /home/one").release()
