"""Where a process tells its metrics, and what is said when it cannot."""

import urllib.request

import pytest

from models.errors import ServiceError, SettingsError
from stream.meter import NoMeter
from stream.metrics_server import address_of, port_of, serve_metrics
from stream.setting_groups import MetricsSettings
from stream.stages.loading import FACTORIES


def test_stages_and_further_processes_have_ports_of_their_own() -> None:
    settings = MetricsSettings(port=9464)
    ports = [port_of(settings, [stage], number) for number in range(3) for stage in FACTORIES]
    assert len(set(ports)) == len(ports)
    assert port_of(settings, ["asr"]) == 9464
    assert port_of(settings, ["tag", "summarize"], 1) == 9476
    assert address_of(settings, ["embed", "match"]) == "http://127.0.0.1:9467/metrics"
    assert address_of(MetricsSettings(9464, "::1"), ["asr"]) == "http://[::1]:9464/metrics"


def test_without_a_port_nobody_listens() -> None:
    assert port_of(MetricsSettings(), ["asr"], 3) == 0
    assert address_of(MetricsSettings(), ["asr"]) == ""
    with serve_metrics(MetricsSettings(), 0) as meter_of:
        assert isinstance(meter_of("asr"), NoMeter)


def test_what_a_stage_counts_is_read_over_http_until_the_end(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}/metrics"
    with serve_metrics(MetricsSettings(free_port), free_port) as meter_of:
        meter_of("asr").taken("audio")
        with urllib.request.urlopen(url) as answer:
            text = answer.read().decode()
    assert 'liveshelf_records_total{stage="asr",topic="audio"} 1.0' in text
    assert "process_resident_memory_bytes" in text
    with pytest.raises(OSError, match="refused"), urllib.request.urlopen(url):
        pass


def test_port_that_is_taken_is_named_with_what_to_do(free_port: int) -> None:
    settings = MetricsSettings(free_port)
    said = rf"127\.0\.0\.1:{free_port}: Address already in use; set another metrics\.port"
    with (
        serve_metrics(settings, free_port),
        pytest.raises(ServiceError, match=said),
        serve_metrics(settings, free_port),
    ):
        pass


def test_port_out_of_range_is_refused_with_the_limits() -> None:
    with pytest.raises(SettingsError, match=r"metrics\.port is 70000: want 1 to 65000, or 0"):
        MetricsSettings(port=70_000)
