"""What a child gives up before it reads hostile text: whatever it has no use for, as far as this host permits.

Sources: landlock(7), user_namespaces(7), prctl(2), getrlimit(2). Nothing here needs a privilege. Where the kernel, a
container or an operating system refuses a step, the others are taken, and `kept` says what the child still can do.
"""

import contextlib
import ctypes
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterable, Sequence

_MEGABYTE = 1024 * 1024
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SIGKILL = 9
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The system calls of Landlock, the same on every processor."""
_READ = (1 << 2) | (1 << 3)
"""LANDLOCK_ACCESS_FS_READ_FILE and READ_DIR."""
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Every access to files that a version of Landlock knows; later ones know the last."""
_CONNECT_AND_BIND = 0b11
_SIGNALS_AND_SOCKETS = 0b11
_OPEN_FILES = 64

_kept: list[str] = []


def kept(_: None) -> tuple[str, ...]:
    """What this process could not give up, each a clause: "the network is reachable"."""
    return tuple(_kept)


def hide_memory() -> bool:
    """Lets no other process of this user read this one's memory or environment; it leaves no core dump, either."""
    return sys.platform == "linux" and _prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """On Linux the kernel does it; elsewhere the end of standard input."""
    parent = os.getppid()
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def drop(megabytes: int, readable: Iterable[str]) -> None:
    """Gives up all that can be given up; files stay readable below these folders and where Python itself lies."""
    for trouble, step in (
        ("the kernel's core dumps are not off", lambda: _limit(resource.RLIMIT_CORE, 0)),
        ("its memory has no limit", lambda: _limit(resource.RLIMIT_AS, megabytes * _MEGABYTE)),
        ("it may write files", lambda: _limit(resource.RLIMIT_FSIZE, 0)),
        ("it may open any number of files", lambda: _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)),
        ("it may gain privileges by what it runs", lambda: _prctl(_PR_SET_NO_NEW_PRIVS, 1)),
        ("it may read every file of this user", lambda: _restrict_files(readable)),
        ("it reaches the network", _leave_network),
        ("it may start processes", lambda: _limit(resource.RLIMIT_NPROC, 0) and not _may_fork()),
    ):
        if not _taken(step):
            _kept.append(trouble)


def _taken(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except (OSError, ValueError, AttributeError, struct.error):
        return False


def _limit(kind: int, most: int) -> bool:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))
    return True


def _may_fork() -> bool:
    """The limit on processes does not bind root: a try shows it, and the child of the try ends at once."""
    try:
        child = os.fork()
    except OSError:
        return False
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _leave_network() -> bool:
    """A network of its own has no way out. Needs user namespaces, which some hosts and most containers refuse."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0
        or libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0
    )


def _restrict_files(readable: Iterable[str]) -> bool:
    """Landlock: nothing is written, nothing is executed, and only the code that Python imports can be read."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    handled = struct.pack(
        "=QQQ",
        _FILES.get(version, _FILES[5]),
        _CONNECT_AND_BIND if version >= 4 else 0,
        _SIGNALS_AND_SOCKETS if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path in (*readable, *_where_python_lies()):
            _let_read(libc, ruleset, path)
        return libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _let_read(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    with contextlib.suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            access = _READ if os.path.isdir(path) else 1 << 2
            libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", access, opened), 0)
        finally:
            os.close(opened)


def _where_python_lies() -> Sequence[str]:
    """The standard library, the installed packages, and the libraries of the system that they load."""
    installed = [path for path in sys.path if "site-packages" in path or "dist-packages" in path]
    standard = [os.path.dirname(os.__file__), sys.prefix + "/lib", sys.base_prefix + "/lib"]
    return [*standard, *installed, "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"]


def _prctl(option: int, value: int) -> bool:
    return ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0
