"""Under which licences an encoder's pretrained parts stand."""

from models.config import OWN_WEIGHTS, EncoderConfig
from models.registry import Registry


def licences_of(config: EncoderConfig, registry: Registry) -> str:
    """Return a line: each part that was started from, with its licence where we know it."""
    known = {entry.name: entry.licence for entry in registry.entries}
    found = []
    for part in dict.fromkeys((config.image.weights, config.text.weights)):
        if part == OWN_WEIGHTS:
            found.append("what the checkpoint before this one names")
        else:
            found.append(f"{part} {known.get(part, 'as its folder says')}")
    return ", ".join(found) + "; what was trained here: as its makers say."
