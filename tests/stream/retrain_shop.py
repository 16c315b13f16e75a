"""A shop that can be retrained: a tiny trained encoder that serves, a recorded room, its tags."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.manifest import Manifest, load_manifest
from stream.settings import Settings, load_settings, with_encoder
from stream.stages.loading import index_builder, load_encoder, open_index
from tests.media_files import Film, make_film
from tests.models.tiny_training import write_manifest
from tests.models.trained_checkpoint import trained_checkpoint
from workers.catalogue import read_catalogue
from workers.events import Correction, Evidence, FrameRef, Tag
from workers.evidence import recorded_frames
from workers.index import ProductIndex
from workers.media_wire import MediaOptions

TINY = ("train_px=32", "sampler.live_rows=6", "frozen_blocks=0", "batch_norm=frozen", "epochs=1")


@dataclass(frozen=True)
class Shop:
    """Where everything lies."""

    data: Manifest
    manifest: Path
    checkpoint: Path
    catalogue: Path
    rooms: Path
    tags: Path
    corrections: Path

    def settings(self, uri: str, folder: Path) -> Settings:
        """Return settings whose encoder serves."""
        found = load_settings(
            {
                "index.uri": uri,
                "models.encoder": str(self.checkpoint),
                "models.device": "cpu",
                "paths.data_dir": str(folder / "data"),
                "paths.cache_dir": str(folder / "cache"),
            },
            environment={},
        )
        self.serve(found)
        return found

    def serve(self, settings: Settings) -> ProductIndex:
        """Index the catalogue with the shop's encoder, and return the index."""
        index = open_index(settings, settings.index.uri)
        settings = with_encoder(settings, str(self.checkpoint))
        *_, report = index_builder(settings, index).build(read_catalogue(self.catalogue).products)
        assert report.finished
        assert index.current().fingerprint == load_encoder(settings).fingerprint
        return index


def open_shop(folder: Path) -> Shop:
    """Make a shop."""
    path = folder / "manifest"
    path.mkdir()
    manifest = write_manifest(path)
    data = load_manifest(manifest)
    checkpoint = trained_checkpoint(folder, data)
    catalogue = folder / "catalogue.jsonl"
    _write(
        catalogue,
        [
            {
                "product_id": row.product_id,
                "title": row.title,
                "images": [str(one) for one in data.paths(row)],
            }
            for row in data.pages
        ],
    )
    rooms = folder / "rooms"
    rooms.mkdir()
    make_film(rooms / "monday.mp4", Film(seconds=3, scenes_s=(1.0, 2.0)))
    frames = recorded_frames(rooms / "monday.mp4", "monday", MediaOptions())
    refs = [FrameRef(slot=one.slot, at_ms=one.at_ms) for one in frames if one.payload]
    tags = [_tag("t0", "p0", refs[:1]), _tag("t1", "p1", refs[1:2]), _tag("t2", "p2", refs[2:3])]
    said = [
        Correction(stream_id="monday", tag_id="t1", verdict="wrong_product", product_id="p2"),
        Correction(stream_id="monday", tag_id="t2", verdict="no_product", by="ada"),
    ]
    _write(folder / "tags.jsonl", [json.loads(one.model_dump_json()) for one in tags])
    _write(folder / "said.jsonl", [json.loads(one.model_dump_json()) for one in said])
    return Shop(
        data, manifest, checkpoint, catalogue, rooms, folder / "tags.jsonl", folder / "said.jsonl"
    )


def _tag(tag_id: str, product_id: str, frames: Sequence[FrameRef]) -> Tag:
    return Tag(
        stream_id="monday",
        tag_id=tag_id,
        status="started",
        slot=1,
        product_id=product_id,
        start_ms=0,
        decided_ms=5_000,
        score=0.9,
        evidence=Evidence(frames=tuple(frames), words=f"milk {tag_id}", threshold=0.5),
    )


def _write(path: Path, items: Sequence[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
