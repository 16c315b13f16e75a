"""Catalogues and single products into a real index: what is encoded, skipped, and removed."""

from pathlib import Path

import pytest

from models.errors import BadEventError
from tests.models.file_server import serving
from tests.tiny_vision import ColourAndWords, image_bytes, picture, products
from tests.workers.huge_png import huge_png
from tests.workers.served_index import ServedIndex, asked, build, found
from workers.events import Product
from workers.image_fetch import FetchOptions
from workers.images import ImageSource
from workers.index import ProductIndex
from workers.index_build import BuildOptions, IndexBuilder

pytestmark = pytest.mark.milvus


def test_an_unchanged_catalogue_is_not_encoded_again(
    builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    first = build(builder, products(tmp_path))
    encoder.seen.clear()
    again = build(builder, products(tmp_path))
    assert (again.indexed, again.unchanged) == (0, 3)
    assert encoder.seen == []
    assert again.build_id == first.build_id
    # Somewhere else, and in another order, it is still the same catalogue.
    (tmp_path / "elsewhere").mkdir()
    moved = build(builder, products(tmp_path / "elsewhere")[::-1])
    assert (moved.indexed, moved.unchanged, moved.build_id) == (0, 3, first.build_id)


def test_only_what_has_changed_is_encoded_again(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    red, green, blue = products(tmp_path)
    first = build(builder, [red, green, blue])
    encoder.seen.clear()
    Path(green.images[0]).write_bytes(image_bytes(picture("red"), "PNG"))
    renamed = blue.model_copy(update={"title": "honey"})
    report = build(builder, [red, green, renamed])
    assert (report.indexed, report.unchanged) == (2, 1)
    assert sorted(str(sample.text) for sample in encoder.seen) == ["honey", "oat milk"]
    assert report.build_id != first.build_id
    assert found(index, encoder, asked(encoder, words="honey"))[0] == "p-blue"


def test_products_that_the_catalogue_no_longer_names_go(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    red, green, blue = products(tmp_path)
    build(builder, [red, green, blue])
    *_, report = builder.build([red], also_named={"p-green"})
    assert report.removed == 1
    assert index.ids(encoder.fingerprint) == {"p-red", "p-green"}
    kept = IndexBuilder(index, encoder, BuildOptions(prune=False))
    assert build(kept, [blue]).removed == 0
    assert index.ids(encoder.fingerprint) == {"p-red", "p-green", "p-blue"}
    assert index.about(encoder.fingerprint).count == 3


def test_what_cannot_be_used_is_reported_and_costs_only_itself(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    (tmp_path / "bomb.png").write_bytes(huge_png())
    (tmp_path / "text.png").write_text("no picture")
    good = products(tmp_path)
    bad = [
        Product(product_id="bomb", title="soup", images=(str(tmp_path / "bomb.png"),)),
        Product(product_id="text", title="soup", images=(str(tmp_path / "text.png"),)),
        Product(product_id="gone", title="soup", images=(str(tmp_path / "gone.png"),)),
        Product(product_id="blank", title="\u200b"),
        Product(product_id="endless", title="soup", shop="s" * 801),
    ]
    mixed = [good[0], bad[0], bad[1], good[1], bad[2], bad[3], bad[4], good[2]]
    report = build(builder, mixed, tuple(range(11, 19)))
    assert report.indexed == 3
    assert report.done == report.total == 8
    assert index.ids(encoder.fingerprint) == {"p-red", "p-green", "p-blue"}
    told = {item.product_id: (item.line, item.reason) for item in report.skipped}
    assert [told[item.product_id][0] for item in bad] == [12, 13, 15, 16, 17]
    assert "14,000 × 14,000" in told["bomb"][1]
    assert "the limit is 40" in told["bomb"][1]
    assert "not a JPEG, PNG or WebP picture" in told["text"][1]
    assert "gone.png' is no file" in told["gone"][1]
    assert told["blank"][1] == "it has neither a picture nor words to encode"
    assert "max_length=800" in told["endless"][1]


def test_what_cannot_be_read_today_stays_as_it_was(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    some = products(tmp_path)
    build(builder, some)
    Path(some[0].images[0]).unlink()
    report = build(builder, some)
    assert [item.product_id for item in report.skipped] == ["p-red"]
    assert report.removed == 0
    assert "p-red" in index.ids(encoder.fingerprint)


def test_an_upsert_and_a_delete_are_seen_by_others_at_once(
    served: ServedIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    other = served.connect()
    red, green, _ = products(tmp_path)
    builder.upsert(red)
    builder.upsert(green)
    assert found(other, encoder, asked(encoder, "red"))[0] == "p-red"
    assert other.current().fingerprint == encoder.fingerprint
    builder.upsert(red.model_copy(update={"title": "honey"}))
    assert other.search(encoder.fingerprint, asked(encoder, "red"), 1)[0][0].title == "honey"
    assert other.count(encoder.fingerprint) == 2
    builder.delete("p-red")
    builder.delete("never there")
    assert found(other, encoder, asked(encoder, "red")) == ["p-green"]


def test_a_live_upsert_does_not_change_the_build(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    report = build(builder, products(tmp_path))
    builder.upsert(Product(product_id="late", title="red soup"))
    assert index.about(encoder.fingerprint).build_id == report.build_id
    assert found(index, encoder, asked(encoder, words="red soup"))[0] == "late"


def test_a_dead_picture_server_costs_the_product_after_some_tries_and_not_the_worker(
    index: ProductIndex, encoder: ColourAndWords, tmp_path: Path
) -> None:
    waits: list[float] = []
    fetch = FetchOptions(allow_private=True, wait=waits.append)
    builder = IndexBuilder(index, encoder, BuildOptions(source=ImageSource(fetch=fetch)))
    with serving() as server:
        server.failures["/jam.png"] = [500] * 4
        url = server.put("/jam.png", image_bytes(picture("red"), "PNG"))
        jam = Product(product_id="jam", title="jam", images=(url,))
        with pytest.raises(
            BadEventError, match=r"jam cannot be indexed: .* answered 500 .*3 tries"
        ):
            builder.upsert(jam)
        assert len(waits) == 2
        builder.upsert(jam)
        assert server.count("/jam.png") == 5
        assert found(index, encoder, asked(encoder, "red")) == ["jam"]
        green = Product(product_id="green", title="green", images=(f"{server.url}/gone.png",))
        report = build(builder, [jam, green, *products(tmp_path)])
    assert [item.reason.endswith("answered 404") for item in report.skipped] == [True]
    assert report.unchanged == 1
    with pytest.raises(BadEventError, match="jam cannot be indexed: .*ConnectError"):
        builder.upsert(jam)


@pytest.mark.parametrize(
    ("product", "says"),
    [
        (Product(product_id="a", title="a", images=("/dev/zero",)), "'/dev/zero' is no file"),
        (Product(product_id="a", title="a", images=("http://127.0.0.1/a",)), "not a public addr"),
        (Product(product_id="a", title="\u200b"), "neither a picture nor words"),
        (Product(product_id="a", title="a", shop="timeout" * 200), "refuses this.*max_length"),
    ],
)
def test_a_product_that_can_never_be_indexed_is_a_bad_event(
    builder: IndexBuilder, product: Product, says: str
) -> None:
    with pytest.raises(BadEventError, match=says):
        builder.upsert(product)
