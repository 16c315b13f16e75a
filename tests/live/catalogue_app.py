"""A process with the application and an index that writes down what it is told:
`python -m tests.live.catalogue_app SERVERS PREFIX MEMBER FOLDER`.

Titles ask for trouble: `storm …` is away three times, `crash …` is a bug until the folder has a
file `mended`, `bad …` can never be indexed. Each change takes a while, so that a kill meets it."""

import json
import logging
import os
import sys
import time
from collections import Counter
from pathlib import Path

from models.errors import InputError, TransientError
from stream.app import AppOptions, run_app
from stream.ordered_agent import LaneOptions
from workers.events import Product

WORK_S = 0.01


class WrittenDown:
    """An index whose only content is a file of changes, in order."""

    def __init__(self, folder: Path, member: str) -> None:
        self._folder = folder
        self._member = member
        self._failures: Counter[str] = Counter()

    def upsert(self, product: Product) -> None:
        time.sleep(WORK_S)
        if product.title.startswith("storm") and self._failures[product.title] < 3:
            self._failures[product.title] += 1
            raise TransientError(product.title)
        if product.title.startswith("bad"):
            raise InputError(product.title)
        if product.title.startswith("crash") and not (self._folder / "mended").exists():
            raise ZeroDivisionError(product.title)
        self._write(product.product_id, product.title)

    def delete(self, product_id: str) -> None:
        time.sleep(WORK_S)
        self._write(product_id, None)

    def _write(self, product_id: str, title: str | None) -> None:
        line = json.dumps([product_id, title, self._member]) + "\n"
        descriptor = os.open(self._folder / "changes", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, line.encode())
        os.close(descriptor)


if __name__ == "__main__":
    servers, prefix, member, folder = sys.argv[1:]
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = AppOptions(
        bootstrap_servers=servers,
        data_dir=Path(folder) / f"faust-{member}",
        prefix=prefix,
        member=member,
        commit_interval_ms=100,
        lanes=LaneOptions(first_backoff_s=0.05),
    )
    run_app(options, lambda: WrittenDown(Path(folder), member))
