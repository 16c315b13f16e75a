"""A process that hears with a double on a real Kafka, and tells its metrics:
`python -m tests.live.sound_worker SERVERS PREFIX MEMBER PORT`."""

import asyncio
import logging
import sys

from stream.metrics_server import serve_metrics
from stream.process import run_stages
from stream.setting_groups import MetricsSettings
from stream.stage import RunnerOptions
from tests.stream.sound_stage import sound_stage

if __name__ == "__main__":
    servers, prefix, member, port = sys.argv[1:]
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiokafka").setLevel("WARNING")
    options = RunnerOptions(commit_interval_ms=50)
    with serve_metrics(MetricsSettings(int(port)), int(port)) as meter_of:
        stages = [lambda _: sound_stage()]
        asyncio.run(run_stages(stages, servers, prefix, options, member, meter_of=meter_of))
