"""Text to its words in small letters, without punctuation."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def parts_of(text: str) -> list[str]:
    """Return a text's runs of letters and digits, in any script; accents stay."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def bare_parts_of(text: str) -> list[str]:
    """Return the same without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(one for one in plain if not unicodedata.combining(one)))
