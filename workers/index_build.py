"""Products to rows of the index: pictures and titles through the same encoder as the live stream.

In: products, from a catalogue file or one by one from its topic. Out: rows in Milvus, and a report
that names every product that was left out and why. A product whose content has not changed is not
encoded again.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from models import sounds
from models.batch import Sample
from models.errors import BadEventError, InputError, TransientError
from workers import images
from workers.catalogue import Skipped, shown
from workers.encoding import Encodes
from workers.events import Product, stable_id
from workers.images import ImageLimits, ImageSource
from workers.index import ProductIndex
from workers.index_schema import Build, Row, collection_of

Floats = npt.NDArray[np.float32]
_MAX_PATH_BYTES = 8_000
_LONGEST_NAME = 200


@dataclass(frozen=True)
class BuildOptions:
    """How a catalogue is indexed."""

    batch: int = 16
    """Products that are encoded and written together."""
    prune: bool = True
    """Whether products that the catalogue no longer names are removed."""
    activate: bool = True
    """Whether the alias moves to what was built; not for a shadow that is checked first."""
    source: ImageSource = field(default_factory=ImageSource)
    """Where pictures may come from."""
    encoder_name: str = ""
    """For people who list what was built."""
    sounds_weights: Mapping[str, float] = field(default_factory=dict)
    """How much a name that was heard counts beside the vector, by scope, as the encoder's
    checkpoint has it; a scope without an entry: not at all."""


@dataclass
class BuildReport:
    """What became of a catalogue; complete when `finished`."""

    total: int
    indexed: int = 0
    """Encoded and written."""
    unchanged: int = 0
    """Already there with the same content."""
    removed: int = 0
    """Were there and are no longer in the catalogue."""
    skipped: list[Skipped] = field(default_factory=list)
    build_id: str = ""
    fingerprint: str = ""
    finished: bool = False

    @property
    def done(self) -> int:
        """Products that were dealt with so far."""
        return self.indexed + self.unchanged + len(self.skipped)


@dataclass(frozen=True)
class _Prepared:
    product: Product
    line: int
    pictures: tuple[bytes, ...]
    content: str


def page_text(product: Product) -> str:
    """Return what the text branch reads of a page: its title as it is, like AMPere's."""
    return product.title


def content_of(product: Product, pictures: Sequence[bytes], fingerprint: str) -> str:
    """Return the hash over all that a row is made from.

    Args:
        product: what the page says.
        pictures: the bytes of its images, in order.
        fingerprint: of the encoder.
    """
    hashes = [hashlib.sha256(data).hexdigest() for data in pictures]
    # A local picture counts by what is in it, not by where the catalogue lies today.
    urls = tuple(name for name in product.images if images.is_url(name))
    told = product.model_copy(update={"images": urls}).model_dump_json()
    return stable_id(fingerprint, sounds.version(), page_text(product), told, *hashes)


class IndexBuilder:
    """Writes products with one encoder. Not for several threads at once."""

    def __init__(
        self, index: ProductIndex, encoder: Encodes, options: BuildOptions | None = None
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._options = options or BuildOptions()
        self._layout = Build(
            collection_of(encoder.fingerprint),
            encoder.fingerprint,
            encoder.layout,
            encoder=self._options.encoder_name,
            sounds_weights=self._options.sounds_weights,
        )

    def build(
        self,
        products: Sequence[Product],
        lines: Sequence[int] = (),
        also_named: Collection[str] = (),
    ) -> Iterator[BuildReport]:
        """Index a whole catalogue; yields the same report after every batch.

        A second build of the same catalogue has the same build id, wherever and whenever.

        Args:
            products: with distinct ids.
            lines: where each stands in its file, for the report.
            also_named: ids of rows that could not be read; what is indexed of them stays.

        Raises:
            TransientError: Milvus is away; what was written stays, and is skipped next time.
        """
        report = BuildReport(len(products), fingerprint=self._encoder.fingerprint)
        known = replace(self._known() or self._layout, sounds=sounds.version())
        vectors = self._index.store(known, len(products)).vectors
        kept: dict[str, str] = {}
        for start in range(0, len(products), self._options.batch):
            some = products[start : start + self._options.batch]
            where = lines[start : start + self._options.batch] or (0,) * len(some)
            kept.update(self._batch(some, where, report))
            yield report
        if self._options.prune:
            # What the catalogue names but could not be read stays as it was.
            named = {product.product_id for product in products}
            report.removed = self._prune(named.union(also_named))
        weights = sorted(self._options.sounds_weights.items())
        report.build_id = stable_id(self._encoder.fingerprint, *weights, *sorted(kept.items()))
        count = self._index.count(self._encoder.fingerprint)
        finished = replace(self._layout, build_id=report.build_id, count=count, vectors=vectors)
        self._index.store(finished)
        if self._options.activate:
            self._index.activate(finished)
        report.finished = True
        yield report

    def upsert(self, product: Product) -> None:
        """Write one product now; the build id stays.

        Raises:
            BadEventError: one of its pictures cannot be used, or there is nothing to encode.
            TransientError: Milvus is away.
        """
        try:
            prepared = self._prepare(product, 0)
            row = self._rows([prepared], [self._decode(prepared)])[0]
            _refuse_empty(row)
        except (InputError, TransientError) as error:
            # A dead picture server was tried often enough, and must not hold up other products.
            message = f"product {product.product_id} cannot be indexed: {error}"
            raise BadEventError(message) from error
        self._ensure()
        self._index.upsert(self._encoder.fingerprint, [row])

    def delete(self, product_id: str) -> None:
        """Remove one product now; an unknown id is no error."""
        self._ensure()
        self._index.delete(self._encoder.fingerprint, [product_id])

    def _ensure(self) -> None:
        """Give upserts a place when no catalogue was indexed yet."""
        if not self._known():
            self._index.store(self._layout)
            self._index.activate(self._layout)

    def _known(self) -> Build | None:
        name = self._layout.collection
        return next((item for item in self._index.builds() if item.collection == name), None)

    def _batch(
        self, products: Sequence[Product], lines: Sequence[int], report: BuildReport
    ) -> dict[str, str]:
        """Index some products; return the content of those that are in the index now, by id."""
        ids = [product.product_id for product in products]
        stored = self._index.get(self._encoder.fingerprint, ids, ["content"])
        kept: dict[str, str] = {}
        fresh: list[_Prepared] = []
        pages: list[list[Image.Image]] = []
        for product, line in zip(products, lines, strict=True):
            try:
                prepared = self._prepare(product, line)
                before = stored.get(product.product_id, {}).get("content")
                if before == prepared.content:
                    report.unchanged += 1
                else:
                    pages.append(self._decode(prepared))
                    fresh.append(prepared)
            except (InputError, TransientError) as error:
                found = shown(list(product.images))
                report.skipped.append(
                    Skipped(line, product.product_id, "images", found, str(error))
                )
            else:
                kept[product.product_id] = prepared.content
        refused = self._write(self._rows(fresh, pages))
        at = {item.product.product_id: item.line for item in fresh}
        for row, reason in refused:
            del kept[row.product_id]
            found = shown(row.title)
            report.skipped.append(Skipped(at[row.product_id], row.product_id, "row", found, reason))
        report.indexed += len(fresh) - len(refused)
        return kept

    def _write(self, rows: Sequence[Row]) -> list[tuple[Row, str]]:
        """Write rows; return those that can never be written, and why."""
        try:
            for row in rows:
                _refuse_empty(row)
            self._index.upsert(self._encoder.fingerprint, rows)
        except (BadEventError, InputError) as error:
            if len(rows) == 1:
                return [(rows[0], str(error))]
            # Halves, until what is refused costs only itself.
            half = len(rows) // 2
            return self._write(rows[:half]) + self._write(rows[half:])
        return []

    def _prepare(self, product: Product, line: int) -> _Prepared:
        source = self._options.source
        pictures = tuple(images.read(name, source) for name in product.images)
        content = content_of(product, pictures, self._encoder.fingerprint)
        return _Prepared(product, line, pictures, content)

    def _decode(self, prepared: _Prepared) -> list[Image.Image]:
        limits = self._options.source.limits
        named = zip(prepared.product.images, prepared.pictures, strict=True)
        return [_decoded(name, data, limits) for name, data in named]

    def _rows(self, prepared: list[_Prepared], pages: list[list[Image.Image]]) -> list[Row]:
        samples = [
            Sample("page", tuple(frames), page_text(item.product))
            for item, frames in zip(prepared, pages, strict=True)
        ]
        vectors = self._encoder.encode(samples) if samples else np.zeros((0, 0), dtype=np.float32)
        return [_row(item, vector) for item, vector in zip(prepared, vectors, strict=True)]

    def _prune(self, named: set[str]) -> int:
        fingerprint = self._encoder.fingerprint
        gone = sorted(self._index.ids(fingerprint) - named)
        self._index.delete(fingerprint, gone)
        return len(gone)


def _refuse_empty(row: Row) -> None:
    if not np.any(row.vector):
        message = "it has neither a picture nor words to encode"
        raise InputError(message)


def _decoded(name: str, data: bytes, limits: ImageLimits) -> Image.Image:
    try:
        return images.decode(data, limits)
    except InputError as error:
        message = f"{shown(name, _LONGEST_NAME)}: {error}"
        raise InputError(message) from error


def _row(item: _Prepared, vector: Floats) -> Row:
    product = item.product
    image = product.images[0] if product.images else ""
    return Row(
        product_id=product.product_id,
        vector=vector,
        title=product.title,
        content=item.content,
        shop=product.shop or "",
        image=image if len(image.encode()) <= _MAX_PATH_BYTES else "",
        attributes=json.dumps(product.attributes, ensure_ascii=False, sort_keys=True),
    )
