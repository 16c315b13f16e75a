"""The real reader on pictures drawn here: it reads, offline, and no picture takes for ever."""

import importlib.util
import socket
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont

from models.errors import SettingsError
from workers.rapid_ocr import RapidReader, is_installed

needs_rapidocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None,
    reason="rapidocr is not installed (extra ocr)",
)


@pytest.fixture(scope="module")
def reader() -> RapidReader:
    return RapidReader()


def drawn(*lines: str, size: tuple[int, int] = (640, 360)) -> Image.Image:
    made = Image.new("RGB", size, (210, 200, 190))
    font = ImageFont.load_default(36)
    for row, line in enumerate(lines):
        ImageDraw.Draw(made).text((30, 30 + 80 * row), line, fill=(20, 20, 60), font=font)
    return made


@needs_rapidocr
def test_a_caption_is_read_from_top_to_bottom(reader: RapidReader) -> None:
    lines = reader.read(drawn("NIVEA CREME 4.99", "only today"))
    assert [line.text for line in lines] == ["NIVEA CREME 4.99", "only today"]
    assert all(0.9 < line.score <= 1 for line in lines)


@needs_rapidocr
def test_a_picture_without_text_has_no_lines(reader: RapidReader) -> None:
    assert reader.read(Image.new("RGB", (320, 240), (90, 120, 90))) == []


@needs_rapidocr
@pytest.mark.parametrize("size", [(8, 8), (2_000, 8)])
def test_a_speck_and_a_strip_are_read_like_any_other(
    reader: RapidReader, size: tuple[int, int]
) -> None:
    # The library by itself refuses strips that lie, and takes minutes for those that stand.
    assert reader.read(Image.new("RGB", size, "white")) == []


@needs_rapidocr
def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        message = "the network was asked for"
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert [line.text for line in RapidReader().read(drawn("4.99"))] == ["4.99"]


@needs_rapidocr
def test_the_model_is_named_with_its_version(reader: RapidReader) -> None:
    assert reader.model.startswith("rapidocr-3.")
    assert "PP-OCRv6" in reader.model


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Callable[..., object] = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "rapidocr" else found(name, *more),
    )
    assert not is_installed()
    with pytest.raises(SettingsError, match=r"pip install 'liveshelf\[ocr\]'"):
        RapidReader()
