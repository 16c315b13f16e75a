"""`liveshelf index bench`: recall against latency of a Milvus at several sizes of catalogue.

In: a Milvus and sizes. Out: `report.json` and `plot.png` in a folder. Every figure is written as
soon as it is known, so that a stopped run goes on where it was.
"""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import InputError

if TYPE_CHECKING:
    from workers.index import ProductIndex
    from workers.index_bench import IndexBench, Progress, Try
    from workers.index_kinds import Kind, Offers
    from workers.milvus import Consistency

    Connect = Callable[[Consistency], ProductIndex]

REPORT = "report.json"
PLOT = "plot.png"


@dataclass(frozen=True)
class IndexBenchOptions:
    """What is measured."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    """Products in a catalogue, one after the other."""
    kinds: "tuple[Kind, ...]" = ()
    """Vector indexes; none: all that the Milvus offers."""
    dim: int = 128
    """D of the made vectors; that of the shipped encoder."""
    batch: int = 32
    """Searches in one call."""
    calls: int = 200
    """Calls whose time is taken for one point."""
    top_k: int = 50
    """Products that each search asks for."""
    seed: int = 0
    keep: bool = False
    """Whether the made catalogues stay in Milvus."""


@dataclass
class Bench:
    """One run in one folder."""

    connect: "Connect"
    options: IndexBenchOptions
    out: Path
    tell: "Progress"
    report: dict[str, Any] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Measure what the folder's report does not have yet; return the whole report.

        Raises:
            InputError: the folder holds figures of other options or of another Milvus.
            MismatchError, TransientError, ServiceError: of Milvus.
        """
        index = self.connect("Strong")
        offers = index.offers()
        index.close()
        self._open(offers)
        for count in self.options.sizes:
            self._size(count, offers)
        return self.report

    def _open(self, offers: "Offers") -> None:
        asked = asdict(self.options) | {"milvus": offers.version}
        # Sizes and kinds may be added to, and what stays in Milvus changes no figure.
        same = {key: asked[key] for key in ("milvus", "dim", "batch", "calls", "top_k", "seed")}
        path = self.out / REPORT
        if path.exists():
            self.report = _read(path)
            if self.report.get("options") != same:
                was = self.report.get("options")
                message = f"{path} holds figures of {was}, not of {same}; choose another --out"
                raise InputError(message)
            return
        self.out.mkdir(parents=True, exist_ok=True)
        machine = {"cores": os.cpu_count(), "machine": platform.machine()}
        self.report = {"options": same, **machine, "sizes": []}

    def _size(self, count: int, offers: "Offers") -> None:
        from workers.index_bench import AskOptions, IndexBench
        from workers.index_kinds import index_of
        from workers.index_tries import kinds, tries
        from workers.index_vectors import MadeCatalogue

        options = self.options
        found = self._of(count)
        wanted = [
            (index_of(kind, count, options.dim), kind) for kind in kinds(options.kinds, offers)
        ]
        todo = [
            (
                kind,
                [one for one in tries(vectors, count, options.dim, offers) if not _has(found, one)],
            )
            for vectors, kind in wanted
        ]
        if not any(rest for _, rest in todo):
            return
        ask: AskOptions = AskOptions(options.batch, options.calls, options.top_k)
        catalogue = MadeCatalogue(count, options.dim, options.seed)
        bench: IndexBench = IndexBench(self.connect, catalogue, ask)
        try:
            seconds = bench.fill(self.tell)
            found["fill_s"] = round(found.get("fill_s", 0.0) + seconds, 1)
            for kind, rest in todo:
                if found["indexes"] and rest:
                    self._refill(bench, found["indexes"][-1]["kind"])
                self._kind(bench, kind, rest, found)
            if not options.keep:
                bench.drop()
        finally:
            bench.close()

    def _refill(self, bench: "IndexBench", before: str) -> None:
        # The embedded Milvus 2.3.5 removes the stored vectors when it lets go of an index that
        # ranks by codes and was asked for them; the next index would be built of nothing.
        if before in ("IVF_SQ8", "IVF_PQ"):
            bench.drop()
            bench.fill(self.tell)

    def _kind(
        self, bench: "IndexBench", kind: "Kind", rest: "list[Try]", found: dict[str, Any]
    ) -> None:
        if not rest:
            return
        self.tell(f"building {kind}", 0, found["count"])
        vectors, seconds = bench.tune(kind)
        built = {"kind": kind, "build": dict(vectors.build), "build_s": round(seconds, 1)}
        found["indexes"] = [one for one in found["indexes"] if one["kind"] != kind] + [built]
        for one in rest:
            found["points"].append(_key(one) | bench.measure(one, self.tell))
            self._write()

    def _of(self, count: int) -> dict[str, Any]:
        sizes: list[dict[str, Any]] = self.report["sizes"]
        for one in sizes:
            if one["count"] == count:
                return one
        sizes.append({"count": count, "indexes": [], "points": []})
        sizes.sort(key=lambda one: one["count"])
        return next(one for one in sizes if one["count"] == count)

    def _write(self) -> None:
        fresh = self.out / f"{REPORT}.new"
        fresh.write_text(json.dumps(self.report, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.out / REPORT)


def _key(one: "Try") -> dict[str, Any]:
    return {
        "kind": one.vectors.kind,
        "effort": one.vectors.effort,
        "consistency": one.consistency,
        "in_shop": one.in_shop,
        "writes": one.writes,
    }


def _has(found: dict[str, Any], one: "Try") -> bool:
    key = _key(one)
    return any({name: point[name] for name in key} == key for point in found["points"])


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{path} is no report of `liveshelf index bench`: {error}"
        raise InputError(message) from error
    if not isinstance(known, dict) or "sizes" not in known:
        message = f"{path} is no report of `liveshelf index bench`"
        raise InputError(message)
    return known
