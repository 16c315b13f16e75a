"""A class data sharing archive of the broker: its classes, parsed once and then mapped.

Halves what a start costs (JEP 310, "Application Class-Data Sharing"). An archive fits one Java and
one class path; Java itself ignores one that does not fit, and the broker runs without any.
"""

import hashlib
import logging
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stream.java import Java

logger = logging.getLogger(__name__)

_DUMP_TIMEOUT_S = 300


@dataclass(frozen=True)
class ClassArchive:
    """The archive of one Java and one class path, there or not."""

    cache_dir: Path
    java: Java
    class_path: str

    @property
    def path(self) -> Path:
        """Where the archive is once it has been made."""
        fits = f"{self.java.program.resolve()}\n{self.java.version}\n{self.class_path}"
        key = hashlib.sha256(fits.encode()).hexdigest()[:16]
        return self.cache_dir / "jars" / f"classes-{key}.jsa"

    @property
    def jvm_options(self) -> tuple[str, ...]:
        """Use the archive; nothing while there is none."""
        return (f"-XX:SharedArchiveFile={self.path}",) if self.path.exists() else ()

    def record_options(self) -> tuple[str, ...]:
        """Let a trial run write down the classes that it loads, until it ends."""
        return (f"-XX:DumpLoadedClassList={self._class_list}",)

    def build(self) -> bool:
        """Make the archive from what a trial run wrote down; whether that worked."""
        partial = self.path.with_suffix(f".{os.getpid()}.tmp")
        command = [
            str(self.java.program),
            "-Xshare:dump",
            f"-XX:SharedClassListFile={self._class_list}",
            f"-XX:SharedArchiveFile={partial}",
            "-Xlog:disable",
            *self.java.quiet_options,  # must be as in the runs that use the archive
            "-cp",
            self.class_path,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_DUMP_TIMEOUT_S)
            partial.replace(self.path)
        except (OSError, subprocess.SubprocessError) as error:
            # Some Javas cannot; the broker only starts a little later then.
            logger.warning("no class archive for the broker: %s", error)
            return False
        finally:
            partial.unlink(missing_ok=True)
            self._class_list.unlink(missing_ok=True)
        return True

    @property
    def _class_list(self) -> Path:
        return self.path.with_suffix(f".{os.getpid()}.list")
