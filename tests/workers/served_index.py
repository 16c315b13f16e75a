"""A real Milvus Lite behind our own server, for one test module, and what tests ask of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from models.batch import Sample
from stream.index_server import IndexServer, IndexServerOptions, uri
from tests.tiny_vision import ColourAndWords, picture
from workers.events import Product
from workers.index import ProductIndex
from workers.index_build import BuildReport, IndexBuilder
from workers.index_schema import Floats, Scope
from workers.milvus import MilvusOptions


class ServedIndex:
    """One server, which a test may kill, and connections to it."""

    def __init__(self, server: IndexServer) -> None:
        self._server = server
        self._opened: list[ProductIndex] = []

    @property
    def uri(self) -> str:
        """Of the running server, started again if it was killed."""
        return uri(self._server.status() or self._server.start())

    def connect(self) -> ProductIndex:
        """Return an index with a connection of its own."""
        self._opened.append(ProductIndex(MilvusOptions(self.uri)))
        return self._opened[-1]

    def kill(self) -> None:
        """End the server as a crash does; it stays away until `uri` is asked for."""
        running = self._server.status()
        assert running is not None
        process = psutil.Process(running.pid)
        process.kill()
        process.wait(timeout=20)

    def close(self) -> None:
        """Close all connections."""
        for index in self._opened:
            index.close()


@contextmanager
def served_index(folder: Path) -> Iterator[ServedIndex]:
    server = IndexServer(IndexServerOptions(folder, min_free_mb=100, owner_pid=os.getpid()))
    server.start()
    served = ServedIndex(server)
    try:
        yield served
    finally:
        served.close()
        server.stop()


def build(builder: IndexBuilder, some: list[Product], lines: tuple[int, ...] = ()) -> BuildReport:
    *_, report = builder.build(some, lines)
    assert report.finished
    return report


def asked(encoder: ColourAndWords, colour: str | None = None, words: str | None = None) -> Floats:
    frames = (picture(colour),) if colour else ()
    return encoder.encode([Sample("live", frames, words)])


def found(index: ProductIndex, encoder: ColourAndWords, query: Floats, *scopes: Scope) -> list[str]:
    hits = index.search(encoder.fingerprint, query, 5, scopes or None)[0]
    return [hit.product_id for hit in hits]
