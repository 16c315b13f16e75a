"""README.md as a reader meets it: its blocks and commands, and a folder to run them in."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import av
from typer.core import TyperGroup
from typer.main import get_command

from stream.cli import command_line
from stream.evaluate_cli import FirstUnlessNamed
from tests.conftest import CACHE_DIR
from tests.readme_doubles import doubles
from tests.small_shelf import small_shelf
from tests.tiny_vision import save_siglip

ROOT = Path(__file__).parents[1]
MINI = ROOT / "tests" / "data" / "mini_room" / "room.mp4"
IMAGES = ROOT / "stream" / "demo" / "images"
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_TEXT = (ROOT / "README.md").read_text()
BLOCKS = _FENCED.findall(_TEXT)
INLINE = [code.split() for code in re.findall(r"`([^`\n]+)`", _FENCED.sub("", _TEXT))]
"""Words of what stands in the prose as code."""
COMMANDS = [
    line for kind, text in BLOCKS if kind == "bash" for line in text.splitlines() if line.strip()
]
RUN = "liveshelf run show.mp4 --catalogue products.jsonl --cart cart.json"
LIVE = "rtmp://media.example.com/live/show"
TABLE = {
    "looked_at": ("make demo", "make test", "make bench", "source .venv/bin/activate",
                  'pip install ".[consumer]"',
                  "docker compose -f compose/compose.yaml up --build -d"),
    "asked": ("liveshelf schema show tag", "liveshelf schema show asyncapi",
              "liveshelf topics list", "liveshelf models list"),
    "own_video": (f"{RUN} --tags-out tags.jsonl",),
    "started": ("liveshelf broker start", "liveshelf index serve", "liveshelf topics create"),
    "indexed": ("liveshelf index build products.jsonl",
                'liveshelf index search --text "rose hand cream"', "liveshelf doctor"),
    "working": ("liveshelf worker", "liveshelf app"),
    "sent": ("liveshelf ingest show.mp4 --stream-id monday --cart cart.json",),
    "read": ("liveshelf tags --stream-id monday", "liveshelf replay monday"),
    "live": (f"liveshelf ingest {LIVE} --stream-id tuesday --cart cart.json",),
    "pulled": ("liveshelf models pull whisper-tiny.en",
               "liveshelf models pull Systran/faster-whisper-small",
               "liveshelf models pull google/siglip-base-patch16-224"),
    "swapped": (RUN,),
    "measured": ("liveshelf bench --data DIR",),
    "made": (
        "liveshelf rooms render --python bpy/bin/python --views views --catalogue catalogue",
        "liveshelf rooms frames --views views --out frames",
        ("liveshelf rooms make --seed 7 --minutes 3.5 --cart 20 --views views --voices voices.toml "
        "--out room"),
        ("liveshelf rooms trial room --catalogue catalogue/catalogue.jsonl --gallery both "
        "--out trial"),
        "liveshelf rooms score tags.jsonl room/truth.json --timeline timeline.png",
        ("liveshelf rooms make --seed 201-230 --minutes 6 --hardships all --views views "
        "--voices voices.toml --out rooms"),
        ("liveshelf evaluate stream rooms/room-201 --catalogue catalogue/catalogue.jsonl "
        "--encoder liveshelf --out quality"),
        ("liveshelf rooms calibrate room --catalogue catalogue/catalogue.jsonl --precision 0.9 "
        "--encoder run/checkpoint"),
        "liveshelf index bench --size 10000 --size 100000 --out curves",
        "liveshelf summarizer data train.jsonl --voices voices.toml --split train",
        "liveshelf summarizer data val.jsonl --voices voices.toml --split val --windows 400",
        ("liveshelf summarizer train train.jsonl --validation val.jsonl --out adapter "
        "--work adapter-run"),
        "liveshelf summarizer evaluate val.jsonl --validation val.jsonl --adapter adapter",
        ("liveshelf train frames/manifest.jsonl run --texts train.jsonl --texts val.jsonl "
        "--minutes 60"),
        ("liveshelf rooms say frames/manifest.jsonl heard.jsonl --voices voices.toml "
        "--split test"),
        "liveshelf evaluate run/checkpoint frames/manifest.jsonl --texts heard.jsonl",
        "liveshelf sounds fit val.jsonl --encoder run/checkpoint",
        ("liveshelf rooms fit room --catalogue catalogue/catalogue.jsonl "
        "--encoder run/checkpoint"),
        "liveshelf sounds rarity rarity.json",
        "liveshelf rooms scripts scripts --minutes 30 --voices voices.toml",
        "liveshelf bench asr --data DIR --scripts scripts --out heard",
        "liveshelf bench summarize --out summed",
        ("liveshelf rooms say DIR/grocery_store/dataset said.jsonl --voices voices.toml "
        "--split train --times 3"),
        ("liveshelf rooms say DIR/grocery_store/dataset said.jsonl --voices voices.toml "
        "--split val --times 1 --seed 2"),
        ("liveshelf rooms say DIR/grocery_store/dataset said.jsonl --voices voices.toml "
        "--split test"),
        "liveshelf data catalogue DIR/grocery_store/dataset photos.jsonl",
        ("liveshelf rooms make --seed 201-212 --minutes 5.5 --hardships all "
        "--photos DIR/grocery_store/dataset --voices voices.toml --out photo-rooms"),
        ("liveshelf evaluate stream photo-rooms/room-201 --catalogue photos.jsonl "
        "--out photo-quality"),
        ("liveshelf data convert grocery DIR/grocery_store/dataset photos.parquet "
        "-o val_block=0.15"),
        ("liveshelf train photos.parquet photo-run --preset photos --texts said.jsonl "
        "--threads 2"),
        ("liveshelf evaluate photo-run/checkpoint photos.parquet --split test "
        "--texts said.jsonl"),
        "liveshelf models convert-mobilenet DIR/vision_backbones/mobilenetv2_nchw.npz mobilenetv2",
        "liveshelf data convert fashion DIR/fashion_titles fashion.parquet",
        ("liveshelf train fashion.parquet fashion-run --preset titles "
        "--encoder image.weights=mobilenetv2 --encoder image.architecture=mobilenetv2_100 "
        '--encoder "image.mean=[0.485,0.456,0.406]" --encoder "image.std=[0.229,0.224,0.225]"'),
        ("liveshelf evaluate fashion-run/checkpoint fashion.parquet --split test "
        "--pages split"),
        ("liveshelf rooms clips DIR/grocery_store/dataset spoken --voices voices.toml "
        "--most train=324 --most val=0"),
        ("liveshelf data transcribe spoken/manifest.jsonl spoken/heard.jsonl --language en "
        "--hotwords none"),
        "liveshelf data summarize spoken/heard.jsonl spoken/summed.jsonl --titles none",
        ("liveshelf ablate spoken/summed.jsonl spoken/words --encoder image.height_px=160 "
        "--encoder image.width_px=160"),
        ("liveshelf data transcribe spoken/manifest.jsonl spoken/noisy.jsonl --language en "
        "--hotwords none --noise DIR/coffee_speech/noise_kitchen.flac --snr-db 10"),
        ("liveshelf rooms clips frames/manifest.jsonl views-spoken --voices voices.toml "
        "--most train=324 --most val=0 --most test=300 --most test-unseen=0 "
        "--spoken-only test --spoken-only test-unseen"),
        "liveshelf summarizer orders DIR/coffee_speech orders.jsonl",
        "liveshelf summarizer evaluate orders.jsonl --validation val.jsonl",
        "liveshelf data convert folder shop shop.parquet",
        "liveshelf data stats shop.parquet --pictures",
        "liveshelf data transcribe shop.parquet heard.parquet --language en",
        "liveshelf data summarize heard.parquet summed.parquet",
        "liveshelf train summed.parquet shop-run --preset photos",
        "liveshelf evaluate shop-run/checkpoint summed.parquet --split test --report exam",
        "liveshelf ablate summed.parquet ablation --seeds 5",
        "liveshelf checkpoint export shop-run/checkpoint onnx --int8 --pictures shop",
        ("liveshelf retrain --frozen frozen.jsonl --base manifest.jsonl --tags tags.jsonl "
        "--corrections said.jsonl --rooms recordings"),
        "liveshelf retrain status",
        "liveshelf retrain rollback",
    ),
    "stopped": ("liveshelf index stop", "liveshelf broker stop"),
}  # fmt: skip
"""Which commands are run together."""


def block(kind: str, holding: str) -> str:
    """The one block of a kind that holds some words."""
    (found,) = [str(text) for one, text in BLOCKS if one == kind and holding in text]
    return found


@cache
def _whole_command() -> Any:
    return get_command(command_line())


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, however deep in groups, and the words that are left."""
    found: Any = _whole_command()
    words = words[1:] if words[0] == "liveshelf" else words
    while isinstance(found, TyperGroup) and words:
        words = found.named(words) if isinstance(found, FirstUnlessNamed) else words
        if words[0] not in found.commands:
            break
        found, words = found.commands[words[0]], words[1:]
    return found, words


@dataclass
class Reader:
    """Somebody with a checkout, a folder, and nothing else of ours."""

    folder: Path
    environment: dict[str, str]
    asked: list[str]
    places: dict[str, str] = field(default_factory=dict)

    def words(self, command: str) -> list[str]:
        for theirs, ours in self.places.items():
            command = command.replace(theirs, ours)
        name, *rest = shlex.split(command)
        assert name == "liveshelf"
        return [sys.executable, "-P", "-m", "stream.cli", *rest]

    def run(self, command: str, timeout_s: float = 180) -> str:
        done = subprocess.run(
            self.words(command), cwd=self.folder, env=self.environment, timeout=timeout_s,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run_all(self, group: str) -> list[str]:
        return [self.run(command) for command in TABLE[group]]

    def with_own_weights(self, cache: Path) -> "Reader":
        """The same reader with a cache that may be written to: weights of a false hub go there."""
        (cache / "weights").mkdir(parents=True)
        for weights in (CACHE_DIR / "weights").iterdir():
            if weights.name != "hub":
                (cache / "weights" / weights.name).symlink_to(weights)
        return replace(
            self, environment=self.environment | {"LIVESHELF_PATHS__CACHE_DIR": str(cache)}
        )

    def start(self, words: list[str], log: Path) -> "subprocess.Popen[str]":
        with log.open("w") as out:
            return subprocess.Popen(
                words, cwd=self.folder, env=self.environment, text=True, stdout=out, stderr=out
            )


def cut(source: Path, target: Path, seconds: float, **options: str) -> None:
    """Copy the beginning of a film, without coding it anew."""
    with av.open(str(source)) as film, av.open(str(target), "w", options=options) as piece:
        tracks = {one.index: piece.add_stream_from_template(one) for one in film.streams}
        for packet in film.demux():
            if packet.dts is not None and packet.dts * packet.time_base < seconds:
                packet.stream = tracks[packet.stream.index]
                piece.mux(packet)


@contextmanager
def new_reader(base: Path) -> Iterator[Reader]:
    """A reader with the files that README shows, and the stand-ins of what this machine lacks."""
    folder, files = base / "folder", base / "files"
    folder.mkdir()
    files.mkdir()
    cut(MINI, folder / "show.mp4", 10)
    cut(MINI, files / "live.m3u8", 3, hls_list_size="0")
    for name, text in (("products.jsonl", block("jsonl", "water-lemon")),
                       ("cart.json", block("json", "cart"))):  # fmt: skip
        (folder / name).write_text(text)
    shutil.copy(IMAGES / "pomarrow-lemon-ginger-sparkling-water-330-ml.webp", folder / "water.webp")
    shutil.copy(IMAGES / "lumivane-rose-hand-cream-75-ml.webp", folder / "cream.webp")
    repositories = {
        "Systran/faster-whisper-small": CACHE_DIR / "weights" / "whisper-tiny.en",
        "google/siglip-base-patch16-224": save_siglip(base / "siglip"),
    }
    with doubles(repositories, files) as (url, asked):
        environment = os.environ | {
            "COLUMNS": "160",
            "LIVESHELF_MODELS__HUB_URL": url,
            "LIVESHELF_PATHS__CACHE_DIR": str(CACHE_DIR),
            "LIVESHELF_PATHS__DATA_DIR": str(base / "data"),
            # What is left out depends on how fast this machine is, and a replay leaves nothing out.
            "LIVESHELF_OVERLOAD__ENABLED": "false",
        }
        places = {
            LIVE: f"{url}/files/live.m3u8",
            "http://127.0.0.1:8000/v1": f"{url}/v1",
        }
        yield Reader(folder, environment, asked, places)


def small_room(folder: Path) -> Path:
    """The short room, laid out as the bundled one is, with its own products only."""
    shutil.copytree(MINI.parent, folder)
    small_shelf(folder, folder / "cart.json", others=0)
    return folder


def small_data(folder: Path) -> None:
    """Three products, each with its own page as a photo, and one sentence as an order."""
    photos, voices = folder / "grocery_store" / "dataset", folder / "coffee_speech"
    photos.mkdir(parents=True)
    (voices / "flac").mkdir(parents=True)
    rows, lines = ["Class ID (int),Iconic Image Path (str)"], []
    for number, image in enumerate(sorted(IMAGES.iterdir())[:3]):
        shutil.copy(image, photos)
        rows.append(f"{number},/{image.name}")
        lines.append(f"{image.name}, {number}, 0")
    (photos / "classes.csv").write_text("\n".join(rows))
    (photos / "val.txt").write_text("\n".join(lines))
    cut(MINI, voices / "flac" / "order.mp4", 5)
    order = {"file": "order.mp4", "slots": {"coffeeDrink": "sparkling water"}}
    (voices / "labels.json").write_text(json.dumps([order]))
