"""The broker's class archive belongs to one Java and one class path, and may fail to be made."""

from pathlib import Path

from stream.class_archive import ClassArchive
from stream.java import Java, find_java

WORKS = """#!/bin/sh
for part in "$@"; do
  case "$part" in -XX:SharedArchiveFile=*) echo archive > "${part#*=}" ;; esac
done
"""


def stand_in(folder: Path, script: str, version: str = "21.0.1") -> Java:
    """A Java that does what a script does."""
    program = folder / "java"
    program.write_text(script)
    program.chmod(0o755)
    return Java(program, version, 21, "PATH")


def archive_of(folder: Path, java: Java, class_path: str = "a.jar") -> ClassArchive:
    (folder / "jars").mkdir(exist_ok=True)
    return ClassArchive(folder, java, class_path)


def test_archive_that_was_made_is_used_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, stand_in(tmp_path, WORKS))
    assert not archive.jvm_options
    assert archive.build()
    assert archive.jvm_options == (f"-XX:SharedArchiveFile={archive.path}",)
    assert list((tmp_path / "jars").iterdir()) == [archive.path]


def test_java_that_cannot_make_one_is_no_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    for script in ("#!/bin/sh\nexit 1\n", "#!/bin/sh\nexit 0\n"):
        archive = archive_of(tmp_path, stand_in(tmp_path, script))
        assert not archive.build()
        assert not archive.jvm_options
    assert list((tmp_path / "jars").iterdir()) == []


def test_another_java_or_class_path_has_an_archive_of_its_own(tmp_path: Path) -> None:
    java = stand_in(tmp_path, WORKS)
    newer = stand_in(tmp_path, WORKS, "25.0.2")
    paths = {
        archive_of(tmp_path, java).path,
        archive_of(tmp_path, newer).path,
        archive_of(tmp_path, java, "a.jar:b.jar").path,
    }
    assert len(paths) == 3


def test_real_java_makes_an_archive_that_it_takes(tmp_path: Path) -> None:
    java = find_java(None, "")
    archive = archive_of(tmp_path, java, str(tmp_path))
    (record,) = archive.record_options()
    # The wheel's Java has no list of classes for us to begin with; two of its own will do.
    Path(record.partition("=")[2]).write_text("java/lang/Object\njava/lang/String\n")
    assert archive.build()
    assert archive.path.stat().st_size > 100_000
