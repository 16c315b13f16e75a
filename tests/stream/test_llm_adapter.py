"""Which adapter the settings mean: the shipped one fits one model and no other."""

from pathlib import Path

import pytest

from models.adapter_folder import SHIPPED, read_record
from stream.llm_adapter import adapter_of
from stream.setting_groups import ModelSettings


def test_the_shipped_adapter_goes_with_the_model_that_it_was_trained_on() -> None:
    record = read_record(SHIPPED)
    assert record is not None
    assert ModelSettings().llm == record.base
    assert adapter_of(ModelSettings()) == SHIPPED


@pytest.mark.parametrize("llm", ["/models/my-chat-model", "Qwen/Qwen3-0.6B"])
def test_another_model_has_none(llm: str) -> None:
    assert adapter_of(ModelSettings(llm=llm)) is None


def test_an_own_adapter_is_taken_and_none_is_none() -> None:
    assert adapter_of(ModelSettings(llm_adapter="/models/mine")) == Path("/models/mine")
    assert adapter_of(ModelSettings(llm_adapter="")) is None
