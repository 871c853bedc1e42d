"""The requests' counter is a file in memory: whoever cuts it short, or has no room for it, kills the process."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from wangge.kit import metrics
from wangge.kit.metrics import SIZE, Tally, counted, tally


def test_first_requests_at_once_make_one_counter(tmp_path: Path, monkeypatch, settings) -> None:
    settings.DATA_FOLDER = tmp_path
    monkeypatch.setattr(metrics, "TALLIES", {})
    held: list[Tally] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        held.append(tally())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in held}) == 1


def test_a_counter_made_again_leaves_the_mapped_file_alone(tmp_path: Path) -> None:
    first = Tally(tmp_path)
    inode = (tmp_path / str(os.getpid())).stat().st_ino
    Tally(tmp_path)
    assert (tmp_path / str(os.getpid())).stat().st_ino != inode
    first.count("GET\t200\t/", 0.1)


def test_all_its_blocks_are_there_before_it_is_used(tmp_path: Path) -> None:
    Tally(tmp_path)
    assert (tmp_path / str(os.getpid())).stat().st_blocks * 512 >= SIZE


def test_on_a_full_disk_a_request_is_answered_uncounted(tmp_path: Path, monkeypatch, settings) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.DATA_FOLDER = tmp_path
    monkeypatch.setattr(metrics, "TALLIES", {})
    monkeypatch.setattr(os, "posix_fallocate", full)
    counted("GET\t200\t/", 0.1)
    assert list((tmp_path / "metrics").iterdir()) == []
    with pytest.raises(OSError, match="space"):
        tally()
