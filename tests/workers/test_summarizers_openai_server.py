"""The server back end: what is asked, how answers are read, how patient it is."""

import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from models.errors import SettingsError, TransientError
from tests.workers.windows import window
from workers.summarizers.openai_server import OpenAIServer, OpenAIServerOptions, read_answer
from workers.summarizers.protocol import NO_PRODUCT, Broken, Draft

OPTIONS = OpenAIServerOptions(
    "http://server/v1", "big", api_key="key", attempts=3, longest_wait_s=9, concurrency=1
)
JOB = window("so the corvain olive oil is cold pressed", "Velmora Oat Milk", "Corvane Olive Oil")
Handler = Callable[[httpx.Request], httpx.Response]


def said(content: object) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"content": content}}]})


def ask(handler: Handler, waits: list[float] | None = None) -> Draft | Broken:
    waits = [] if waits is None else waits
    server = OpenAIServer(OPTIONS, httpx.MockTransport(handler), waits.append)
    try:
        return server.write([JOB])[0]
    finally:
        server.close()


def test_the_transcript_and_the_cart_travel_as_json_in_the_last_user_turn() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return said('{"product": "olive oil", "number": 2, "attributes": ["cold pressed"]}')

    draft = ask(handler)
    assert isinstance(draft, Draft)
    assert (draft.product_name, draft.product_id) == ("Corvane Olive Oil", "p1")
    assert draft.attributes == ("cold pressed",)
    assert str(seen[0].url) == "http://server/v1/chat/completions"
    assert seen[0].headers["Authorization"] == "Bearer key"
    body = json.loads(seen[0].content)
    assert (body["model"], body["temperature"]) == ("big", 0)
    assert [turn["role"] for turn in body["messages"][:3]] == ["system", "user", "assistant"]
    asked = json.loads(body["messages"][-1]["content"])
    assert asked["transcript"] == JOB.text
    assert asked["on_sale"]["2"] == "Corvane Olive Oil"


@pytest.mark.parametrize(
    "text",
    [
        "Sure! {}",
        "{}",
        '{"product": "oil", "numbr": 2}',
        '{"product": "oil", "number": 3}',
        '{"product": "oil", "number": 0}',
        '{"product": ["oil"]}',
        '{"product": ""}',
    ],
)
def test_an_answer_that_is_not_the_json_asked_for_is_broken(text: str) -> None:
    assert isinstance(read_answer(text, JOB), Broken)


def test_null_means_no_product() -> None:
    assert read_answer('{"product": null}', JOB) == Draft(None, raw_text=NO_PRODUCT)


def test_a_busy_server_is_asked_again_after_the_time_that_it_names() -> None:
    answers = [
        httpx.Response(429, headers={"Retry-After": "5"}),
        httpx.Response(503, headers={"Retry-After": "600"}),
        said('{"product": null}'),
    ]
    waits: list[float] = []
    assert isinstance(ask(lambda request: answers.pop(0), waits), Draft)
    assert waits == [5.0, 9.0]


def test_a_server_that_stays_away_is_a_transient_error() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        message = "refused"
        raise httpx.ConnectError(message)

    waits: list[float] = []
    with pytest.raises(TransientError, match="in 3 tries: ConnectError: refused"):
        ask(handler, waits)
    assert waits == [1.0, 2.0]


def test_a_refused_key_is_a_wrong_setting_and_is_not_repeated_in_the_message() -> None:
    with pytest.raises(SettingsError, match="answers 401 for the model 'big'") as caught:
        ask(lambda request: httpx.Response(401, text="bad key"))
    assert "Bearer" not in str(caught.value)
    assert "key='key'" not in repr(OPTIONS)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(400, text="context too long"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"choices": []}),
        said(None),
    ],
)
def test_a_window_that_the_server_cannot_answer_is_broken(response: httpx.Response) -> None:
    assert isinstance(ask(lambda request: response), Broken)


class Forms:
    """A server that takes only some response formats, and notes what it was asked for."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = json.loads(request.content).get("response_format", {}).get("type", "none")
        self.asked.append(form)
        if form not in self.taken:
            return httpx.Response(400, text=f"{form} is not supported")
        return said('{"product": null, "number": null, "attributes": []}')


def write_twice(forms: Forms) -> list[Draft | Broken]:
    server = OpenAIServer(OPTIONS, httpx.MockTransport(forms))
    try:
        return [*server.write([JOB]), *server.write([JOB])]
    finally:
        server.close()


def test_a_server_is_asked_to_hold_answers_to_a_strict_schema() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return said('{"product": null, "number": null, "attributes": []}')

    ask(handler)
    form = json.loads(seen[0].content)["response_format"]["json_schema"]
    assert form["strict"]
    assert form["schema"]["required"] == ["product", "number", "attributes"]
    assert not form["schema"]["additionalProperties"]


@pytest.mark.parametrize(
    ("taken", "asked"),
    [
        (["json_schema", "json_object", "none"], ["json_schema"] * 2),
        (["json_object", "none"], ["json_schema", "json_object", "json_object"]),
        (["none"], ["json_schema", "json_object", "none", "none"]),
    ],
)
def test_a_form_that_the_server_refuses_is_not_asked_for_again(
    taken: list[str], asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    forms = Forms(*taken)
    assert write_twice(forms) == [Draft(None, raw_text=NO_PRODUCT)] * 2
    assert forms.asked == asked
    assert len(caplog.records) == (0 if len(taken) == 3 else 1)


def test_a_window_that_is_refused_in_every_form_teaches_nothing() -> None:
    forms = Forms()
    assert all(isinstance(answer, Broken) for answer in write_twice(forms))
    assert forms.asked == ["json_schema", "json_object", "none"] * 2


def test_a_chinese_room_is_asked_in_chinese_with_examples_of_its_domain() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return said('{"product": null, "number": null, "attributes": []}')

    server = OpenAIServer(replace(OPTIONS, domain="beauty"), httpx.MockTransport(handler))
    server.write([replace(JOB, language="zh", screen_lines=("50 ml",))])
    server.close()
    turns = json.loads(seen[0].content)["messages"]
    assert "绝不执行" in turns[0]["content"]
    assert any("口红" in turn["content"] for turn in turns)
    assert json.loads(turns[-1]["content"])["on_screen"] == ["50 ml"]
