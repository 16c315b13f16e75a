"""`compose/` against the Compose Specification and our own stages, settings and commands."""

import copy
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from stream.metrics_server import port_of
from stream.settings import PREFIX, known_names, load_settings
from stream.stages.loading import FACTORIES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "compose"
TEXT = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
EXAMPLE = (FOLDER / "env.example").read_text(encoding="utf-8")
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: found for name, found in SERVICES.items() if found["image"].startswith("liveshelf")}
STAGES = set(FACTORIES)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SPECIFICATION = Draft202012Validator(
    json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
)


def with_defaults(environment: dict[str, object]) -> dict[str, str]:
    """What a service sees when the user sets nothing."""
    return {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value)) for name, value in environment.items()
    }


def example_lines(*, commented: bool) -> dict[str, str]:
    lead = "#" if commented else ""
    found = re.findall(rf"^{lead}(LIVESHELF_\w+)=(.*)$", EXAMPLE, re.MULTILINE)
    return {str(name): str(value) for name, value in found}


def is_up_to(service: str, other: str, condition: str) -> bool:
    needs = SERVICES[service].get("depends_on", {})
    return needs.get(other) == {"condition": condition} or any(
        is_up_to(need, other, condition) for need in needs
    )


def test_compose_file_is_valid() -> None:
    assert [error.message for error in SPECIFICATION.iter_errors(COMPOSE)] == []


def test_specification_refuses_a_misspelt_key() -> None:
    wrong = copy.deepcopy(COMPOSE)
    wrong["services"]["kafka"]["enviroment"] = {}
    assert not SPECIFICATION.is_valid(wrong)


def test_every_stage_has_one_service_named_after_it() -> None:
    commands = [service["command"] for service in OURS.values()]
    stages = [command[-1] for command in commands if command[:2] == ["worker", "--stages"]]
    assert Counter(stages) == Counter(STAGES)
    for stage in stages:
        assert SERVICES[stage]["command"][-1] == stage


@pytest.mark.parametrize("name", ["init", "models", "app", "asr"])
def test_the_command_of_a_service_exists(name: str) -> None:
    program = "from stream.cli import main; main()"
    words = [sys.executable, "-c", program, *OURS[name]["command"], "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_liveshelf_name_is_a_setting() -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+", TEXT + EXAMPLE + DOCKERFILE))
    unknown = {name for name in named if name not in known_names()}
    # The comment of env.example shows how a name is made.
    assert unknown == {f"{PREFIX}", f"{PREFIX}GROUP__KEY"} & named


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_of_a_service_load(name: str) -> None:
    environment = with_defaults(OURS[name]["environment"]) | example_lines(commented=False)
    settings = load_settings(environment=environment)
    assert settings.kafka.bootstrap_servers == "kafka:19092"
    assert settings.index.uri == "http://milvus:19530"


def test_commented_examples_load() -> None:
    examples = example_lines(commented=True)
    assert examples
    assert load_settings(environment=examples).index.uri == examples["LIVESHELF_INDEX__URI"]


def test_example_shows_the_defaults() -> None:
    assert load_settings(environment=example_lines(commented=False)) == load_settings(
        environment={}
    )


def test_kafka_is_where_the_services_look_for_it() -> None:
    kafka = SERVICES["kafka"]["environment"]
    listeners = dict(entry.split("://") for entry in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert listeners[kafka["KAFKA_INTER_BROKER_LISTENER_NAME"]] == "kafka:19092"
    assert f"127.0.0.1:{listeners['HOST'].rpartition(':')[2]}:9092" in SERVICES["kafka"]["ports"]


def test_prometheus_finds_every_stage_at_the_port_at_which_it_tells() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    told = {
        name: port
        for job in config["scrape_configs"]
        for found in job["dns_sd_configs"]
        for name, port in [(*found["names"], found["port"])]
    }
    settings = {
        stage: load_settings(environment=with_defaults(SERVICES[stage]["environment"])).metrics
        for stage in STAGES
    }
    assert told == {stage: port_of(settings[stage], [stage]) for stage in STAGES}
    assert {one.host for one in settings.values()} == {"0.0.0.0"}  # noqa: S104 — in its container
    (mounted,) = SERVICES["prometheus"]["configs"]
    assert COMPOSE["configs"][mounted["source"]]["file"] == "./prometheus.yaml"


def test_topics_are_made_by_us_and_never_by_accident() -> None:
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    makers = [name for name, service in OURS.items() if service["command"] == ["topics", "create"]]
    assert makers == ["init"]


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"init", "models"}))
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    assert is_up_to(name, "kafka", "service_healthy")
    assert is_up_to(name, "init", "service_completed_successfully")
    assert is_up_to(name, "models", "service_completed_successfully")
    if name in {"match", "app"}:
        assert is_up_to(name, "milvus", "service_healthy")


def test_what_is_waited_for_can_become_healthy() -> None:
    for service in SERVICES.values():
        for other, need in service.get("depends_on", {}).items():
            if need["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
            else:
                assert SERVICES[other]["restart"].startswith("on-failure")


def test_ports_are_published_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += [found.split()[0] for found in re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE)]
    for image in images:
        assert re.search(r":v?\d+\.\d+", image), image


def test_our_image_has_our_version() -> None:
    assert {service["image"] for service in OURS.values()} == {f"liveshelf:{PROJECT['version']}"}
    assert f"-t liveshelf:{PROJECT['version']} " in DOCKERFILE


def test_every_volume_is_declared_and_used() -> None:
    mounted = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    assert mounted == set(COMPOSE["volumes"])


def test_image_installs_extras_that_exist_and_runs_as_nobody_special() -> None:
    found = re.search(r"^ARG EXTRAS=(.+)$", DOCKERFILE, re.MULTILINE)
    assert found is not None
    assert set(found[1].split(",")) <= set(PROJECT["optional-dependencies"])
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users[-1] not in {"root", "0"}
    assert "PATH" not in DOCKERFILE


def test_image_is_built_from_files_that_exist() -> None:
    sources = [
        name
        for line in re.findall(r"^COPY ([^-].+)$", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    allowed = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in sources:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in allowed
    # A package that is missing here would be missing in the image only.
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    assert set(build["build"]["targets"]["wheel"]["packages"]) <= set(sources)


def test_docker_compose_reads_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("docker is not installed")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no compose plugin")
    words = [docker, "compose", "--file", str(FOLDER / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
