"""Which processes `run` starts, with and without text on screen."""

import importlib.util

import pytest

from models.errors import SettingsError
from stream.setting_groups import OcrSettings
from stream.settings import Settings
from stream.stages.loading import FACTORIES
from stream.worker_layout import layout_of

READING = Settings(ocr=OcrSettings(enabled=True))
needs_rapidocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="rapidocr is not installed (extra ocr)"
)


def stages(layout: tuple[tuple[str, ...], ...]) -> set[str]:
    return {stage for process in layout for stage in process}


def test_text_on_screen_is_not_read_unless_wanted() -> None:
    assert stages(layout_of(Settings())) == FACTORIES.keys() - {"ocr"}
    with pytest.raises(SettingsError, match="want each of asr, embed, match, summarize, tag once"):
        layout_of(Settings(), "asr/ocr/summarize,embed,match,tag")


@needs_rapidocr
def test_text_on_screen_is_read_in_a_process_of_its_own() -> None:
    assert stages(layout_of(READING)) == FACTORIES.keys()
    assert ("ocr",) in layout_of(READING)
    shared = layout_of(READING, "asr,ocr/summarize,embed,match,tag")
    assert shared == (("asr", "ocr"), ("summarize", "embed", "match", "tag"))
    with pytest.raises(SettingsError, match="want each of asr, embed, match, ocr"):
        layout_of(READING, "asr/summarize,embed,match,tag")


def test_a_missing_package_is_noticed_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(SettingsError, match=r"ocr\.enabled: .*liveshelf\[ocr\]"):
        layout_of(READING)
