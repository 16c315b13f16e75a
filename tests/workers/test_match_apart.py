"""Every candidate is scored by each modality alone, and nothing else changes for it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.batch import BranchVectors, Sample
from models.fusion import Layout
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, build
from workers.events import Candidate, Match, Vector
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.match import Matcher, MatchOptions

pytestmark = pytest.mark.milvus
CLIPS = (("red", "oat milk"), ("green", "darc roast"), ("blue", ""), (None, "dark coffee"))


class OneSpace(ColourAndWords):
    """Colours and words in one space, as a trained encoder has them: its layout tells no parts."""

    def __init__(self) -> None:
        super().__init__("one space")
        self.layout = Layout("mean", 44, 44)

    def parts(self, samples: Sequence[Sample]) -> BranchVectors:
        made = super().parts(samples)
        image, text = np.pad(made.image, ((0, 0), (0, 32))), np.pad(made.text, ((0, 0), (12, 0)))
        return replace(made, image=image, text=text)


@pytest.fixture(scope="module", name="encoder", params=[OneSpace, ColourAndWords])
def _encoder(request: pytest.FixtureRequest) -> ColourAndWords:
    made = request.param()
    assert isinstance(made, ColourAndWords)
    return made


@pytest.fixture(scope="module", name="index")
def _index(
    served: ServedIndex, encoder: ColourAndWords, tmp_path_factory: pytest.TempPathFactory
) -> ProductIndex:
    made = served.connect()
    build(IndexBuilder(made, encoder), products(tmp_path_factory.mktemp("shelf")))
    return made


def matches(index: ProductIndex, jobs: list[Vector], weight: float | None = None) -> list[Match]:
    found = []
    for outcome in Matcher(index, options=MatchOptions(sounds_weight=weight)).process(jobs):
        assert not isinstance(outcome, Exception)
        assert isinstance(outcome[0], Match)
        found.append(outcome[0])
    return found


def of_old(job: Vector) -> Vector:
    """Return a vector as it was written when it told nothing of modalities alone."""
    return job.model_copy(update={"alone": (), "payload": job.payload[: 4 * job.dim]})


def best(match: Match, name: str) -> str:
    told: list[Candidate] = [one for one in match.candidates if name in one.by]
    return max(told, key=lambda one: one.by[name]).product_id


def test_what_is_seen_and_what_is_said_are_told_apart(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    (match,) = matches(index, vectors(encoder, ("red", "oat milk")))
    assert best(match, "vision") == "p-red"
    assert best(match, "speech") == "p-green"
    assert all("vision" in one.by for one in match.candidates)


def test_scores_and_their_order_are_those_of_the_fused_vector_to_the_last_bit(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    jobs = vectors(encoder, *CLIPS)
    assert [len(job.alone) for job in jobs] == [2, 2, 0, 0]
    for weight in (0.0, 4.0):
        now = matches(index, jobs, weight)
        before = matches(index, [of_old(job) for job in jobs], weight)
        for one, other in zip(now, before, strict=True):
            assert [(c.product_id, c.score) for c in one.candidates] == [
                (c.product_id, c.score) for c in other.candidates
            ]
            assert (one.scope, one.steps) == (other.scope, other.steps)


def test_a_clip_of_one_modality_has_its_plain_score_under_that_name(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    seen, heard = matches(index, vectors(encoder, ("blue", ""), (None, "dark coffee")))
    for match, name in ((seen, "vision"), (heard, "speech")):
        senses = {sense for one in match.candidates for sense in one.by}
        assert senses - {"sounds", "variant"} == {name}
        told = [one for one in match.candidates if name in one.by]
        assert [one.by[name] for one in told] == pytest.approx([one.score for one in told])


def test_the_sound_of_names_moves_no_score_of_a_modality_alone(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    jobs = vectors(encoder, ("green", "darc roasts coffees"))
    (deaf,), (loud,) = (matches(index, jobs, weight) for weight in (0.0, 50.0))
    by = {one.product_id: one.by for one in deaf.candidates}
    assert by == {one.product_id: one.by for one in loud.candidates}
    assert [one.score for one in deaf.candidates] != [one.score for one in loud.candidates]
