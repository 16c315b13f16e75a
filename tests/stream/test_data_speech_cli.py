"""`liveshelf data transcribe` and `summarize`, from a manifest to a manifest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError
from models.manifest import load_manifest
from models.registry import Registry, default_cache_dir
from stream.data_speech_cli import add_speech_commands
from stream.setting_groups import AsrSettings, ModelSettings
from stream.settings import Settings
from stream.trial_stages import SettingsStages
from workers.events import AudioChunk, Room, Transcript
from workers.media import open_source
from workers.rooms.drive import drive

RUN = CliRunner()
JFK = Path(__file__).parents[2].parent / "shared" / "data" / "asr_refs" / "jfk.flac"
SETTINGS = replace(
    Settings(),
    models=ModelSettings(asr="whisper-tiny.en", device="cpu"),
    asr=AsrSettings(language="en", hop_ms=0),
)
PAGE = {"product_id": "oats", "domain": "page", "split": "train", "title": "Velmora Oat Milk"}
CLIP = {"product_id": "oats", "domain": "live", "split": "test", "stream_id": "r"}


def manifest(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def ran(*arguments: object) -> Result:
    app = typer.Typer()
    add_speech_commands(app, lambda: SETTINGS)
    found = RUN.invoke(app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found


@pytest.mark.parametrize("command", ["transcribe", "summarize"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: liveshelf data {command}" in ran(command, "--help").stdout


def test_transcripts_become_summaries(tmp_path: Path) -> None:
    said = {**CLIP, "transcript": "so this velmora oat milk"}
    rows, out = manifest(tmp_path, PAGE, said, CLIP), tmp_path / "out" / "summed.jsonl"
    arguments = ("summarize", rows, out, "--backend", "extractive", "--titles", "room")
    told = ran(*arguments)
    assert told.stdout == f"named 1, unnamed 0, windows 1, fell_back 0\t{out}\n"
    assert [row.summary for row in load_manifest(out).rows] == [None, "Velmora Oat Milk", None]
    before = out.read_bytes()
    assert ran(*arguments).stdout == told.stdout
    assert out.read_bytes() == before
    with pytest.raises(InputError, match="titles 'room', now 'none': name another OUT"):
        ran("summarize", rows, out, "--backend", "extractive")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("summarize", "--backend", "oracle"), "--backend is 'oracle'; want one of llm, server"),
        (("summarize", "--titles", "all"), "--titles is 'all'; want one of none, room"),
        (("transcribe", "--hotwords", "all"), "--hotwords is 'all'; want one of none, room"),
        (("transcribe", "--noise", "absent.wav"), "absent.wav: no such file"),
    ],
)
def test_bad_flags_are_refused_before_a_model_is_loaded(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    command, *flags = arguments
    rows = manifest(tmp_path, PAGE, CLIP)
    with pytest.raises(InputError, match=words):
        ran(command, rows, tmp_path / "out.jsonl", *flags)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_manifest_is_never_written_over(tmp_path: Path) -> None:
    rows = manifest(tmp_path, PAGE)
    with pytest.raises(InputError, match="OUT is MANIFEST"):
        ran("summarize", rows, rows, "--backend", "extractive")


@pytest.mark.weights
def test_whisper_hears_a_clip_as_the_live_stage_does_and_misses_no_file(tmp_path: Path) -> None:
    if not JFK.exists():
        pytest.skip(f"{JFK} is absent: the shared test data are not beside this checkout")
    Registry.load().pull("whisper-tiny.en", default_cache_dir())
    stages = SettingsStages(SETTINGS)
    stages.enter(Room(stream_id="r", version=0, cart=("oats",), titles={"oats": PAGE["title"]}))
    with open_source(str(JFK)) as source:
        chunks = [event for event in source.read("r") if isinstance(event, AudioChunk)]
    live = [
        event.text
        for event in drive(stages.part("asr"), "r", chunks)
        if isinstance(event, Transcript) and event.text
    ]
    clips = [{**CLIP, "media": str(JFK)}, {**CLIP, "media": "absent.flac"}]
    out = tmp_path / "heard.jsonl"
    told = ran("transcribe", manifest(tmp_path, PAGE, *clips), out, "--threads", 1)
    assert told.stdout == f"heard 1, silent 0, unreadable 1\t{out}\n"
    absent_at = tmp_path / "absent.flac"
    assert f"unreadable: 1 of 2 clips, such as\n  {absent_at}: no such file" in told.stderr
    _, heard, absent = load_manifest(out).rows
    assert heard.transcript == " ".join(live)
    assert "what your country can do for you" in str(heard.transcript).lower()
    assert absent.transcript is None
