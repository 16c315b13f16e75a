"""Vectors to matches: the products of the index that are nearest to each clip.

In: `Vector` events. Out: one `Match` for every one, without candidates where the vector is empty.
What may be found is the room's cart if it has one; where that holds nothing, or nothing that is
believed, its shop, and then the whole catalogue; by vector, and by the sound of what was said where
that counts. Each candidate is also scored by every modality alone, which changes no order. Where
these add up over clips, wider galleries are looked through in any case, and what they hold is told
beside. Whether the best one makes a tag is decided by `tag`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from models import sounds
from models.errors import BadEventError
from models.sound_scores import combined
from workers import events
from workers.clip_vectors import ClipVectors, read_vectors, refuse_other_width
from workers.decision import StepDown, Threshold, refuse_mismatch
from workers.events import Candidate, Match, ScopeStep, StreamEvent, Vector
from workers.galleries import Gallery, chosen, galleries, goes_on, judged, with_scopes
from workers.index import ProductIndex
from workers.index_schema import Build, Floats, Hit, Scope
from workers.machine import Outcome
from workers.narrowest import narrowest
from workers.variant_words import with_variants

logger = logging.getLogger(__name__)
CartOf = Callable[[str, int], tuple[int | None, tuple[str, ...], str | None]]
"""Room and media time in ms to cart version, product ids and shop, each perhaps unknown."""
_WHOLE_CART = 200
"""Up to so many products of a cart are all compared by the parts that are present."""
_SHORTLIST = 50
"""Without a cart so many hits are compared by the parts that are present: Milvus ranks by the whole
vector, in which a page without the part that a clip lacks seems up to √2 times nearer."""


def no_cart(stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
    """Answer for rooms of which nothing is known."""
    del stream_id, media_ms
    return None, (), None


@dataclass(frozen=True)
class MatchOptions:
    """How products are looked up."""

    top_k: int = 10
    """Candidates per clip."""
    sounds_weight: float | None = None
    """How much a name that was heard counts beside the vector, from 0: not at all; none: as fitted
    for the encoder and the scope, 0 where nothing was."""
    step_down: StepDown = "unsure"
    """When a wider gallery is looked through: `empty`, if a gallery holds none of the products;
    `unsure`, also if its best is not believed and the wider one has a calibrated threshold, or in
    any case where that tells modalities apart."""


@dataclass
class _Query:
    job: Vector
    vectors: ClipVectors
    cart_version: int | None
    left: list[Gallery]
    """To be looked through, the narrowest first."""
    steps: list[ScopeStep] = field(default_factory=list)
    found: list[tuple[Candidate, ...]] = field(default_factory=list)
    """Of the gallery of each step, the best first."""


class Matcher:
    """Looks up vectors of many rooms together. Not for several threads at once."""

    def __init__(
        self,
        index: ProductIndex,
        cart: CartOf = no_cart,
        options: MatchOptions | None = None,
        rules: Mapping[events.Scope, Threshold] | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            index: is asked.
            cart: what is known of a room at a time.
            options: how.
            rules: from which score on a product is believed, by scope; none: nothing is judged.
        """
        self._index = index
        self._cart = cart
        self._options = options or MatchOptions()
        self._rules = rules or {}
        self._told: set[str] = set()

    def process(self, jobs: Sequence[Vector]) -> list[Outcome]:
        """Return one `Match` for every vector.

        Raises:
            TransientError: Milvus is away.
            MismatchError: nothing was indexed with the encoder of a vector, or a threshold belongs
                to another version of its index.
        """
        outcomes: list[Outcome] = [[_match(job)] for job in jobs]
        builds: dict[str, Build] = {}
        groups: dict[str, list[tuple[int, _Query]]] = {}
        for place, job in enumerate(jobs):
            if not job.present:
                continue
            try:
                vectors = read_vectors(job)
                if job.fingerprint not in builds:
                    builds[job.fingerprint] = self._index.about(job.fingerprint)
                refuse_other_width(job, builds[job.fingerprint])
            except BadEventError as error:
                outcomes[place] = error
            else:
                query = self._query(job, vectors)
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

    def _query(self, job: Vector, vectors: ClipVectors) -> _Query:
        version, cart, shop = self._cart(job.stream_id, job.start_ms)
        return _Query(job, vectors, version, list(galleries(cart, shop)))

    def _rules_of(self, build: Build) -> Mapping[events.Scope, Threshold]:
        """Return what judges an index.

        Vectors of an encoder that was served before drain through their own old index; no rule is
        theirs, and `tag` refuses them one by one.
        """
        own = {
            scope: rule
            for scope, rule in self._rules.items()
            if rule.fingerprint in {"", build.fingerprint}
        }
        refuse_mismatch(own, build.fingerprint, build.version, build.build_id)
        return own

    def _weight(self, build: Build, kind: events.Scope) -> float:
        given = self._options.sounds_weight
        return build.sounds_weights.get(kind, 0.0) if given is None else given

    def _answers(self, build: Build, queries: list[_Query]) -> list[Match]:
        self._tell_of_sounds(build)
        rules = self._rules_of(build)
        waiting = queries
        while waiting:
            waiting = self._look(build, rules, waiting)
        return [self._answer(build, rules, query) for query in queries]

    def _tell_of_sounds(self, build: Build) -> None:
        if build.sounds not in ("", sounds.version()) and build.collection not in self._told:
            self._told.add(build.collection)
            logger.warning(
                "%s was built with sound-alike weights %s, but these are %s; run "
                "`liveshelf index build CATALOGUE`",
                build.collection,
                build.sounds,
                sounds.version(),
            )

    def _look(
        self, build: Build, rules: Mapping[events.Scope, Threshold], queries: list[_Query]
    ) -> list[_Query]:
        """Look through the next gallery of each query; return those that want a wider one."""
        now = [query.left.pop(0) for query in queries]
        found = self._index.search(
            build.fingerprint,
            np.stack([query.vectors.fused for query in queries]),
            [max(self._options.top_k, _to_compare(one.where)) for one in now],
            [one.where for one in now],
            [self._to_hear(build, *pair) for pair in zip(queries, now, strict=True)],
        )
        waiting = []
        for query, one, hits in zip(queries, now, found, strict=True):
            candidates = self._compared(build, query, one.kind, hits)
            step = judged(one.kind, candidates, rules)
            query.steps.append(step)
            query.found.append(candidates)
            if query.left and goes_on(step, query.left[0].kind, rules, self._options.step_down):
                waiting.append(query)
        return waiting

    def _to_hear(self, build: Build, query: _Query, gallery: Gallery) -> dict[int, float]:
        """Return the terms to search by; none where the vector finds every product anyway."""
        is_whole = 0 < len(gallery.where.ids) <= _WHOLE_CART
        return {} if is_whole or not self._weight(build, gallery.kind) else _said(query.job)

    def _compared(
        self, build: Build, query: _Query, kind: events.Scope, hits: list[Hit]
    ) -> tuple[Candidate, ...]:
        """Return what was found, the best first, each with its exact score."""
        found: list[tuple[Candidate, Floats]] = []
        said, weight = _said(query.job), self._weight(build, kind)
        for hit in hits:
            # One at a time: in a larger product the last bits depend on a row's neighbours, and
            # equal pages would not get equal scores.
            score = build.layout.compare(query.vectors.fused, hit.vector[None])[0].score
            by: dict[str, float] = {}
            if said:
                by["sounds"] = sounds.named(_title_weights(hit.title), said)
                score = combined(score, by["sounds"], weight)
            one = Candidate(product_id=hit.product_id, score=score, title=hit.title, by=by)
            found.append((one, hit.vector))
        # Equal scores go by id, so that a replay gives the same order.
        found.sort(key=lambda pair: (-pair[0].score, pair[0].product_id))
        return tuple(
            one.model_copy(update={"by": {**query.vectors.near(build.layout, page), **one.by}})
            for one, page in found[: self._options.top_k]
        )

    def _answer(
        self, build: Build, rules: Mapping[events.Scope, Threshold], query: _Query
    ) -> Match:
        scope, kept = chosen(query.steps, query.found)
        beside: tuple[Candidate, ...] = ()
        rule = rules.get(scope)
        if any(one.evidence for one in rules.values()):
            kept, beside = with_scopes(scope, kept, query.steps, query.found)
        inside = narrowest(query.steps, scope)
        kept, beside = with_variants(
            query.job.text.transcript, kept, beside, lambda one: (one.scope or scope) == inside
        )
        best = kept[0] if kept else None
        return _match(query.job).model_copy(
            update={
                "candidates": kept,
                "beside": beside,
                "scope": scope,
                "steps": tuple(query.steps),
                "probability": rule.probability(best.score) if rule and best else None,
                "cart_version": query.cart_version,
                "build_id": build.build_id,
                "index_version": build.version,
            }
        )


def _to_compare(scope: Scope) -> int:
    return min(len(scope.ids), _WHOLE_CART) if scope.ids else _SHORTLIST


@lru_cache(maxsize=4_096)
def _title_weights(title: str) -> dict[int, float]:
    return sounds.title_weights(title)


def _said(job: Vector) -> dict[int, float]:
    # Vectors of older versions weighed what was heard; now it counts that it was.
    return dict.fromkeys(job.terms, 1.0)


def _match(job: Vector) -> Match:
    return Match(
        stream_id=job.stream_id,
        slot=job.slot,
        start_ms=job.start_ms,
        end_ms=job.end_ms,
        watermark_ms=job.watermark_ms,
        last=job.last,
        revision=job.revision,
        present=job.present,
        frames=job.frames,
        text=job.text,
        load_rung=job.load_rung,
        early=job.early,
        fingerprint=job.fingerprint,
    )
