"""Which adapter the settings mean for the summarizer's language model."""

from pathlib import Path

from models.adapter_folder import shipped_for
from stream.setting_groups import AUTO_ADAPTER, ModelSettings


def adapter_of(models: ModelSettings) -> Path | None:
    """Return the folder of the adapter, or none.

    Raises:
        WeightsError: the shipped adapter's record cannot be read.
    """
    if models.llm_adapter == AUTO_ADAPTER:
        return shipped_for(models.llm)
    return Path(models.llm_adapter).expanduser() if models.llm_adapter else None
