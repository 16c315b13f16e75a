"""A second collection beside the serving one, on a real server: whole, caught up, then served."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import MismatchError
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, asked, build
from workers.events import Match, Product
from workers.index import ALIAS, ProductIndex
from workers.index_build import BuildOptions, IndexBuilder
from workers.match import Matcher
from workers.served import Served
from workers.shadow import Shadow

pytestmark = pytest.mark.milvus


@pytest.fixture
def other(request: pytest.FixtureRequest) -> ColourAndWords:
    """The encoder that shall serve."""
    return ColourAndWords(f"{request.node.nodeid}, retrained")


@pytest.fixture
def some(tmp_path: Path) -> list[Product]:
    return products(tmp_path, "jams")


@pytest.fixture
def shelf(index: ProductIndex, builder: IndexBuilder, some: list[Product]) -> Served:
    """Three products that serve, and nobody who knows more of them than their rows."""
    build(builder, some)
    return Served(index, index.current(), list)


def shadow_of(shelf: Served, other: ColourAndWords) -> Shadow:
    return Shadow(shelf, builder_of(shelf.index, other))


def builder_of(index: ProductIndex, encoder: ColourAndWords) -> IndexBuilder:
    return IndexBuilder(index, encoder, BuildOptions(batch=2, activate=False))


def test_a_shadow_holds_what_is_served_and_the_alias_stays(
    shelf: Served, other: ColourAndWords, index: ProductIndex
) -> None:
    shadow = shadow_of(shelf, other)
    *_, report = shadow.build()
    assert (report.indexed, report.finished) == (3, True)
    assert index.current() == shelf.build
    counts = shadow.check(index.about(other.fingerprint))
    assert counts == {"served": 3, "shadow": 3}
    index.activate(index.about(other.fingerprint))
    assert index.current().fingerprint == other.fingerprint


def test_a_stopped_build_goes_on(shelf: Served, other: ColourAndWords) -> None:
    stopped = shadow_of(shelf, other).build()
    assert next(stopped).indexed == 2
    *_, report = shadow_of(shelf, other).build()
    assert (report.indexed, report.unchanged) == (1, 2)


def test_what_changed_meanwhile_is_caught_up(
    shelf: Served, other: ColourAndWords, index: ProductIndex, builder: IndexBuilder
) -> None:
    before = shelf.contents()
    shadow = shadow_of(shelf, other)
    list(shadow.build())
    builder.upsert(Product(product_id="p-new", title="honey"))
    builder.upsert(Product(product_id="p-red", title="fig jam"))
    builder.delete("p-blue")
    now, caught = shadow.catch_up(before)
    assert (caught.written, caught.removed) == (2, 1)
    assert set(now) == {"p-green", "p-new", "p-red"}
    shadow.check(index.about(other.fingerprint))
    titles = index.get(other.fingerprint, ["p-red", "p-new"])
    assert {name: row["title"] for name, row in titles.items()} == {
        "p-red": "fig jam",
        "p-new": "honey",
    }
    _, again = shadow.catch_up(now)
    assert (again.written, again.removed) == (0, 0)


def test_a_shadow_that_is_not_whole_is_refused(
    shelf: Served, other: ColourAndWords, index: ProductIndex, builder: IndexBuilder
) -> None:
    shadow = shadow_of(shelf, other)
    list(shadow.build())
    target = index.about(other.fingerprint)
    index.delete(other.fingerprint, ["p-red"])
    with pytest.raises(MismatchError, match=r"lacks 1 of 3 products, for instance \['p-red'\]"):
        shadow.check(target)
    builder.delete("p-red")
    builder.delete("p-blue")
    with pytest.raises(MismatchError, match=r"still has 1 of 1 products"):
        shadow.check(target)


def test_a_product_that_cannot_be_embedded_anew_is_named(
    shelf: Served, other: ColourAndWords, tmp_path: Path
) -> None:
    (tmp_path / "red.png").unlink()
    with pytest.raises(MismatchError, match=r"1 of 3 products .* p-red: image .* is no file"):
        list(shadow_of(shelf, other).build())


class Asker(threading.Thread):
    """Asks without pause on a connection of its own, until it is told to stop."""

    def __init__(self, ask: Callable[[], str]) -> None:
        super().__init__()
        self._ask = ask
        self.answered = threading.Semaphore(0)
        self.answers: list[str] = []
        self.failures: list[Exception] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            try:
                self.answers.append(self._ask())
            except Exception as error:  # noqa: BLE001 (whatever fails is what is counted)
                self.failures.append(error)
            self.answered.release()


def test_every_query_is_answered_while_the_alias_moves_and_rolls_back(
    shelf: Served,
    other: ColourAndWords,
    encoder: ColourAndWords,
    index: ProductIndex,
    served: ServedIndex,
) -> None:
    list(shadow_of(shelf, other).build())
    old, new = shelf.build, index.about(other.fingerprint)
    contents = {
        name: {row["content"] for row in index.some(one.fingerprint, 10, ["content"])}
        for name, one in (("old", old), ("new", new))
    }
    assert contents["old"].isdisjoint(contents["new"])

    by_alias, by_fingerprint = served.connect(), Matcher(served.connect())
    query = asked(encoder, "red")

    def whose_by_alias() -> str:
        hits = by_alias.milvus.call(
            lambda client, _: client.search(
                ALIAS, query.tolist(), limit=3, anns_field="vector", output_fields=["content"]
            )[0],
            ALIAS,
        )
        found = {hit["entity"]["content"] for hit in hits}
        return "".join(name for name, known in contents.items() if known == found)

    turn = 0

    def whose_by_fingerprint() -> str:
        # Clips of workers that have the new encoder already, and of those that have not.
        nonlocal turn
        turn += 1
        one = (encoder, other)[turn % 2]
        (outcome,) = by_fingerprint.process(vectors(one, ("red", "")))
        assert isinstance(outcome, list)
        (match,) = outcome
        assert isinstance(match, Match)
        assert len(match.candidates) == 3
        right = match.build_id == (old, new)[turn % 2].build_id
        return ("old", "new")[turn % 2] if right else "neither"

    askers = [Asker(whose_by_alias), Asker(whose_by_fingerprint)]
    for asker in askers:
        asker.start()
    for target in [new, old] * 8:
        index.activate(target)
        for asker in askers:
            # The first may have been asked before the move, the second was not.
            for _ in range(2):
                assert asker.answered.acquire(timeout=20)
    for asker in askers:
        asker.enough.set()
        asker.join(timeout=20)
    assert [asker.failures for asker in askers] == [[], []]
    for asker in askers:
        assert len(asker.answers) >= 32
        assert set(asker.answers) == {"old", "new"}
    assert index.current() == old
