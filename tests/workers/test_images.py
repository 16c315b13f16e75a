"""Pictures of strangers: what is let in, and what is refused before it can do harm."""

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import InputError
from tests.tiny_vision import image_bytes, picture
from tests.workers.huge_png import huge_png
from workers.images import ImageLimits, ImageSource, decode, kind_of, read

# Decoded with the limits, then without them by the same library: the peak of each, in bytes.
MEASURE = """
import io, sys
from pathlib import Path
from PIL.PngImagePlugin import PngImageFile
from models.errors import InputError
from workers.images import decode

def peak_bytes():
    # Of this program alone: ru_maxrss would begin with what the parent had.
    line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024

data = Path(sys.argv[1]).read_bytes()
before = peak_bytes()
try:
    decode(data)
except InputError as error:
    said = str(error)
refused = peak_bytes() - before
PngImageFile(io.BytesIO(data)).load()
print(refused, peak_bytes() - before, said, sep="\\n")
"""


def saved(made: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer, kind, **options)
    return buffer.getvalue()


def brightness(made: Image.Image) -> float:
    return float(np.asarray(made, dtype=np.float32).mean())


@pytest.mark.parametrize(("kind", "named"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WebP")])
def test_the_three_kinds_are_told_by_their_bytes_and_decoded(kind: str, named: str) -> None:
    data = image_bytes(picture("blue"), kind)
    assert kind_of(data) == named
    made = decode(data)
    assert (made.mode, made.size) == ("RGB", (48, 32))
    red, _, blue = made.getpixel((40, 25))  # type: ignore[misc]
    assert blue > red + 80


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_kinds_are_refused_whatever_they_are_called(kind: str) -> None:
    with pytest.raises(InputError, match="not a JPEG, PNG or WebP picture: it starts with"):
        decode(saved(picture(), kind))


def test_text_and_nothing_are_no_pictures() -> None:
    with pytest.raises(InputError, match="it starts with 68 65 6c 6c 6f"):
        decode(b"hello, I am logo.png")
    with pytest.raises(InputError, match="it starts with nothing"):
        decode(b"")


def test_a_huge_picture_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(huge_png())
    assert bomb.stat().st_size < 100_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(bomb)], capture_output=True, text=True, check=True
    )
    refused, loaded, said = done.stdout.splitlines()
    assert said == ("the picture is 14,000 × 14,000, which is 196.0 megapixels; the limit is 40")
    assert int(refused) < 50e6
    assert int(loaded) > 150e6, "the picture would do no harm, and proves nothing"


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 20}])
def test_a_webp_is_measured_before_its_reader_makes_room(options: dict[str, object]) -> None:
    data = saved(Image.new("RGB", (300, 200)), "WEBP", **options)
    with pytest.raises(
        InputError, match=r"300 × 200, which is 0\.1 megapixels; the limit is 0\.05"
    ):
        decode(data, ImageLimits(max_pixels=50_000))
    assert decode(data, ImageLimits(max_pixels=60_000)).size == (300, 200)


def test_an_extended_webp_is_measured_by_its_canvas() -> None:
    frames = [picture(colour, (300, 200)) for colour in ("red", "blue")]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert data[12:16] == b"VP8X"
    with pytest.raises(InputError, match="300 × 200"):
        decode(data, ImageLimits(max_pixels=50_000))
    with pytest.raises(InputError, match=r"WebP picture is damaged: unknown first chunk b'ABCD'"):
        decode(data[:12] + b"ABCD" + data[16:])


def test_files_of_too_many_bytes_and_specks_are_refused() -> None:
    data = image_bytes(picture())
    with pytest.raises(InputError, match=rf"has {len(data):,} bytes; the limit is 100"):
        decode(data, ImageLimits(max_bytes=100))
    with pytest.raises(InputError, match="is 7 × 90; a side must have 8 px"):
        decode(image_bytes(Image.new("RGB", (7, 90)), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_is_damaged_wherever_it_ends(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    data = image_bytes(Image.fromarray(noise), kind)
    for length in range(12, len(data) - 12, len(data) // 25):
        with pytest.raises(InputError, match=r"is damaged|not a JPEG"):
            decode(data[:length])


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
)
def test_damaged_bytes_give_a_picture_or_a_reason(
    kind: str, damage: list[tuple[float, int]]
) -> None:
    data = bytearray(image_bytes(picture("blue", (16, 16)), kind))
    for place, value in damage:
        data[int(place * len(data))] = value
    with suppress(InputError):
        assert decode(bytes(data), ImageLimits(max_pixels=10_000)).mode == "RGB"


def test_a_picture_held_on_its_side_is_put_upright() -> None:
    upright = picture("green", (60, 30))
    orientation = Image.Exif()
    orientation[0x0112] = 6  # "turn by 90° clockwise to view"
    on_its_side = upright.transpose(Image.Transpose.ROTATE_90)
    for kind in ("JPEG", "PNG", "WEBP"):
        made = decode(saved(on_its_side, kind, exif=orientation))
        assert made.size == (60, 30)
        difference = np.abs(np.asarray(made, dtype=int) - np.asarray(upright, dtype=int))
        assert difference.mean() < 12, kind


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animated_picture_the_first_frame_counts(kind: str) -> None:
    frames = [picture(colour) for colour in ("red", "green", "blue")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=40)
    red, green, blue = decode(data).getpixel((40, 25))  # type: ignore[misc]
    assert red > max(green, blue) + 80


def test_what_is_transparent_becomes_white() -> None:
    ghost = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    assert brightness(decode(image_bytes(ghost, "PNG"))) == 255
    assert brightness(decode(image_bytes(ghost, "WEBP"))) == 255
    palette = saved(Image.new("P", (16, 16), 0), "PNG", transparency=0)
    assert brightness(decode(palette)) == 255


@pytest.mark.parametrize(
    "made",
    [
        Image.new("L", (16, 16), 128),
        Image.new("CMYK", (16, 16), (0, 0, 0, 127)),
        Image.fromarray(np.full((16, 16), 128 * 257, dtype=np.uint16)),
    ],
    ids=["grey", "cmyk", "sixteen bits"],
)
def test_every_way_to_write_a_grey_becomes_the_same_grey(made: Image.Image) -> None:
    decoded = decode(image_bytes(made, "JPEG" if made.mode == "CMYK" else "PNG"))
    assert decoded.mode == "RGB"
    assert brightness(decoded) == pytest.approx(128, abs=1.5)


def test_a_path_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "ein bild.png"
    path.write_bytes(image_bytes(picture(), "PNG"))
    assert read(str(path), ImageSource()) == path.read_bytes()


def test_paths_that_are_no_pictures_are_refused_by_name(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(101))
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    source = ImageSource(limits=ImageLimits(max_bytes=100))
    with pytest.raises(InputError, match=r"large\.png' has 101 bytes; the limit is 100"):
        read(str(large), source)
    for name in (str(pipe), str(tmp_path), str(tmp_path / "absent.png"), "\0", "/dev/zero"):
        with pytest.raises(InputError, match="is no file"):
            read(name, source)
    with pytest.raises(InputError, match=r"x…'"):
        read("x" * 5_000, source)


def test_a_catalogue_of_others_names_no_paths_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(image_bytes(picture(), "PNG"))
    with pytest.raises(InputError, match=r"secret\.png' is a path of this machine, which is not"):
        read(str(path), ImageSource(local=False))
    with pytest.raises(InputError, match="should be an http or https URL"):
        read(f"file://{path}", ImageSource())
