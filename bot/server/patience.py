"""A database that goes away while the App starts is waited for, with a line in the log instead of a traceback."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import OperationalError

log = structlog.get_logger(__name__)


async def open_patiently(opening: Callable[[], Awaitable[None]], seconds: float = 30.0) -> None:
    """Tries again for so long; raises what the last attempt raised."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    for attempt in itertools.count():
        try:
            await opening()
        except OperationalError as error:
            if loop.time() > deadline:
                raise
            log.warning("the state does not open yet; trying again", error=str(error.orig).partition("\n")[0])
            await asyncio.sleep(min(0.25 * 2**attempt, 5.0))
        else:
            return
