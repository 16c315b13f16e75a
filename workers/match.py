"""Vectors to matches: the products of the index that are nearest to each clip.

In: `Vector` events. Out: one `Match` for every one, without candidates where the vector is empty.
What may be found is the room's cart if it has one, else its shop, else the whole catalogue; by
vector, and by the sound of what was said where that counts. Whether the best candidate is a product
at all is decided by `tag`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydantic import JsonValue

from models import sounds
from models.errors import BadEventError
from models.sound_scores import combined
from workers import events
from workers.events import Candidate, GridEvent, Match, StreamEvent, Vector
from workers.index import ProductIndex
from workers.index_schema import Build, Floats, Hit, Scope, is_fingerprint
from workers.machine import Outcome

logger = logging.getLogger(__name__)
CartOf = Callable[[str, int], tuple[int | None, tuple[str, ...], str | None]]
"""Room and media time in ms to cart version, product ids and shop, each perhaps unknown."""
_REVISED = 100
"""Of so many of the last vectors it is known which revision was taken."""
_WHOLE_CART = 200
"""Up to so many products of a cart are all compared by the parts that are present."""
_SHORTLIST = 50
"""Without a cart so many hits are compared by the parts that are present: Milvus ranks by the whole
vector, in which a page without the part that a clip lacks seems up to √2 times nearer."""


def no_cart(stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
    """Answer for rooms of which nothing is known."""
    del stream_id, media_ms
    return None, (), None


class MatchMachine:
    """One room: every vector is a job of its own."""

    def __init__(self, stream_id: str, snapshot: dict[str, JsonValue] | None = None) -> None:
        state = snapshot or {}
        self._stream_id = stream_id
        self._next_slot = int(str(state.get("next_slot", 0)))
        self._end_ms = int(str(state.get("end_ms", 0)))
        self._done = bool(state.get("done", False))
        revised = state.get("revised")
        self._revised = dict(revised) if isinstance(revised, dict) else {}

    def push(self, event: GridEvent) -> Sequence[Vector]:
        """Take the next vector, or a newer revision of an earlier one, and pass it on, once."""
        if not isinstance(event, Vector) or self._done or not self._is_news(event):
            return []
        if event.revision:
            self._revised[str(event.slot)] = event.revision
        self._next_slot = max(self._next_slot, event.slot + 1)
        self._end_ms = max(self._end_ms, event.end_ms)
        self._done = event.last
        return [event]

    def _is_news(self, event: Vector) -> bool:
        oldest = self._next_slot - _REVISED
        self._revised = {slot: n for slot, n in self._revised.items() if int(slot) >= oldest}
        known = int(str(self._revised.get(str(event.slot), 0)))
        return event.slot >= self._next_slot or (event.slot >= oldest and event.revision > known)

    def close(self) -> Sequence[Vector]:
        """End the room with an empty vector, so that later stages hear of it."""
        if self._done:
            return []
        at_ms = self._end_ms
        return self.push(
            Vector(
                stream_id=self._stream_id,
                slot=self._next_slot,
                start_ms=at_ms,
                end_ms=at_ms,
                watermark_ms=at_ms,
                last=True,
            )
        )

    @property
    def needed_from_ms(self) -> int:
        """Nothing that was taken is needed again."""
        return self._end_ms

    @property
    def done(self) -> bool:
        """Whether the room's last vector was taken."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """Where the room stands."""
        told: dict[str, JsonValue] = {"next_slot": self._next_slot, "end_ms": self._end_ms}
        return {**told, "done": self._done, "revised": dict(self._revised)}


@dataclass(frozen=True)
class MatchOptions:
    """How products are looked up."""

    top_k: int = 10
    """Candidates per clip."""
    sounds_weight: float | None = None
    """How much a name that was heard counts beside the vector, from 0: not at all; none: as fitted
    for the encoder and the scope, 0 where nothing was."""


@dataclass(frozen=True)
class _Query:
    job: Vector
    vector: Floats
    scope: Scope
    cart_version: int | None
    kind: events.Scope


class Matcher:
    """Looks up vectors of many rooms together. Not for several threads at once."""

    def __init__(
        self, index: ProductIndex, cart: CartOf = no_cart, options: MatchOptions | None = None
    ) -> None:
        self._index = index
        self._cart = cart
        self._options = options or MatchOptions()
        self._told: set[str] = set()

    def process(self, jobs: Sequence[Vector]) -> list[Outcome]:
        """Return one `Match` for every vector.

        Raises:
            TransientError: Milvus is away.
            MismatchError: nothing was indexed with the encoder of a vector.
        """
        outcomes: list[Outcome] = [[_match(job)] for job in jobs]
        builds: dict[str, Build] = {}
        groups: dict[str, list[tuple[int, _Query]]] = {}
        for place, job in enumerate(jobs):
            if not job.present:
                continue
            try:
                vector = _vector(job)
                if job.fingerprint not in builds:
                    builds[job.fingerprint] = self._index.about(job.fingerprint)
                _refuse_other_width(job, builds[job.fingerprint])
            except BadEventError as error:
                outcomes[place] = error
            else:
                query = self._query(job, vector)
                groups.setdefault(job.fingerprint, []).append((place, query))
        for fingerprint, members in groups.items():
            answers = self._answers(builds[fingerprint], [query for _, query in members])
            for (place, _), match in zip(members, answers, strict=True):
                outcomes[place] = [match]
        return outcomes

    def empty(self, job: Vector, error: BadEventError) -> list[StreamEvent]:
        """Return a match that says that nothing is known of this clip."""
        logger.warning("clip %s/%d gets no match: %s", job.stream_id, job.slot, error)
        return [_match(job)]

    def _query(self, job: Vector, vector: Floats) -> _Query:
        version, cart, shop = self._cart(job.stream_id, job.start_ms)
        scope = Scope(ids=cart, shop=None if cart else shop or None)
        kind: events.Scope = "cart" if cart else "shop" if scope.filter else "catalogue"
        return _Query(job, vector, scope, version, kind)

    def _weight(self, build: Build, query: _Query) -> float:
        given = self._options.sounds_weight
        return build.sounds_weights.get(query.kind, 0.0) if given is None else given

    def _answers(self, build: Build, queries: list[_Query]) -> list[Match]:
        if build.sounds not in ("", sounds.version()) and build.collection not in self._told:
            self._told.add(build.collection)
            logger.warning(
                "%s was built with sound-alike weights %s, but these are %s; run "
                "`liveshelf index build CATALOGUE`",
                build.collection,
                build.sounds,
                sounds.version(),
            )
        vectors = np.stack([query.vector for query in queries])
        wanted = [max(self._options.top_k, _to_compare(query.scope)) for query in queries]
        scopes = [query.scope for query in queries]
        heard = [self._to_hear(build, query) for query in queries]
        found = self._index.search(build.fingerprint, vectors, wanted, scopes, heard)
        return [
            self._answer(build, query, hits) for query, hits in zip(queries, found, strict=True)
        ]

    def _to_hear(self, build: Build, query: _Query) -> dict[int, float]:
        """Return the terms to search by; none where the vector finds every product anyway."""
        is_whole = 0 < len(query.scope.ids) <= _WHOLE_CART
        return {} if is_whole or not self._weight(build, query) else _said(query.job)

    def _answer(self, build: Build, query: _Query, hits: list[Hit]) -> Match:
        candidates: list[Candidate] = []
        said, weight = _said(query.job), self._weight(build, query)
        for hit in hits:
            # One at a time: in a larger product the last bits depend on a row's neighbours, and
            # equal pages would not get equal scores.
            parts = build.layout.compare(query.vector, hit.vector[None])[0]
            by: dict[str, float] = {str(name): value for name, value in parts.by.items()}
            score = parts.score
            if said:
                by["sounds"] = sounds.named(_title_weights(hit.title), said)
                score = combined(score, by["sounds"], weight)
            candidates.append(
                Candidate(product_id=hit.product_id, score=score, title=hit.title, by=by)
            )
        # Equal scores go by id, so that a replay gives the same order.
        candidates.sort(key=lambda one: (-one.score, one.product_id))
        return _match(
            query.job,
            candidates=tuple(candidates[: self._options.top_k]),
            scope=query.kind,
            cart_version=query.cart_version,
            build_id=build.build_id,
        )


def _to_compare(scope: Scope) -> int:
    return min(len(scope.ids), _WHOLE_CART) if scope.ids else _SHORTLIST


def _vector(job: Vector) -> Floats:
    if not is_fingerprint(job.fingerprint):
        message = f"vector {job.stream_id}/{job.slot} is of no encoder: {job.fingerprint!r}"
        raise BadEventError(message)
    whole = len(job.payload) % 4 == 0
    vector = np.frombuffer(job.payload if whole else b"", dtype="<f4").astype(np.float32)
    length = float(np.linalg.norm(vector)) if vector.size else 0.0
    if len(vector) != job.dim or not abs(length - 1.0) < 1e-3:
        message = (
            f"vector {job.stream_id}/{job.slot} says {job.dim} numbers of length 1, but holds "
            f"{len(job.payload)} bytes of length {length:.4g}"
        )
        raise BadEventError(message)
    return vector


def _refuse_other_width(job: Vector, build: Build) -> None:
    if job.dim != build.layout.dim:
        message = (
            f"vector {job.stream_id}/{job.slot} has {job.dim} numbers, but its index holds "
            f"{build.layout.dim}"
        )
        raise BadEventError(message)


@lru_cache(maxsize=4_096)
def _title_weights(title: str) -> dict[int, float]:
    return sounds.title_weights(title)


def _said(job: Vector) -> dict[int, float]:
    # Vectors of older versions weighed what was heard; now it counts that it was.
    return dict.fromkeys(job.terms, 1.0)


def _match(
    job: Vector,
    candidates: tuple[Candidate, ...] = (),
    scope: events.Scope = "catalogue",
    cart_version: int | None = None,
    build_id: str = "",
) -> Match:
    return Match(
        stream_id=job.stream_id,
        slot=job.slot,
        start_ms=job.start_ms,
        end_ms=job.end_ms,
        watermark_ms=job.watermark_ms,
        last=job.last,
        revision=job.revision,
        candidates=candidates,
        scope=scope,
        cart_version=cart_version,
        present=job.present,
        frames=job.frames,
        text=job.text,
        load_rung=job.load_rung,
        fingerprint=job.fingerprint,
        build_id=build_id,
    )
