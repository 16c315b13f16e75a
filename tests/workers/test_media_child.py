"""A decoder that crashes, hangs, spins or lies: a report with its reason, and nothing worse."""

import re
import sys
from pathlib import Path

import pytest

from models.errors import InputError
from workers.events import AudioChunk, Frame
from workers.media import MediaEvent, MediaReport, open_source
from workers.media_wire import MediaOptions

_HEAD = """
import os, signal, sys, time
from workers.media_wire import allow_cpu, limit_memory, write_message
out = sys.stdout.buffer
request = sys.stdin.readline()
def say(payload=b"", **header):
    write_message(out, header, payload)
def probe():
    say(type="probe", container="x", codecs={"audio": "a", "video": "v"}, live=False)
def audio(slot, **more):
    times = dict(start_ms=slot * 1000, end_ms=slot * 1000 + 1000, watermark_ms=slot * 1000 + 1000)
    say(bytes(32000), type="audio", slot=slot, **(times | more))
"""
SHORT = MediaOptions(stall_limit_s=1.0, cpu_limit_s=1)


def run(tmp_path: Path, body: str, options: MediaOptions = SHORT) -> list[MediaEvent]:
    source = tmp_path / "any.mp4"
    source.write_bytes(b"x")
    child = [sys.executable, "-P", "-c", _HEAD + body]
    with open_source(str(source), options, child) as opened:
        return list(opened.read("room"))


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "died of SIGSEGV"),
        ("time.sleep(60)", "said nothing for 1 s"),
        ("sys.exit('out of luck')", "ended with code 1: out of luck"),
        ("out.write(b'garbage!' * 9); out.flush()", "over the limit"),
        ("out.write(bytes([0, 0, 0, 9, 0])); out.flush()", "ends within a message"),
        ("out.write(bytes([0,0,0,2,0,0,0,0]) + b'[]'); out.flush()", "no JSON object"),
        ("audio(-4)", "greater than or equal to 0"),
        ("say(type='frame', slot='x')", "validation error"),
        ("say(type='surprise')", "'surprise' .* is unknown"),
        ("say(type='failure', reason='too much memory', position_ms=2000)", "too much memory"),
    ],
)
def test_a_bad_end_keeps_the_good_part_and_closes_both_tracks(
    end: str, reason: str, tmp_path: Path
) -> None:
    *events, final = run(tmp_path, f"probe(); audio(0); audio(1)\n{end}")
    assert isinstance(final, MediaReport)
    assert final.status == "failed"
    assert re.search(reason, final.reason)
    assert final.position_ms == 2_000
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert [(c.slot, c.end_ms, c.last) for c in chunks] == [
        (0, 1_000, False),
        (1, 2_000, False),
        (2, 2_000, True),
    ]
    (frame,) = [event for event in events if isinstance(event, Frame)]
    assert (frame.slot, frame.last, frame.choice) == (0, True, "none")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGABRT)", "died of SIGABRT"),
        ("time.sleep(60)", "said nothing"),
        ("say(type='failure', reason='no moov')", "any.mp4: cannot be read: no moov"),
    ],
)
def test_an_end_before_the_probe_means_that_the_source_cannot_be_used(
    end: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=reason):
        run(tmp_path, end)


def test_a_decoder_that_spins_is_ended_by_its_cpu_limit(tmp_path: Path) -> None:
    options = MediaOptions(cpu_limit_s=1)
    final = run(tmp_path, "probe(); audio(0); allow_cpu(1)\nwhile True: pass", options)[-1]
    assert isinstance(final, MediaReport)
    assert "1 s of CPU without any result" in final.reason


def test_memory_over_the_limit_ends_the_child_and_not_the_parent(tmp_path: Path) -> None:
    body = "probe(); audio(0); limit_memory(100)\nx = bytearray(300 << 20)"
    final = run(tmp_path, body)[-1]
    assert isinstance(final, MediaReport)
    assert "MemoryError" in final.reason


def test_a_closed_source_leaves_no_child(tmp_path: Path) -> None:
    source = tmp_path / "any.mp4"
    source.write_bytes(b"x")
    body = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); probe(); time.sleep(60)"
    opened = open_source(str(source), SHORT, [sys.executable, "-P", "-c", _HEAD + body])
    pid = int((tmp_path / "pid").read_text())
    opened.close()
    opened.close()
    assert not Path(f"/proc/{pid}").exists()
