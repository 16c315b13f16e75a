"""Processes end with the one that started them, however it died."""

import asyncio
import logging
import os
from collections.abc import Callable

logger = logging.getLogger(__name__)

_LOOK_S = 1.0


async def stop_when_orphaned(stop: Callable[[], object], parent_pid: int) -> None:
    """Call `stop` once the parent has gone.

    Args:
        stop: Asks this process for an orderly end.
        parent_pid: Of the process that started this one, read before anything slow was done.
    """
    while os.getppid() == parent_pid:  # noqa: ASYNC110 — the kernel tells nobody else
        await asyncio.sleep(_LOOK_S)
    logger.warning("the process that started this one has ended")
    stop()
