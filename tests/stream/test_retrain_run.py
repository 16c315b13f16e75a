"""A whole retraining of a tiny encoder on a real index: moved, refused, stopped and gone on."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import sounds
from models.calibrate import SoundsWeight, index_version
from models.checkpoint import load_checkpoint, recalibrate
from models.errors import InputError, MismatchError, SettingsError
from models.manifest_merge import load_merged
from stream.retrain_move import roll_back
from stream.retrain_order import RetrainOrder
from stream.retrain_run import Outcome, Retraining
from stream.settings import Settings, with_encoder
from stream.stages.loading import index_builder, load_encoder, open_index
from tests.stream.retrain_shop import TINY, Shop, open_shop
from tests.tiny_vision import ColourAndWords
from tests.workers.served_index import ServedIndex, served_index
from workers.events import Product
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.retrain_ledger import Entry, Ledger, Side

pytestmark = pytest.mark.milvus


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def settings(served: ServedIndex, shop: Shop, tmp_path: Path) -> Settings:
    return shop.settings(served.uri, tmp_path)


@pytest.fixture
def index(settings: Settings) -> ProductIndex:
    return open_index(settings, settings.index.uri)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl")


@pytest.fixture
def order(shop: Shop, tmp_path: Path) -> RetrainOrder:
    return RetrainOrder(
        folder=tmp_path / "run",
        frozen=shop.manifest,
        base=shop.manifest,
        tags=(shop.tags,),
        corrections=(shop.corrections,),
        rooms=shop.rooms,
        options=TINY,
        allow_drop=1.0,
        who="ada",
    )


def now() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def silent(_: str) -> None:
    pass


class StoppedError(Exception):
    """The plug was pulled."""


def stop_at_training(line: str) -> None:
    if line.startswith("training"):
        raise StoppedError


def run(settings: Settings, order: RetrainOrder, ledger: Ledger) -> Outcome:
    return Retraining(settings, order, ledger, now, silent).run()


def test_feedback_becomes_an_encoder_that_serves_and_rolls_back(
    settings: Settings, order: RetrainOrder, ledger: Ledger, index: ProductIndex, shop: Shop
) -> None:
    before = index.current()
    outcome = run(settings, order, ledger)
    assert outcome.moved
    told = outcome.collected
    assert (told["clips"], told["corrected"], told["no_product"], told["pages"]) == (3, 2, 1, 0)
    merged = load_merged(order.folder / "collected")
    fresh = merged.rows[len(shop.data.rows) :]
    assert [row.product_id for row in fresh] == ["p0", "p2", None]
    assert all(len(row.frames) == 1 and merged.paths(row)[0].is_file() for row in fresh)
    after = index.current()
    assert after.fingerprint == outcome.fingerprint != before.fingerprint
    assert index.ids(after.fingerprint) == index.ids(before.fingerprint)
    (entry,) = ledger.entries()
    assert (entry.when, entry.who, entry.what) == ("2026-01-02T03:04:05+00:00", "ada", "moved")
    assert (entry.old.build_id, entry.new.build_id) == (before.build_id, after.build_id)
    assert entry.figures["products"] == 4
    assert "both R@1" in {one["figure"] for one in entry.figures["exam"]}
    with pytest.raises(MismatchError, match="was moved at 2026-01-02"):
        run(settings, order, ledger)

    back = roll_back(settings, ledger, now, "ada")
    assert index.current() == before
    assert back.new.checkpoint == str(shop.checkpoint)
    assert [one.what for one in ledger.entries()] == ["moved", "rolled back"]
    with pytest.raises(MismatchError, match="nothing to roll back to"):
        roll_back(settings, ledger, now, "ada")
    with pytest.raises(MismatchError, match="was rolled back at"):
        run(settings, order, ledger)
    # Another one may take the name of a folder that is gone.
    shutil.rmtree(order.folder)
    with pytest.raises(StoppedError):
        Retraining(settings, order, ledger, now, stop_at_training).run()


def test_a_worse_encoder_is_refused_and_nothing_is_moved(
    settings: Settings, order: RetrainOrder, ledger: Ledger, index: ProductIndex
) -> None:
    wild = replace(order, options=(*TINY, "rate=3", "clip=1000"), allow_drop=0.0)
    before = index.current()
    outcome = run(settings, wild, ledger)
    assert not outcome.moved
    assert any("fell by" in reason for reason in outcome.reasons)
    assert index.current() == before
    assert len(index.builds()) == len({one.fingerprint for one in index.builds()})
    assert outcome.fingerprint not in {one.fingerprint for one in index.builds()}
    # Asked again, it is refused again at once, and noted once.
    assert run(settings, wild, ledger).reasons == outcome.reasons
    assert [one.what for one in ledger.entries()] == ["refused"]
    # A larger allowance needs no second training.
    allowed = run(settings, replace(wild, allow_drop=1.0), ledger)
    assert (allowed.moved, allowed.fingerprint) == (True, outcome.fingerprint)
    assert [one.what for one in ledger.entries()] == ["refused", "moved"]


@pytest.mark.parametrize("at", ["frames of monday", "100%", "the alias points to"])
def test_a_killed_retraining_goes_on_where_it_was(
    settings: Settings, order: RetrainOrder, ledger: Ledger, index: ProductIndex, at: str
) -> None:
    def pull_the_plug(line: str) -> None:
        if line.startswith(at):
            raise StoppedError

    with pytest.raises(StoppedError):
        Retraining(settings, order, ledger, now, pull_the_plug).run()
    assert ledger.entries() == []
    said: list[str] = []
    outcome = Retraining(settings, order, ledger, now, said.append).run()
    assert index.current().fingerprint == outcome.fingerprint
    (entry,) = ledger.entries()
    assert (entry.what, entry.new.fingerprint) == ("moved", outcome.fingerprint)
    assert entry.old.fingerprint != entry.new.fingerprint
    if at == "the alias points to":
        assert not any(line.startswith(("frames", "training")) for line in said)


def test_a_product_that_came_during_the_move_is_in_the_new_collection(
    settings: Settings, order: RetrainOrder, ledger: Ledger, index: ProductIndex
) -> None:
    def upsert_late(line: str) -> None:
        if line.startswith("the alias points to"):
            index_builder(settings, index).upsert(Product(product_id="p-late", title="honey"))

    outcome = Retraining(settings, order, ledger, now, upsert_late).run()
    assert "p-late" in index.ids(outcome.fingerprint)
    assert ledger.entries()[0].figures["changed_during_the_move"] == 1
    index_builder(settings, index).delete("p-late")


def test_what_does_not_belong_together_is_refused_before_anything_is_done(
    settings: Settings,
    order: RetrainOrder,
    ledger: Ledger,
    index: ProductIndex,
    moved: Entry,
) -> None:
    fixed = replace(settings, match=replace(settings.match, threshold=0.5))
    with pytest.raises(SettingsError, match=r"match\.threshold is set to 0\.5, but a threshold"):
        run(fixed, order, ledger)
    with pytest.raises(InputError, match="no encoder is named 'liveshelf-none'"):
        run(settings, replace(order, start="liveshelf-none"), ledger)
    with pytest.raises(InputError, match="cannot read"):
        run(settings, replace(order, tags=(order.folder / "none.jsonl",)), ledger)
    other = ColourAndWords("another encoder serves")
    list(IndexBuilder(index, other).build([Product(product_id="p0", title="milk")]))
    served = other.fingerprint[:16]
    with pytest.raises(MismatchError, match=f"but the index serves {served}"):
        run(settings, order, ledger)
    index.activate(index.about(load_encoder(settings).fingerprint))
    ledger.append(replace(moved, frozen="0" * 64))
    with pytest.raises(MismatchError, match="the last retraining was examined on 0000000000000000"):
        run(settings, replace(order, folder=order.folder / "later"), ledger)
    assert not (order.folder / "collected").exists()


@pytest.fixture
def moved(settings: Settings) -> Entry:
    """Another retraining that moved the alias to where it is."""
    here = Side("tiny", load_encoder(settings).fingerprint, "liveshelf_x")
    return Entry("2026-01-01T00:00:00+00:00", "bob", "moved", here, here)


def test_an_encoder_that_hears_no_names_does_not_follow_one_that_does(
    settings: Settings, order: RetrainOrder, ledger: Ledger, shop: Shop, tmp_path: Path
) -> None:
    hearing = tmp_path / "hearing"
    shutil.copytree(shop.checkpoint, hearing)
    fingerprint = load_encoder(settings).fingerprint
    recalibrate(hearing, sounds_weights=(SoundsWeight("shop", 2.0, "v", fingerprint),))
    order = replace(order, start=str(hearing))
    with pytest.raises(MismatchError, match=r"counts \(shop 2\), the new one does not.*rooms fit"):
        run(settings, order, ledger)
    assert ledger.entries() == []
    # With a weight, but thresholds that were fitted without it, it does not go on.
    trained = order.folder / "train" / "checkpoint"
    found = load_encoder(with_encoder(settings, str(trained.resolve()))).fingerprint
    recalibrate(trained, sounds_weights=(SoundsWeight("shop", 1.5, "v", found),))
    with pytest.raises(MismatchError, match=r"belongs to index version \w+, but this is index"):
        run(settings, order, ledger)
    assert ledger.entries() == []
    # Fitted, as `rooms fit` writes it, the same command goes on.
    index = index_version(found, sounds.version(), {"shop": 1.5})
    fitted = (replace(one, index=index) for one in load_checkpoint(trained).calibrations)
    recalibrate(trained, tuple(fitted))
    assert run(settings, order, ledger).moved


def test_a_folder_of_another_retraining_is_refused(
    settings: Settings, order: RetrainOrder, ledger: Ledger
) -> None:
    with pytest.raises(InputError, match="there is nothing new to learn from"):
        run(settings, replace(order, tags=(), corrections=()), ledger)
    with pytest.raises(InputError, match="none of the rooms monday falls into split val"):
        run(settings, replace(order, base=None, val_share=0.0), ledger)
    # Nothing was begun: the folder takes another order, and from then on only that.
    with pytest.raises(StoppedError):
        Retraining(settings, order, ledger, now, stop_at_training).run()
    with pytest.raises(InputError, match="another corrections and tags; go on with the same"):
        Retraining(settings, replace(order, tags=(), corrections=()), ledger, now, silent)
    with pytest.raises(InputError, match="another options"):
        Retraining(settings, replace(order, options=("epochs=9",)), ledger, now, silent)
