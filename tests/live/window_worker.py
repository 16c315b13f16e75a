"""A process that runs the smallest stage on a real Kafka: `python -m tests.live.window_worker
SERVERS PREFIX MEMBER`."""

import asyncio
import logging
import sys

from stream.process import run_stages
from stream.stage import RunnerOptions
from tests.stream.window_stage import window_stage

if __name__ == "__main__":
    servers, prefix, member, idle_close_ms = sys.argv[1:]
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiokafka").setLevel("WARNING")
    options = RunnerOptions(commit_interval_ms=200, idle_close_ms=int(idle_close_ms))
    asyncio.run(run_stages([lambda _: window_stage()], servers, prefix, options, member))
