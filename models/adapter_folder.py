"""A LoRA adapter as a folder: half-precision safetensors, `peft`'s config, and which base it fits.

An adapter is a small difference to one set of weights and nonsense on any other, so it stores a
hash of its base's numbers and refuses another.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from models.errors import MismatchError, WeightsError

RECORD = "liveshelf-adapter.json"
WEIGHTS = "adapter_model.safetensors"
SHIPPED = Path(__file__).parent / "checkpoints" / "summarizer"
"""The adapter that comes with LiveShelf."""


@dataclass(frozen=True)
class AdapterRecord:
    """What `peft` does not say of an adapter."""

    base: str
    """Registry name of the model that it changes."""
    base_hash: str
    """`base_hash` of that model."""
    evidence: dict[str, float] = field(default_factory=dict)
    """Weights and thresholds that were fitted with it."""
    recipe: dict[str, Any] = field(default_factory=dict)
    """What it was trained on and how."""


def base_hash(model: torch.nn.Module) -> str:
    """Return a hash of a model's numbers in half precision, whatever file they came from."""
    digest = hashlib.sha256()
    for name, values in sorted(model.named_parameters()):
        digest.update(f"{name}\x1f{tuple(values.shape)}\x1e".encode())
        digest.update(values.detach().to("cpu", torch.float16).contiguous().numpy().tobytes())
    return digest.hexdigest()


def save_adapter(model: Any, folder: Path, record: AdapterRecord) -> None:
    """Write a `peft` model's adapter; the config names its base by registry name."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = get_peft_model_state_dict(model)
    halves = {name: tensor.detach().half().contiguous() for name, tensor in weights.items()}
    save_file(halves, folder / WEIGHTS, metadata={"format": "pt"})
    settings = model.peft_config["default"].to_dict()
    settings |= {
        "base_model_name_or_path": record.base,
        "inference_mode": True,
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "target_modules": sorted(settings["target_modules"]),
    }
    _write_json(folder / "adapter_config.json", settings)
    _write_json(folder / RECORD, asdict(record))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, sort_keys=True, default=str) + "\n"
    path.write_text(text, encoding="utf-8")


def read_record(folder: Path) -> AdapterRecord | None:
    """Return what an adapter's folder says; none for an adapter that is not ours.

    Raises:
        WeightsError: the record cannot be read.
    """
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        return AdapterRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        message = f"{path} cannot be read: {error}; put the adapter's folder in place again"
        raise WeightsError(message) from error


def version_of(folder: Path) -> str:
    """Return eight hexadecimal digits that differ where weights or evidence do."""
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes())
    digest.update((folder / RECORD).read_bytes())
    return digest.hexdigest()[:8]


def keep_evidence(folder: Path, evidence: dict[str, float]) -> None:
    """Write weights and thresholds into an adapter's record.

    Raises:
        WeightsError: it has no record.
    """
    record = read_record(folder)
    if record is None:
        message = f"{folder} has no {RECORD}: it is no adapter of LiveShelf"
        raise WeightsError(message)
    _write_json(folder / RECORD, asdict(replace(record, evidence=evidence)))


def shipped_for(base: str) -> Path | None:
    """Return the shipped adapter's folder where it fits the model of this registry name."""
    record = read_record(SHIPPED)
    return SHIPPED if record is not None and record.base == base else None


def apply_adapter(base: Any, folder: Path) -> Any:
    """Return the base with the adapter merged into its weights.

    Raises:
        WeightsError: the adapter cannot be read.
        MismatchError: it was trained on other weights.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    record = read_record(folder)
    if record is not None:
        found = base_hash(base)
        if found != record.base_hash:
            message = (
                f"the adapter {folder} was trained on {record.base} with hash "
                f"{record.base_hash[:16]}, and the model given has {found[:16]}; use that model, "
                "or no adapter"
            )
            raise MismatchError(message)
    try:
        return PeftModel.from_pretrained(base, folder).merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        message = f"the adapter {folder} cannot be loaded: {error}"
        raise WeightsError(message) from error
