"""Makes stages by name: imports what a stage needs and loads its models, when it is asked for."""

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from models.errors import MismatchError
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.weights import registry_of, weights_dir
from workers.decision import Threshold, refuse_mismatch, threshold_of
from workers.events import Product, Scope

if TYPE_CHECKING:
    from models.checkpoint import Checkpoint
    from models.encoder import Encoder
    from workers.index import ProductIndex
    from workers.index_build import BuildOptions, IndexBuilder

_SCOPES: tuple[Scope, ...] = ("cart", "shop", "catalogue")


@functools.cache
def load_encoder(settings: Settings) -> "Encoder":
    """Return the encoder that the settings name, loaded once in a process."""
    from models import encoder

    _spare_threads()
    device = settings.models.device
    return encoder.load_encoder(
        settings.models.encoder, weights_dir(settings), device, registry_of(settings)
    )


def open_index(settings: Settings, uri: str) -> "ProductIndex":
    """Return the product index at an address; connects when it is first used."""
    from workers.index import ProductIndex
    from workers.milvus import MilvusOptions

    options = MilvusOptions(uri, settings.index.token, consistency=settings.index.consistency)
    return ProductIndex(options)


def describe_index(settings: Settings, uri: str) -> str:
    """Return a line about what is indexed.

    Raises:
        LiveShelfError: it does not answer or holds nothing.
        MismatchError: it does not belong to the encoder's thresholds.
    """
    build = open_index(settings, uri).current()
    refuse_mismatch(thresholds_of(settings), build.fingerprint, build.version, build.build_id)
    return f"{uri}: {build.count} products, encoder {build.encoder} {build.fingerprint[:16]}"


def thresholds_of(settings: Settings) -> Mapping[Scope, Threshold]:
    """Return the threshold of each scope: the setting for all, or the encoder's own.

    Raises:
        MismatchError: the encoder was never calibrated and none is set.
    """
    given = settings.match.threshold
    if given is not None:
        return {scope: Threshold(given, f"setting {given:g}") for scope in _SCOPES}
    checkpoint = _checkpoint(settings)
    found = {
        one.scope: threshold_of(one)
        for one in (checkpoint.calibrations if checkpoint is not None else ())
    }
    if not found:
        message = (
            f"encoder {settings.models.encoder!r} has no calibrated threshold for 'no product'; "
            "set match.threshold, for instance --set match.threshold=0.5"
        )
        raise MismatchError(message)
    return found


def _checkpoint(settings: Settings) -> "Checkpoint | None":
    """Return the folder of the encoder, read; none where it is not made by us."""
    from models.checkpoint import folder_of, load_checkpoint

    folder = folder_of(settings.models.encoder)
    return load_checkpoint(folder) if folder.is_dir() else None


def _spare_threads() -> None:
    """Give torch half the cores: the speech model and the broker want the rest.

    Two processes with as many threads as there are cores each wait for one another: a forward pass
    of the language model took 20 s so on two cores, and 3 s with one thread.
    """
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))


def _asr(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.asr import make_asr

    return make_asr(settings, rooms)


def _summarize(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.summarize import make_summarize

    if settings.summarize.backend == "llm":
        # The other back ends need neither torch nor transformers, nor the seconds that they take.
        from transformers.utils.logging import disable_progress_bar

        _spare_threads()
        disable_progress_bar()  # a worker's log is read, not watched
    return make_summarize(settings, rooms)


def _ocr(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.ocr import make_ocr
    from workers.rapid_ocr import RapidReader

    return make_ocr(settings, rooms, RapidReader(settings.ocr.threads))


def _embed(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.embed import make_embed

    encoder, checkpoint = load_encoder(settings), _checkpoint(settings)
    if checkpoint is not None:
        for one in checkpoint.calibrations:
            checkpoint.threshold(one.scope, encoder.fingerprint)  # refuses another encoder's
    return make_embed(settings, rooms, encoder)


def _match(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.match import make_match

    index = open_index(settings, settings.index.uri)
    return make_match(settings, rooms, index, thresholds_of(settings))


def _tag(settings: Settings, rooms: Rooms) -> Stage:
    from stream.stages.tag import make_tag

    return make_tag(settings, rooms, thresholds_of(settings))


FACTORIES: dict[str, Callable[[Settings, Rooms], Stage]] = {
    "asr": _asr,
    "ocr": _ocr,
    "summarize": _summarize,
    "embed": _embed,
    "match": _match,
    "tag": _tag,
}


def index_builder(
    settings: Settings, index: "ProductIndex", options: "BuildOptions | None" = None
) -> "IndexBuilder":
    """Return what fills the encoder's index, with what its checkpoint says of sound."""
    from workers.index_build import BuildOptions, IndexBuilder

    encoder, checkpoint = load_encoder(settings), _checkpoint(settings)
    weights = checkpoint.sounds_weight_of(encoder.fingerprint) if checkpoint is not None else {}
    options = options or BuildOptions()
    said = replace(options, encoder_name=encoder.config.name, sounds_weights=weights)
    return IndexBuilder(index, encoder, said)


class _WhenNeeded:
    """The index as the catalogue agent wants it; its encoder is loaded when a product comes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @functools.cached_property
    def _builder(self) -> "IndexBuilder":
        settings = self._settings
        return index_builder(settings, open_index(settings, settings.index.uri))

    def upsert(self, product: Product) -> None:
        """Write a product."""
        self._builder.upsert(product)

    def delete(self, product_id: str) -> None:
        """Remove a product."""
        self._builder.delete(product_id)


def run_application(settings: Settings, parent_pid: int) -> None:
    """Run the Faust application in the foreground until a signal, or its parent's end."""
    from stream.app import AppOptions, run_app

    options = AppOptions(
        bootstrap_servers=settings.kafka.bootstrap_servers,
        data_dir=settings.data_dir / "app",
        prefix=settings.kafka.topic_prefix,
    )

    run_app(options, lambda: _WhenNeeded(settings), parent_pid)
