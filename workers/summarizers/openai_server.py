"""The summarizer behind an OpenAI-compatible server: a large language model somewhere else.

In: windows of text, and the cart's titles as a numbered list. Out: what a strict reading of the
model's JSON says. The server is asked to hold the model to a JSON schema; one that cannot is asked
for any JSON, then for nothing, and that is remembered. A busy or absent server is asked again and
then counts as away for a moment; one that refuses the key or the model is a wrong setting; an
answer that is not the JSON asked for is broken output.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import SettingsError, TransientError
from workers.summarizers.examples import Domain, lesson, told
from workers.summarizers.prompt import as_data
from workers.summarizers.protocol import NO_PRODUCT, Broken, Draft, WindowText

logger = logging.getLogger(__name__)

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "product": {"type": ["string", "null"]},
        "number": {"type": ["integer", "null"]},
        "attributes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["product", "number", "attributes"],
    "additionalProperties": False,
}
_FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "a JSON schema",
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "product", "strict": True, "schema": _SCHEMA},
            }
        },
    ),
    ("any JSON", {"response_format": {"type": "json_object"}}),
    ("no form", {}),
)
"""What a server may be asked to hold its answers to, the strictest first."""
_REFUSED = frozenset({400, 413, 422})


@dataclass(frozen=True)
class OpenAIServerOptions:
    """Which server, and how patient to be."""

    url: str
    """Root of the API, for instance `http://127.0.0.1:8000/v1`."""
    model: str
    """Name that the server knows the model by."""
    api_key: str = field(default="", repr=False)
    """Sent as bearer token; empty: none."""
    timeout_s: float = 30.0
    """Longest wait for one answer, in seconds."""
    attempts: int = 4
    """Tries of one request while the server is busy or away."""
    longest_wait_s: float = 20.0
    """Longest wait between two tries, in seconds, whatever the server asks for."""
    max_tokens: int = 200
    """Longest answer."""
    concurrency: int = 4
    """Requests under way at once."""
    domain: Domain = "general"
    """What the rooms sell: which examples the model is shown."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    product: Annotated[str, Field(min_length=1, max_length=200)] | None
    number: int | None = None
    attributes: Annotated[list[str], Field(max_length=20)] = []


def _turns(window: WindowText, domain: Domain) -> list[dict[str, str]]:
    texts = lesson(domain, window.language)
    turns = [{"role": "system", "content": texts.json_instruction}]
    for one in texts.examples:
        answer = {"product": one.name, "number": None, "attributes": list(one.attributes)}
        turns.append({"role": "user", "content": _json({"transcript": one.said})})
        turns.append({"role": "assistant", "content": _json(answer)})
    asked: dict[str, object] = {"transcript": as_data(window.text)}
    if window.titles:
        asked["on_sale"] = {
            str(number): as_data(title) for number, (_, title) in enumerate(window.titles, start=1)
        }
    if window.screen_lines:
        asked["on_screen"] = [as_data(line) for line in window.screen_lines]
    turns.append({"role": "user", "content": _json(asked)})
    return turns


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_answer(text: str, window: WindowText) -> Draft | Broken:
    """Return what a model's answer says, or why it says nothing usable."""
    try:
        answer = _Answer.model_validate_json(text.strip())
    except ValidationError as error:
        return Broken(text, f"not the JSON asked for: {error.errors()[0]['msg']}")
    attributes = tuple(part.strip() for part in answer.attributes if part.strip())
    if answer.product is None:
        return Draft(None, raw_text=NO_PRODUCT)
    if answer.number is None:
        return Draft(answer.product, attributes, raw_text=text)
    if not 1 <= answer.number <= len(window.titles):
        return Broken(text, f"number {answer.number} is not in the list")
    product_id, title = window.titles[answer.number - 1]
    return Draft(title, attributes, product_id, raw_text=text)


class OpenAIServer:
    """Asks a server.

    Args:
        options: which server.
        transport: how requests travel; none is the network.
        wait: called with the seconds to wait between tries.
    """

    rung: Literal["llm", "server", "extractive"] = "server"

    def __init__(
        self,
        options: OpenAIServerOptions,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = options
        self._wait = wait
        headers = {"Authorization": f"Bearer {options.api_key}"} if options.api_key else {}
        self._client = httpx.Client(
            base_url=options.url, headers=headers, timeout=options.timeout_s, transport=transport
        )
        self.model = f"server:{options.model}{told(options.domain)}/2"
        self._form = 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window, several at once.

        Raises:
            TransientError: the server stays busy or away.
            SettingsError: it refuses the key, the model or the address.
        """
        with ThreadPoolExecutor(max_workers=self._options.concurrency) as pool:
            return list(pool.map(self._write_one, windows))

    def _write_one(self, window: WindowText) -> Draft | Broken:
        response = self._ask_in_form(_turns(window, self._options.domain))
        if response.status_code in _REFUSED:
            return Broken(response.text[:500], f"the server answers {response.status_code}")
        if response.status_code != httpx.codes.OK:
            message = (
                f"the server {self._options.url} answers {response.status_code} for the model "
                f"{self._options.model!r}: {response.text[:200]!r}; check summarize.server_url, "
                "server_model and server_key"
            )
            raise SettingsError(message)
        try:
            text = response.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            return Broken(response.text[:500], "not an answer of a chat completions server")
        if not isinstance(text, str):
            return Broken("", "the answer has no text")
        return read_answer(text, window)

    def _ask_in_form(self, turns: list[dict[str, str]]) -> httpx.Response:
        """Ask for the strictest form that the server takes; the loosest one's refusal counts."""
        held = self._form
        response = self._ask(turns, _FORMS[held][1])
        for form in range(held + 1, len(_FORMS)):
            if response.status_code not in _REFUSED:
                break
            response = self._ask(turns, _FORMS[form][1])
            # A window that is refused in every form is itself at fault, and nothing is learnt.
            if response.status_code not in _REFUSED and form > self._form:
                self._form = form
                logger.warning(
                    "the server %s does not hold answers to %s, so it is asked for %s",
                    self._options.url,
                    _FORMS[held][0],
                    _FORMS[form][0],
                )
        return response

    def _ask(self, turns: list[dict[str, str]], form: dict[str, Any]) -> httpx.Response:
        body: dict[str, Any] = {
            "model": self._options.model,
            "messages": turns,
            "temperature": 0,
            "max_tokens": self._options.max_tokens,
            **form,
        }
        reason = ""
        for attempt in range(self._options.attempts):
            wanted_s = 2.0**attempt
            try:
                response = self._client.post("chat/completions", json=body)
            except (httpx.TransportError, httpx.DecodingError) as error:
                reason = f"{type(error).__name__}: {error}"
            else:
                if response.status_code not in {408, 409, 425, 429} and response.status_code < 500:
                    return response
                reason = f"answers {response.status_code}"
                after = response.headers.get("Retry-After", "")
                wanted_s = float(after) if after.isdigit() else wanted_s
            if attempt + 1 < self._options.attempts:
                self._wait(min(wanted_s, self._options.longest_wait_s))
        message = (
            f"the server {self._options.url} could not be used in {self._options.attempts} tries: "
            f"{reason}"
        )
        raise TransientError(message)
