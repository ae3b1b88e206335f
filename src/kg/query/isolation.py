"""What a process that runs strangers' queries may not do: open a connection, start a program, or outgrow its memory.

Oxigraph performs the network calls of ``SERVICE`` itself and has no switch against it, and a look at the query's text
cannot find them all. So the operating system refuses them: by a seccomp filter on Linux (x86-64, AArch64), elsewhere
by leaving no free file descriptor. :func:`has_network` proves in each worker that it worked.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import socket
import struct
import sys
from pathlib import Path

# The errno that refused calls fail with. It is distinctive, so that an error message of the engine can be recognised.
REFUSED_ERRNO = errno.EREMOTE if hasattr(errno, "EREMOTE") else errno.EPERM

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_FAIL = 0x00050000 | REFUSED_ERRNO
_KILL = 0x80000000
_X32_BIT = 0x40000000

# audit architecture; numbers of: socket, connect, bind, listen, execve, execveat, ptrace, io_uring_setup (which could
# open sockets without socket(2)), io_uring_enter, io_uring_register, bpf, process_vm_writev.
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 59, 322, 101, 425, 426, 427, 321, 311)),
    "aarch64": (0xC00000B7, (198, 203, 200, 201, 221, 281, 117, 425, 426, 427, 280, 271)),
}


def filter_system_calls() -> bool:
    """Forbid this process and its children to open network connections or start programs, for good.

    Returns False where there is no such filter for this system: then :func:`leave_no_descriptor` must do.
    """
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    architecture, calls = _CALLS[platform.machine()]
    load, jump_equal, jump_greater, give = 0x20, 0x15, 0x35, 0x06
    program = [
        (load, 0, 0, 4),  # the architecture of the call: one that we do not know ends the process
        (jump_equal, 1, 0, architecture),
        (give, 0, 0, _KILL),
        (load, 0, 0, 0),  # the number of the call
        (jump_greater, 0, 1, _X32_BIT),  # the second numbering of x86-64 has no use here
        (give, 0, 0, _KILL),
    ]
    program += [(jump_equal, len(calls) - position, 0, call) for position, call in enumerate(calls)]
    program += [(give, 0, 0, _ALLOW), (give, 0, 0, _FAIL)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    library = ctypes.CDLL(None, use_errno=True)
    reference = Program(len(program), ctypes.addressof(code))
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(reference), 0, 0) == 0)


def has_network() -> bool:
    """Tell whether this process can still open a socket."""
    try:
        socket.socket().close()
    except OSError:
        return False
    return True


def leave_no_descriptor() -> None:
    """Lower the limit on open files to what is open now and fill the gaps, so that no socket can be opened."""
    highest = max(_open_descriptors())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, highest + 1))
    try:
        while True:
            os.dup(0)
    except OSError:
        return


def _open_descriptors() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        if Path(folder).is_dir():
            found = [int(name) for name in os.listdir(folder)]  # noqa: PTH208 - names only, no paths
            return [number for number in found if _is_open(number)]
    return [number for number in range(1024) if _is_open(number)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its ``parent`` ends (Linux; elsewhere the closing pipes must tell)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            # It ended before the kernel was told.
            os._exit(0)


def limit_memory(allowance: int, meter: MemoryMeter) -> None:
    """Let the address space of this process grow by no more than ``allowance`` bytes from now on."""
    occupied = meter.address_space()
    if occupied:
        limit = occupied + allowance
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class MemoryMeter:
    """Tells how much memory this process takes, in bytes; 0 where the system does not say (elsewhere than Linux)."""

    def __init__(self) -> None:
        self._page = resource.getpagesize()
        try:
            self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        except OSError:
            self._statm = -1

    def address_space(self) -> int:
        """Return the size of the address space."""
        return self._columns()[0]

    def private(self) -> int:
        """Return the memory that this process holds and shares with no other."""
        _, resident, shared = self._columns()
        return resident - shared

    def _columns(self) -> tuple[int, int, int]:
        if self._statm < 0:
            return 0, 0, 0
        size, resident, shared, *_ = os.pread(self._statm, 128, 0).split()
        return int(size) * self._page, int(resident) * self._page, int(shared) * self._page
