"""Events survive the wire, and a record that is none is refused with its place and field."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError
from stream.codec import Position, decode, encode, traceparent_of
from stream.topics import TOPICS
from tests.stream.instances import BY_KIND, any_event
from workers.events import EVENTS, AudioChunk, Event, Frame, Room, Tag, Transcript, Vector, Word

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLACE = Position("liveshelf.some", 3, 41)
GRID = {"stream_id": "room-1", "slot": 7, "start_ms": 7_000, "end_ms": 8_000, "watermark_ms": 8_000}
WORD = Word(text="oat milk", start_ms=7_100, end_ms=7_400, probability=0.5)
AUDIO = AudioChunk.model_validate(GRID | {"payload": b"\0\1" * 4})
VECTOR = Vector.model_validate(GRID | {"dim": 2, "terms": {5: 0.5}, "payload": bytes(8)})
APART = VECTOR.model_copy(update={"alone": ("vision", "speech"), "payload": bytes(24)})
TRANSCRIPT = Transcript.model_validate(GRID | {"words": (WORD,)})


def refusal(kind: type[Event], value: bytes | None, headers: dict[str, bytes]) -> str:
    with pytest.raises(BadEventError) as caught:
        decode(kind, PLACE, value, list(headers.items()))
    return str(caught.value)


def record_of(event: Event) -> tuple[bytes, dict[str, bytes]]:
    record = encode(event, source="test", at=AT)
    assert record.value is not None
    return record.value, dict(record.headers)


@given(any_event())
def test_every_event_survives_the_wire(event: Event) -> None:
    record = encode(event, source="test", at=AT)
    assert decode(type(event), PLACE, record.value, record.headers) == event


@given(any_event())
def test_the_id_in_the_header_is_the_id_after_the_wire(event: Event) -> None:
    record = encode(event, source="test", at=AT)
    found = decode(type(event), PLACE, record.value, record.headers)
    assert dict(record.headers)["ce_id"].decode() == found.event_id
    assert record.key.decode() == found.key


def test_every_kind_of_event_has_a_topic() -> None:
    assert {topic.event for topic in TOPICS} - {None} == set(EVENTS)


def test_attributes_are_those_of_cloudevents_in_kafka_binary_mode() -> None:
    local = AT.astimezone(timezone(timedelta(hours=8)))
    record = encode(AUDIO, source="ingest", at=local, traceparent="00-ab-cd-01")
    headers = {name: text.decode() for name, text in record.headers}
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_type"] == "liveshelf.audio"
    assert headers["ce_source"] == "/liveshelf/ingest"
    assert headers["ce_subject"] == "room-1"
    assert headers["ce_time"] == "2026-01-02T03:04:05Z"
    assert headers["content-type"] == "audio/L16;rate=16000;channels=1"
    assert record.value == AUDIO.payload
    assert traceparent_of(record.headers) == "00-ab-cd-01"
    assert traceparent_of([("traceparent", None)]) is None


def test_a_record_without_trace_context_has_none() -> None:
    assert traceparent_of(encode(AUDIO, source="test", at=AT).headers) is None


def test_attribute_names_are_lower_case_letters_and_digits_as_cloudevents_demands() -> None:
    for name, _ in encode(AUDIO, source="test", at=AT).headers:
        if name.startswith("ce_"):
            assert name[3:].isascii()
            assert name[3:].isalnum()
            assert name[3:] == name[3:].lower()


def test_an_old_reader_ignores_the_fields_of_a_new_writer() -> None:
    value, headers = record_of(TRANSCRIPT)
    newer = json.dumps(json.loads(value) | {"mood": "cheerful"}).encode()
    more = headers | {"ce_mood": b"cheerful"}
    assert decode(Transcript, PLACE, newer, list(more.items())) == TRANSCRIPT


def test_a_vector_of_an_older_version_has_nothing_alone() -> None:
    value, headers = record_of(VECTOR)
    before = value.replace(b'"alone":[],', b"")
    length = (len(before) - 4 - len(VECTOR.payload)).to_bytes(4, "little")
    assert len(before) < len(value)
    assert decode(Vector, PLACE, length + before[4:], list(headers.items())) == VECTOR


def test_a_writer_without_cloudevents_headers_is_read() -> None:
    room = Room(stream_id="room-1", version=0)
    assert decode(Room, PLACE, room.model_dump_json().encode(), []) == room


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_a_null_value_is_refused_with_its_place(kind: str) -> None:
    assert refusal(BY_KIND[kind], None, {}) == f"{PLACE}: value is null, wanted a {kind}"
    assert str(PLACE) == "liveshelf.some[3]@41"


def test_an_event_of_another_kind_is_refused_by_its_type() -> None:
    value, headers = record_of(TRANSCRIPT)
    message = refusal(Tag, value, headers)
    assert message.startswith(str(PLACE))
    assert "ce_type" in message
    assert "liveshelf.transcript" in message


def test_a_wrong_field_deep_in_the_json_is_named() -> None:
    value, headers = record_of(TRANSCRIPT)
    broken = value.replace(b'"start_ms":7100', b'"start_ms":-1')
    assert broken != value
    assert refusal(Transcript, broken, headers).startswith(f"{PLACE}: field words.0.start_ms: ")


def test_a_missing_field_is_named() -> None:
    value, headers = record_of(TRANSCRIPT)
    less = {name: found for name, found in json.loads(value).items() if name != "slot"}
    assert f"{PLACE}: field slot: " in refusal(Transcript, json.dumps(less).encode(), headers)


@pytest.mark.parametrize("wrong", [b"minus one", b"-1", b"", b"\xff\xfe"])
def test_a_wrong_field_in_a_header_is_named(wrong: bytes) -> None:
    value, headers = record_of(AUDIO)
    message = refusal(AudioChunk, value, headers | {"ce_startms": wrong})
    assert message.startswith(f"{PLACE}: field start_ms: ")


def test_a_missing_header_is_named_by_its_field() -> None:
    value, headers = record_of(AUDIO)
    del headers["ce_watermarkms"]
    assert f"{PLACE}: field watermark_ms: " in refusal(AudioChunk, value, headers)


def test_json_that_is_cut_short_is_refused() -> None:
    value, headers = record_of(TRANSCRIPT)
    assert refusal(Transcript, value[:-2], headers).startswith(f"{PLACE}: field value: ")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"", "field value"),
        (b"\xff\xff\xff\xff{}", "field value"),
        (b"\x02\0\0\0[]", "field value"),
        (b"\x02\0\0\0{}", "field stream_id"),
        (record_of(VECTOR)[0][:-1], "field value: payload of"),
        (record_of(VECTOR)[0] + b"\0", "field value: payload of"),
        (record_of(APART)[0][:-8], "field value: payload of 16 bytes, wanted 24 for dim 2 and 3"),
    ],
)
def test_a_vector_that_is_none_is_refused(value: bytes, says: str) -> None:
    assert refusal(Vector, value, {}).startswith(f"{PLACE}: {says}")


HEADER_NAMES = ["ce_type", "ce_streamid", "ce_slot", "ce_startms", "ce_endms", "ce_watermarkms"]


@given(
    st.sampled_from(sorted(BY_KIND)),
    st.binary(max_size=40) | st.sampled_from([b"[]", b"null", b"{}", b"\x02\0\0\0[]"]),
    st.dictionaries(st.sampled_from(HEADER_NAMES), st.none() | st.binary(max_size=8)),
)
def test_rubbish_is_a_bad_event_and_nothing_worse(
    kind: str, value: bytes, headers: dict[str, bytes | None]
) -> None:
    try:
        found = decode(BY_KIND[kind], PLACE, value, headers.items())
    except BadEventError as error:
        assert str(error).startswith(str(PLACE))  # noqa: PT017
    else:
        assert isinstance(found, AudioChunk | Frame), "only bytes can be valid by chance"
