"""What a trial keeps is known by models, options and code; stages see a room as it was entered."""

from dataclasses import replace
from pathlib import Path

from stream.rooms import Rooms
from stream.setting_groups import AsrSettings, ModelSettings, SummarizeSettings
from stream.settings import Settings
from stream.trial_stages import SettingsStages, with_own_index
from workers.events import Candidate, Match, Room, Summary, Tag, Transcript
from workers.rooms.drive import drive
from workers.rooms.variants import Variant


def matches() -> list[Match]:
    best = Candidate(product_id="a", score=0.9, title="Apricot jam")
    return [
        Match(
            stream_id="room", slot=slot, start_ms=2_500 * slot, end_ms=2_500 * slot + 5_000,
            watermark_ms=0, candidates=(best,), last=slot == 3,
        )
        for slot in range(4)
    ]  # fmt: skip


def test_a_key_is_the_same_until_an_option_changes() -> None:
    plain = SettingsStages(Settings())
    other = SettingsStages(replace(Settings(), asr=AsrSettings(max_utterance_ms=8_000)))
    assert plain.key("asr") == SettingsStages(Settings()).key("asr")
    assert plain.key("asr") != other.key("asr")
    assert plain.key("summarize") == other.key("summarize")
    assert plain.key("asr") != plain.key("summarize")


def test_a_key_changes_with_what_lies_in_a_folder_of_weights(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"one")
    settings = replace(Settings(), models=ModelSettings(llm_adapter=str(adapter)))
    before = SettingsStages(settings).key("summarize")
    assert SettingsStages(settings).key("summarize") == before
    (adapter / "adapter_model.safetensors").write_bytes(b"after training")
    assert SettingsStages(settings).key("summarize") != before


def test_a_rung_is_held_in_a_live_room_until_the_stage_is_asked_for_again() -> None:
    settings = replace(Settings(), summarize=SummarizeSettings(backend="extractive"))
    stages = SettingsStages(settings)
    stages.enter(Room(stream_id="room", version=0, live=True))
    heard = [
        Transcript(
            stream_id="room", slot=slot, start_ms=1_000 * slot, end_ms=1_000 * (slot + 1),
            watermark_ms=1_000 * (slot + 1), last=slot == 6,
        )
        for slot in range(7)
    ]  # fmt: skip

    def rungs(variant: Variant) -> set[str]:
        said = drive(stages.part("summarize", variant), "room", heard)
        return {event.load_rung for event in said if isinstance(event, Summary)}

    assert rungs(Variant(rung="extractive")) == {"extractive"}
    assert rungs(Variant()) == {"full"}


def test_settings_of_a_variant_hold_for_it_alone() -> None:
    settings = replace(Settings(), match=replace(Settings().match, threshold=0.5))
    stages = SettingsStages(settings)
    strict = stages.part("tag", Variant(sets=("match.threshold=0.95",)))
    told = {"strict": strict, "plain": stages.part("tag")}
    said = {name: len(drive(part, "room", matches())) for name, part in told.items()}
    assert said == {"strict": 0, "plain": 3}


def test_an_index_belongs_to_one_catalogue(tmp_path: Path) -> None:
    one = with_own_index(Settings(), tmp_path, tmp_path / "one.jsonl").index.uri
    assert one == with_own_index(Settings(), tmp_path, tmp_path / "one.jsonl").index.uri
    assert one != with_own_index(Settings(), tmp_path, tmp_path / "two.jsonl").index.uri
    assert one.endswith(".db")


def test_a_stage_is_made_once_and_is_the_one_of_the_live_path() -> None:
    stages = SettingsStages(replace(Settings(), match=replace(Settings().match, threshold=0.5)))
    stages.enter(Room(stream_id="room", version=0, cart=("a",)))
    stages.enter(Room(stream_id="room", version=0))
    part = stages.part("tag")
    assert part.worker is stages.part("tag").worker
    said = [event for event in drive(part, "room", matches()) if isinstance(event, Tag)]
    assert [event.status for event in said] == ["started", "updated", "ended"]
    assert {event.evidence.threshold for event in said} == {0.5}


def test_a_room_that_is_entered_again_has_no_other_versions_than_those_given() -> None:
    rooms = Rooms()
    later = Room(stream_id="room", version=0, cart=("b",), effective_from_ms=5_000)
    for _ in range(2):
        rooms.begin_anew(Room(stream_id="room", version=7, cart=("a",)), later)
        found = [rooms.at("room", at_ms) for at_ms in (0, 4_999, 5_000)]
        assert [(one.version, one.cart) for one in found if one] == [
            (0, ("a",)), (0, ("a",)), (1, ("b",)),
        ]  # fmt: skip
    rooms.begin_anew(Room(stream_id="room", version=0))
    last = rooms.at("room", 60_000)
    assert last is not None
    assert last.cart == ()
