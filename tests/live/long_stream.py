"""Hours of made sound through a real Kafka and a real process that hears with a double.

python -m tests.live.long_stream --hours 4

Prints the process's memory every ten minutes of media, and at the end the account that the topic
`state` holds. The process is killed once, half way. Takes minutes.
"""

import argparse
import asyncio
import functools
import os
import socket
import tempfile
from contextlib import closing
from pathlib import Path

import psutil

from stream.admin import ensure_topics
from stream.broker import Broker, BrokerOptions
from stream.link import Link, connect
from stream.topics import AUDIO, STREAMS
from tests.conftest import CACHE_DIR
from tests.live.test_media_account import Listener, Worker
from tests.stream.sound_stage import VOICE, chunk
from workers.events import Room

ROOM = "long"
STRETCH = 600
"""Slots between two readings of memory; as many are read before more are sent."""


async def play(link: Link, worker: Worker, slots: int) -> None:
    """Send everything, stretch by stretch, and tell what the process holds."""
    opened = link.encode(Room(stream_id=ROOM, version=0), "test")
    await (await link.produce(STREAMS, opened))
    worker.start()
    async with Listener(link) as listener:
        for first in range(0, slots, STRETCH):
            until = min(slots, first + STRETCH)
            if first < slots / 2 <= until:
                await asyncio.to_thread(worker.kill)
                worker.start()
            for slot in range(first, until):
                level = VOICE if slot % 9 < 7 else 0
                one = chunk(ROOM, slot, level, last=slot == slots - 1)
                await link.produce(AUDIO, link.encode(one, "test"), 0)
            await listener.until(functools.partial(listener.has, ROOM, until - 20))
            resident = psutil.Process(worker.process.pid).memory_info().rss / 2**20
            print(f"{until / 60:6.0f} min  {resident:7.1f} MiB")  # noqa: T201
        await listener.until(lambda: listener.sums is not None)
        print(listener.sums.text() if listener.sums else "")  # noqa: T201


async def main(hours: float) -> None:
    """Start a broker and a process for the time of the run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Broker(BrokerOptions(folder / "broker", CACHE_DIR, owner_pid=os.getpid()))
        broker.prepare()
        address = broker.start().address
        try:
            await ensure_topics(address, "long.", partitions=1, replication=1)
            async with connect(address, "long.", "test") as link:
                with closing(socket.socket()) as one:
                    one.bind(("127.0.0.1", 0))
                    port = int(one.getsockname()[1])
                worker = Worker(link, port, folder)
                try:
                    await play(link, worker, round(hours * 3_600))
                finally:
                    worker.kill()
        finally:
            broker.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=4.0, help="media, in hours")
    asyncio.run(main(parser.parse_args().hours))
