from __future__ import annotations

import subprocess
import sys

import pytest

from kg.query.isolation import MemoryMeter

AFTERWARDS = """
import os, socket
from kg.query import isolation
{forbid}
print(isolation.has_network())
try:
    {attempt}
    print("done")
except OSError as error:
    print(error.errno)
"""


def run(forbid: str, attempt: str) -> list[str]:
    text = AFTERWARDS.format(forbid=forbid, attempt=attempt)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are filtered on Linux only")
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.create_connection(('127.0.0.1', 9))",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_filtered_calls_fail_with_an_errno_of_their_own(attempt: str) -> None:
    assert run("assert isolation.filter_system_calls()", attempt) == ["False", "66"]


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are filtered on Linux only")
def test_files_and_pipes_still_work_under_the_filter() -> None:
    assert run("isolation.filter_system_calls()", "os.pipe(); open('/dev/null').read()") == ["False", "done"]


def test_without_a_filter_no_descriptor_is_left() -> None:
    assert run("isolation.leave_no_descriptor()", "os.pipe()") == ["False", "24"]


def test_by_default_a_process_has_a_network() -> None:
    assert run("", "os.pipe()") == ["True", "done"]


def test_memory_beyond_the_allowance_is_refused() -> None:
    text = "from kg.query.isolation import MemoryMeter, limit_memory; limit_memory(64 << 20, MemoryMeter()); bytes(256 << 20)"
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert "MemoryError" in ended.stderr


def test_the_meter_sees_what_is_taken() -> None:
    meter = MemoryMeter()
    before = meter.private()
    taken = bytearray(32 << 20)
    assert meter.private() - before > 16 << 20
    assert len(taken) < meter.address_space()
