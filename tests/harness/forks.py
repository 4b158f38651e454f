"""`migsafe serve` and `migsafe work` as processes that start in a fraction of a second, to be killed by the hundred.

    python -m tests.harness.forks        imports the App once, then forks a process for each line of JSON it reads

A process runs what the command runs (`bot.app.serve`, `bot.app.work`), with a shorter rhythm. It shares nothing with
the others but imported modules; what costs a second at every start of the command is paid once.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bot.server.jobs import Rhythm
from tests.support.places import ROOT

Part = Literal["serve", "web", "work"]
"""Web side and worker in one process, or one of them."""

QUICK = Rhythm(
    poll=0.1,
    tend=0.5,
    sweep=1.5,
    grace=0.7,
    drain=0,
    restart=0.2,
    first_pause=0.3,
    longest_pause=2.0,
    haste=40.0,
    origin=time.time(),
)
"""The worker's rhythm, fast enough that a round of kills takes seconds."""

_NEEDED = (
    "bot.app",
    "bot.review.judge",
    "bot.rules",
    "psycopg",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.on",
)


_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Victim:
    """One process of the App; it can be killed and started again on the same port and state."""

    forks: "Forks"
    part: Part
    port: int
    name: str
    environment: Mapping[str, str]
    pid: int = 0

    @property
    def hook(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    @property
    def log(self) -> Path:
        return self.forks.folder / f"{self.name}.log"

    def start(self) -> None:
        self.pid = self.forks.fork(self)

    def kill(self) -> bool:
        """Sends SIGKILL, as a machine that fails; returns whether there was something to kill. Safe in any thread."""
        pid, self.pid = self.pid, 0
        if not pid:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    @property
    def alive(self) -> bool:
        if not self.pid:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


class Forks:
    """The process that forks; `folder` takes the logs. Ends, with all it has forked, when it is closed."""

    def __init__(self, folder: Path, rhythm: Rhythm = QUICK) -> None:
        self.folder = folder
        self.victims: list[Victim] = []
        command = [sys.executable, "-m", "tests.harness.forks"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MIGSAFE_")}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say(asdict(rhythm))

    def victim(self, part: Part, name: str, environment: Mapping[str, str]) -> Victim:
        victim = Victim(self, part, _free_port(), name, environment)
        self.victims.append(victim)
        return victim

    def fork(self, victim: Victim) -> int:
        return int(
            self._say(
                {
                    "part": victim.part,
                    "port": victim.port,
                    "log": str(victim.log),
                    "folder": str(self.folder),
                    "environment": dict(victim.environment),
                }
            )
        )

    def close(self) -> None:
        for victim in self.victims:
            victim.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _say(self, line: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    for module in _NEEDED:
        importlib.import_module(module)
    gc.freeze()
    rhythm = Rhythm(**json.loads(sys.stdin.readline()))
    print(json.dumps("ready"), flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel then removes who has been killed
    while line := sys.stdin.readline():
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order, rhythm)
        print(json.dumps(pid), flush=True)


def _become(order: dict[str, Any], rhythm: Rhythm) -> None:
    """What the command does, in this forked process; never returns."""
    from bot import app

    code = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a harness that is interrupted leaves nothing
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        random.seed()
        print(f"--- {order['part']} {os.getpid()} {time.strftime('%H:%M:%S')}", flush=True)
        if order["part"] == "work":
            code = app.work(rhythm)
        else:
            code = app.serve("127.0.0.1", order["port"], worker=order["part"] == "serve", rhythm=rhythm)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
