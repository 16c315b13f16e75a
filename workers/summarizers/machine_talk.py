"""Text that is made for machines: JSON, tags, role words, code.

No host speaks so and no product is called so: in speech it is an attempt to give orders, in what a
model wrote it is not the line that was asked for.
"""

import re

from workers.summarizers.sentences import plain

_MACHINE_TALK = re.compile(
    r"""
    [{}<>|\\`\[\]] | \w=\w | == | => | \bhttps?: |
    ^\W*(?:system|assistant|user|developer|human|ai|tool|role)\s*:|
    [.?!]\s*(?:system|assistant|user|developer|human)\s*: |
    \bim_?\s?(?:start|end)\b | \bend_?of_?text\b | \bjson\b |
    \b(?:open|close|opening|closing|left|right)\s(?:curly\s)?(?:bracket|brace)s?\b |
    \bcurly\s(?:bracket|brace)s?\b |
    \b(?:product|title|name|answer|output|price)\s(?:equals|colon|is\sset\sto)\b |
    \b(?:product|title|product\sname|answer|output)\s?[:=] |
    ^\W*(?:系统|助手|用户|开发者|人工智能)\w{0,2}\s?: | 大括号 | 花括号 | 方括号 |
    (?:标题|产品|商品|答案|产品名称|商品名称)(?:\s?[:=]|等于|冒号)
    """,
    re.VERBOSE,
)


def is_machine_talk(text: str) -> bool:
    """Return whether a text, spoken or written, has what only machines are told or tell."""
    return _MACHINE_TALK.search(plain(text)) is not None
