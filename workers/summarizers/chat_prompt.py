"""A model's own chat form around the speech of a window: what stands before it and what after."""

from collections.abc import Sequence
from typing import Any

_MARK = "\u241f"
"""Stands for the transcript while a chat template is filled in; speech never has this sign."""


class ChatPrompt:
    """Fills in the chat template of a tokenizer, or plain paragraphs where it has none.

    Args:
        tokenizer: of `transformers`.
    """

    mark = _MARK

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def around(
        self, instruction: str, question: str, turns: Sequence[tuple[str, str]] = ()
    ) -> tuple[str, str]:
        """Return the prompt before and after the transcript.

        Args:
            instruction: the system turn.
            question: the user turn, with `{said}` where what was heard stands.
            turns: examples: what was heard, and the answer.
        """
        filled = [{"role": "system", "content": instruction}]
        for said, answer in turns:
            filled.append({"role": "user", "content": question.replace("{said}", said)})
            filled.append({"role": "assistant", "content": answer})
        filled.append({"role": "user", "content": question.replace("{said}", _MARK)})
        head, _, tail = self._render(filled).partition(_MARK)
        return head, tail

    def _render(self, turns: list[dict[str, str]]) -> str:
        if self._tokenizer.chat_template is None:
            # A base model: the same turns as plain paragraphs.
            return "\n\n".join(turn["content"] for turn in turns) + "\n"
        from jinja2 import TemplateError

        def fill(filled: list[dict[str, str]]) -> str:
            return str(
                self._tokenizer.apply_chat_template(
                    filled, add_generation_prompt=True, tokenize=False
                )
            )

        try:
            return fill(turns)
        except TemplateError:
            # Some templates know no system turn: the instruction opens the first user turn.
            system, first, *others = turns
            opening = {"role": "user", "content": f"{system['content']}\n\n{first['content']}"}
            return fill([opening, *others])
