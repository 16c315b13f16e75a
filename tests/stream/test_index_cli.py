"""`liveshelf index` build, verify, stats and search, on a real index and real encoders."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError, MismatchError, SettingsError
from models.registry import Registry
from stream.index_cli import index_app
from stream.settings import Settings, load_settings
from tests.conftest import CACHE_DIR
from tests.models.file_server import serving
from tests.stream.catalogue_files import catalogue, row
from tests.tiny_vision import image_bytes, picture, save_branches, save_clip, save_siglip
from tests.workers.huge_png import huge_png
from tests.workers.served_index import ServedIndex, served_index

pytestmark = pytest.mark.milvus
ROOT = Path(__file__).parents[2]
DEMO = ROOT / "stream" / "demo"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A checkpoint folder of tiny random networks."""
    return str(save_branches(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def settings(served: ServedIndex, encoder: str, tmp_path: Path) -> Settings:
    return load_settings(
        {
            "index.uri": served.uri,
            "models.encoder": encoder,
            "models.device": "cpu",
            "paths.cache_dir": str(CACHE_DIR),
            "paths.data_dir": str(tmp_path / "data"),
        },
        environment={},
    )


def invoke(settings: Settings, *arguments: str) -> Result:
    # As wide as no terminal is, so that no cell of a table is broken.
    runner = CliRunner(env={"COLUMNS": "400"})
    return runner.invoke(index_app(lambda: settings), list(arguments))


def run(settings: Settings, *arguments: str) -> Result:
    result = invoke(settings, *arguments)
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0
    return result


def told(settings: Settings, *arguments: str) -> Any:
    return json.loads(run(settings, *arguments, "--json").stdout)


def test_build_says_what_became_of_every_row(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(huge_png())
    (tmp_path / "text.png").write_text("no picture")
    path = catalogue(
        tmp_path,
        {"product_id": "bomb", "title": "Bomb", "images": ["bomb.png"]},
        '{"product_id": "broken", "title"',
        {"product_id": "inner", "title": "Inner", "images": ["http://127.0.0.1/a.png"]},
        {"product_id": "[red]x[/]", "title": "Text", "images": ["text.png"], "stock": 3},
        {"title": "Nameless"},
    )
    found = told(settings, "build", str(path))
    assert (found["indexed"], found["unchanged"]) == (3, 0)
    assert found["ignored_fields"] == ["stock"]
    assert re.fullmatch("[0-9a-f]{64}", found["fingerprint"])
    skipped = {item["line"]: (item["product_id"], item["reason"]) for item in found["skipped"]}
    assert list(skipped) == [4, 5, 6, 7, 8]
    assert "bomb.png: the picture is 14,000 × 14,000, which is 196.0 megapixels" in skipped[4][1]
    assert skipped[5][1].startswith("not JSON")
    assert "allow private addresses if the catalogue is your own" in skipped[6][1]
    assert skipped[7][0] == "[red]x[/]"
    assert "text.png: not a JPEG, PNG or WebP picture" in skipped[7][1]
    assert skipped[8] == ("", "missing")
    again = run(settings, "build", str(path))
    assert again.stdout.startswith("0 indexed, 3 unchanged, 0 removed, 5 skipped; build ")
    assert "ignored fields: stock" in again.stdout
    for product_id, reason in skipped.values():
        assert reason in again.stderr
        assert product_id in again.stderr


def test_build_removes_what_is_no_longer_named_unless_told_to_keep_it(
    settings: Settings, tmp_path: Path
) -> None:
    run(settings, "build", str(catalogue(tmp_path)))
    # A row that cannot be used still names its product.
    spoilt = row("green", title="")
    kept = told(settings, "build", "--keep", str(catalogue(tmp_path, colours=("red",))))
    assert (kept["removed"], kept["unchanged"]) == (0, 1)
    found = told(settings, "build", str(catalogue(tmp_path, spoilt, colours=("red",))))
    assert (found["removed"], found["unchanged"]) == (1, 1)
    (only,) = [item for item in told(settings, "stats") if item["current"]]
    assert only["products"] == 2


def test_build_reads_csv_and_fetches_pictures_of_a_private_shop(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.csv"
    with serving() as server:
        url = server.put("/jam.png", image_bytes(picture("red"), "PNG"))
        path.write_text(f"id,title,images\njam,Apricot jam,{url}\ntea,Tea,\n", encoding="utf-8")
        found = told(settings, "build", str(path), "--allow-private")
    assert (found["indexed"], found["skipped"]) == (2, [])


def test_a_catalogue_of_which_nothing_can_be_indexed_fails_with_its_reasons(
    settings: Settings, tmp_path: Path
) -> None:
    path = catalogue(tmp_path, row("red", images=["absent.png"]), colours=())
    result = invoke(settings, "build", str(path))
    assert isinstance(result.exception, InputError)
    assert "could be indexed; see the skipped rows" in str(result.exception)
    assert "absent.png' is no file" in result.stderr


def test_verify_passes_for_its_own_encoder_and_fails_for_another(
    settings: Settings, tmp_path: Path
) -> None:
    run(settings, "build", str(catalogue(tmp_path)))
    checks = told(settings, "verify")
    assert [check["name"] for check in checks] == [
        "count",
        "build",
        "fingerprint",
        "sounds",
        "vectors",
        "width",
        "once",
        "search",
    ]
    assert all(check["ok"] for check in checks)
    assert "3 of 3 products found by their own vector" in run(settings, "verify").stdout
    other = f"zero-shot:{save_siglip(tmp_path / 'siglip')}"
    result = invoke(settings, "verify", "--encoder", other, "--json")
    assert isinstance(result.exception, MismatchError)
    assert "failed: fingerprint; run `liveshelf index build" in str(result.exception)
    wrong = [check["name"] for check in json.loads(result.stdout) if not check["ok"]]
    assert wrong == ["fingerprint"]


def test_stats_counts_each_encoder_and_marks_the_current_one(
    settings: Settings, served: ServedIndex, tmp_path: Path
) -> None:
    path = str(catalogue(tmp_path))
    other = f"zero-shot:{save_siglip(tmp_path / 'siglip')}"
    run(settings, "build", path, "--encoder", other)
    first = {item["encoder"]: item for item in told(settings, "stats")}
    assert first[other]["current"]
    assert (first[other]["products"], first[other]["dim"]) == (3, 32)
    built = told(settings, "build", path, "--index", served.uri)
    rows = told(settings, "stats")
    (current,) = [item for item in rows if item["current"]]
    assert current["build_id"] == built["build_id"]
    assert current["fingerprint"] == built["fingerprint"]
    table = run(settings, "stats").stdout
    assert built["build_id"][:12] in table
    assert current["collection"] in table


def test_search_finds_by_words_by_picture_and_by_both(settings: Settings, tmp_path: Path) -> None:
    run(settings, "build", str(catalogue(tmp_path)))
    words = told(settings, "search", "--text", "dark roast coffee")
    assert words[0]["product_id"] == "p-blue"
    assert words[0]["score"] == pytest.approx(1, abs=1e-4)
    assert list(words[0]["by"]) == ["text"]
    seen = told(settings, "search", "--image", str(tmp_path / "green.png"))
    assert seen[0]["product_id"] == "p-green"
    assert seen[0]["title"] == "oat milk"
    both = ("--text", "apricot jam", "--image", str(tmp_path / "red.png"), "--top-k", "1")
    (best,) = told(settings, "search", *both)
    assert (best["product_id"], set(best["by"])) == ("p-red", {"frames", "text"})
    table = run(settings, "search", *both).stdout
    assert "p-red" in table
    assert "frames 1.000, text 1.000" in table
    (shop,) = told(settings, "search", "--text", "oat milk", "--shop", "hearth")
    assert shop["product_id"] == "p-red"
    assert told(settings, "search", "--text", "oat milk", "--shop", "nobody's") == []


def test_search_says_what_it_cannot_look_for(settings: Settings, tmp_path: Path) -> None:
    for nothing in ([], ["--text", " "]):
        with pytest.raises(SettingsError, match="give --text, --image, or both"):
            run(settings, "search", *nothing)
    (tmp_path / "notes.png").write_text("notes")
    with pytest.raises(InputError, match="not a JPEG, PNG or WebP picture"):
        run(settings, "search", "--image", str(tmp_path / "notes.png"))
    with pytest.raises(InputError, match=r"absent\.png' is no file"):
        run(settings, "search", "--image", str(tmp_path / "absent.png"))
    assert invoke(settings, "search", "--text", "jam", "--top-k", "0").exit_code == 2


def test_a_search_with_an_encoder_that_indexed_nothing_says_what_to_do(
    settings: Settings, tmp_path: Path
) -> None:
    run(settings, "build", str(catalogue(tmp_path)))
    stranger = f"zero-shot:{save_clip(tmp_path / 'clip')}"
    with pytest.raises(MismatchError, match=r"run `liveshelf index build CATALOGUE`"):
        run(settings, "search", "--text", "jam", "--encoder", stranger)


def test_the_example_in_the_help_of_every_command_works(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue(tmp_path)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.add_typer(index_app(lambda: settings), name="index")
    for command in ("build", "verify", "stats", "search", "tune"):
        told_help = CliRunner().invoke(app, ["index", command, "--help"]).stdout
        example = re.search(r"Example: liveshelf (index .*)", told_help)
        assert example, told_help
        arguments = shlex.split(example[1].strip(" │"))
        assert arguments[:2] == ["index", command]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output


@pytest.mark.weights
def test_the_demo_catalogue_is_found_by_words_and_by_its_own_pictures(settings: Settings) -> None:
    registry = Registry.load()
    for name in ("efficientnet-lite0", "all-minilm-l6-v2"):
        registry.pull(name, CACHE_DIR / "weights")
    real = ("--encoder", "untrained")
    lines = (DEMO / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    found = told(settings, "build", str(DEMO / "catalogue.jsonl"), *real)
    assert (found["indexed"], found["skipped"]) == (len(lines), [])
    assert all(check["ok"] for check in told(settings, "verify", *real))
    asked = {
        "vanilla oat drink": "oatrelle-vanilla-oat-drink-1-litre",
        "dark roast coffee beans": "brindlemoor-dark-roast-coffee-beans-500-g",
        "toothpaste with charcoal": "glintover-charcoal-toothpaste-100-ml",
        "salmon for cats": "moggleton-salmon-cat-food-185-g",
    }
    for words, product_id in asked.items():
        hits = told(settings, "search", "--text", words, *real)
        assert hits[0]["product_id"] == product_id
        assert hits[0]["score"] > hits[1]["score"]
        image = str(DEMO / "images" / f"{product_id}.webp")
        hits = told(settings, "search", "--image", image, *real)
        assert hits[0]["product_id"] == product_id
        assert hits[0]["score"] == pytest.approx(1, abs=1e-4)
