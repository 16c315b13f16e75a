"""The three domains of a sample, and their numbers in a tensor."""

from typing import Literal, get_args

Domain = Literal["page", "video", "live"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
"""A domain's place here is its number."""
