"""What belongs together is checked before anything is served, and both sides are named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.calibrate import Calibration
from models.checkpoint import PRESETS, load_checkpoint, recalibrate
from models.errors import MismatchError
from stream.setting_groups import IndexSettings, MatchSettings, ModelSettings
from stream.settings import Settings
from stream.stages.loading import describe_index, thresholds_of
from tests.tiny_vision import ColourAndWords, products
from tests.workers.served_index import build, served_index
from workers.index_build import BuildOptions, IndexBuilder
from workers.index_schema import Build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PRESETS / "untrained", tmp_path / "mine"))


def settings(folder: Path, threshold: float | None = None) -> Settings:
    match = MatchSettings(threshold=threshold)
    return replace(Settings(), models=ModelSettings(encoder=str(folder)), match=match)


def bind(folder: Path, known: Build) -> None:
    bound = Calibration("cart", 0.5, "mine-1", known.fingerprint, known.version)
    recalibrate(folder, (bound,))


def test_thresholds_from_before_they_named_an_index_are_not_served_with(folder: Path) -> None:
    old = [replace(one, index="") for one in load_checkpoint(folder).calibrations]
    recalibrate(folder, tuple(old))
    with pytest.raises(MismatchError, match="cart threshold untrained-1 .* names no index"):
        thresholds_of(settings(folder))


def test_a_threshold_that_somebody_sets_belongs_to_nothing(folder: Path) -> None:
    rules = thresholds_of(settings(folder, threshold=0.4))
    assert {(one.fingerprint, one.index, one.precision) for one in rules.values()} == {
        ("", "", None)
    }


@pytest.mark.milvus
def test_an_index_is_ready_only_for_thresholds_of_its_own(folder: Path, tmp_path: Path) -> None:
    one, other = ColourAndWords("ready"), ColourAndWords("other")
    with served_index(tmp_path / "index") as served:
        index = served.connect()
        build(IndexBuilder(index, one, BuildOptions()), products(tmp_path))
        known = replace(settings(folder), index=IndexSettings(uri=served.uri))
        now = index.about(one.fingerprint)
        bind(folder, now)
        assert "3 products" in describe_index(known, served.uri)
        elsewhere = replace(now, fingerprint=other.fingerprint)
        bind(folder, elsewhere)
        said = rf"encoder {other.fingerprint[:16]}, but this is encoder {one.fingerprint[:16]}"
        with pytest.raises(MismatchError, match=said):
            describe_index(known, served.uri)
        heard = replace(now, sounds_weights={"cart": 2.0})
        bind(folder, heard)
        said = f"index version {heard.version}, but this is index version {now.version}"
        with pytest.raises(MismatchError, match=said):
            describe_index(known, served.uri)
