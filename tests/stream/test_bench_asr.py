"""`liveshelf bench asr`: parts in a folder that grows, and the real ears."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError
from models.registry import Registry, default_cache_dir
from stream.bench_asr import PARTS, BenchAsrOptions, bench_asr
from stream.bench_asr_cli import add_asr
from stream.bench_asr_ears import WhisperEars
from stream.settings import Settings
from tests.workers.bench_doubles import write_orders, write_scripts
from tests.workers.scripted_ears import Parrot, ToldEars
from workers.clip_sound import decoded
from workers.listening.room_player import PlayedRoom, RoomPlayer
from workers.utterances import UtteranceOptions

DEMO = Path(__file__).parents[2] / "stream" / "demo" / "room.mp4"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    orders = ({"coffeeDrink": "latte"}, {"coffeeDrink": "mocha"})
    write_orders(tmp_path / "data" / "coffee_speech", *orders)
    return tmp_path / "data"


def test_parts_are_added_to_a_report_and_what_was_heard_is_not_heard_again(
    data: Path, tmp_path: Path
) -> None:
    ears = ToldEars(peer=Parrot("a latte"))
    scripts = write_scripts(tmp_path / "scripts", "this is a latte")
    out = tmp_path / "out"
    options = BenchAsrOptions(out, ("wer",), data=data, scripts=scripts)
    bench_asr(Settings(), options, ears)
    asked = ears.peer.asked
    bench_asr(Settings(), BenchAsrOptions(out, ("slots",), data=data, scripts=scripts), ears)
    report = bench_asr(Settings(), options, ears)
    assert report["parts"].keys() == {"wer", "slots"}
    assert json.loads((out / "report.json").read_text()) == json.loads(json.dumps(report))
    assert report["measured"]["model"] == "double"
    assert "faster-whisper" in report["measured"]["versions"]
    assert (out / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert ears.peer.asked == asked + 2 * 2 * 2, "orders, by sound and hotwords; no script again"


def test_parts_without_material_say_what_they_lack(tmp_path: Path) -> None:
    options = BenchAsrOptions(tmp_path / "out", ("speed", "wer", "slots", "live"))
    parts = bench_asr(Settings(), options, ToldEars())["parts"]
    assert all("given" in part["skipped"] for part in parts.values())
    assert not (tmp_path / "out" / "plot.png").exists()


def test_a_folder_without_coffee_is_none(tmp_path: Path) -> None:
    options = BenchAsrOptions(tmp_path / "out", ("slots",), data=tmp_path)
    slots = bench_asr(Settings(), options, ToldEars())["parts"]["slots"]
    assert slots["skipped"] == "--data is not given, or has no coffee_speech/"


def test_a_folder_of_another_hop_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    bench_asr(Settings(), BenchAsrOptions(out, ("wer",), hop_ms=0), ToldEars())
    with pytest.raises(InputError, match="hop_ms 0, now 1000: name another OUT"):
        bench_asr(Settings(), BenchAsrOptions(out, ("wer",), hop_ms=1_000), ToldEars())


def test_a_package_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "matplotlib" or None)
    with pytest.raises(InputError, match=r"faster_whisper, transformers: not installed; pip"):
        bench_asr(Settings(), BenchAsrOptions(tmp_path / "out"), ToldEars())


def test_a_torn_report_is_written_anew(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.json").write_text('{"parts"')
    report = bench_asr(Settings(), BenchAsrOptions(out, ("wer",)), ToldEars())
    assert report["parts"].keys() == {"wer"}


def ran(*arguments: object) -> Result:
    app = typer.Typer()
    add_asr(app, Settings)
    found = CliRunner().invoke(app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_an_unknown_part_is_refused(tmp_path: Path) -> None:
    known = ", ".join(PARTS)
    with pytest.raises(InputError, match=f"--part werr: want one of {known}"):
        ran("--out", tmp_path / "out", "--part", "werr")


def test_the_command_prints_lines_or_the_report(tmp_path: Path) -> None:
    words = ("--out", tmp_path / "out", "--part", "wer", "--part", "speed")
    assert re.search(r"wer +skipped: --scripts is not given", ran(*words).stdout)
    told = json.loads(ran(*words, "--json").stdout)
    assert list(told["parts"]) == ["speed", "wer"]


@pytest.mark.weights
def test_ours_and_the_peer_hear_the_demo_room() -> None:
    Registry.load().pull("whisper-base", default_cache_dir())
    ears = WhisperEars(Settings(), "base", threads=1)
    assert ears.told["model"] == "whisper-base"
    sound = decoded(DEMO)[: 16_000 * 12]
    player = RoomPlayer(ears.ours(8), UtteranceOptions())
    (heard,) = player.play([PlayedRoom("demo", sound)])
    alone = ears.alone().text(sound)
    ours, theirs = ({*re.findall(r"[a-z]+", one.lower())} for one in (heard.text, alone))
    assert len(ours & theirs) > 0.7 * len(theirs) > 5
    assert ears.ours(8) is ears.ours(8)
    assert ears.ours(8, "none") is not ears.ours(8)
    assert ears.alone().text(np.zeros(16_000, dtype=np.int16)) is not None


def test_ears_are_named_by_short_names() -> None:
    assert WhisperEars(Settings(), "tiny.en").told["model"] == "whisper-tiny.en"
    assert WhisperEars(Settings(), "own-whisper").told["model"] == "own-whisper"
