"""What a card says of an encoder's parts and of its losses, in words.

In: settings and options as a run's report has them. Out: lines of Markdown.
"""

from typing import Any

_HEADS = {
    "gated": "a gate weighs what is present, sample by sample",
    "fixed": "picture and text with fixed weights",
    "concat_mlp": "one layer over picture and text side by side (COPE)",
    "transformer": "transformer layers over picture and text (a class token answers)",
}
_PAIRS = {"video": "videos and pages", "between": "clips and videos"}
_ONCE = {"matching": "a matching decoder", "reconstruction": "rebuilt patches (RICE)"}


def part_lines(config: dict[str, Any], start: dict[str, str]) -> list[str]:
    """Return a table row for pictures, text and fusion.

    Args:
        config: of the encoder, as its checkpoint has it.
        start: names of the weights that pictures and text started from.
    """
    image, text, fusion = config["image"], config["text"], config["fusion"]
    timm = image.get("family", "timm") == "timm"
    network = image["architecture"] if timm else "a vision model of transformers"
    layers = config.get("temporal", {}).get("layers", 0)
    frames = f"related by {layers} transformer layer(s)" if layers else "mean of their unit vectors"
    learnt = "trained along and copied here" if text.get("trained") else "frozen, not copied here"
    each = ", one for each domain" if fusion.get("per_domain") else ""
    own = "; networks of its own for each domain" if config.get("sharing") == "separate" else ""
    return [
        (
            f"| pictures | {network}, started from {start['image']} and trained;"
            f" {image['width_px']} × {image['height_px']}, pooled by {image['pool']}, projected to"
            f" {fusion['dim']}; up to {config['frames']} frames, {frames}{own} |"
        ),
        f"| text | {start['text']}, {learnt}, projected to {fusion['dim']} |",
        (
            f"| fusion | {_HEADS[fusion['kind']]}{each}; {fusion['dim']} numbers of length one"
            f"{_prefixes(config.get('prefixes', ()))} |"
        ),
    ]


def _prefixes(lengths: Any) -> str:
    known = ", ".join(str(length) for length in lengths)
    return f", also trained at their first {known}" if known else ""


def loss_words(loss: dict[str, Any]) -> str:
    """Return a phrase that names every term of the loss which has a weight."""
    found = ["InfoNCE between clips and pages as a whole, by picture and by text"]
    for key, words in _PAIRS.items():
        if any(loss.get(key, {}).values()):
            found.append(f"the same between {words}")
    inside = [domain for domain, weight in loss.get("within", {}).items() if weight]
    if inside:
        found.append(f"text against picture within {', '.join(inside)}")
    if loss["centre"]:
        found.append(
            f"CosFace (weight {loss['centre']:g}, margin {loss['margin']:g}, scale"
            f" {loss['scale']:g})"
        )
    found += [words for key, words in _ONCE.items() if loss.get(key)]
    return ", ".join(found)
