"""The windows that are shipped: held-out shows, half of them hard, as `sample.jsonl` has them.

Made by `liveshelf summarizer data --split held-out --hard 0.5`; enough to try the bench, too few to
tell one summarizer from another.
"""

from pathlib import Path

SAMPLE = Path(__file__).with_name("sample.jsonl")
