"""What Apache Kafka is told: its settings, its logging and its command lines. Starts nothing."""

from dataclasses import dataclass
from pathlib import Path

from stream.java import Java
from stream.service_folder import HOST

MESSAGE_BYTES = 2 << 20
"""Largest record that the embedded broker takes."""

_MIB = 1 << 20
_LOG4J = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
"""


@dataclass(frozen=True)
class KafkaServer:
    """One combined broker and controller in one folder; writes its files, builds its commands."""

    java: Java
    class_path: str
    folder: Path
    """Where its settings are written."""
    data: Path
    """Where its logs of records go."""
    port: int
    controller_port: int
    heap_mb: int

    def write_settings(self) -> None:
        """Write what the commands read; safe to repeat."""
        lines = [f"{name}={value}" for name, value in self._settings().items()]
        self._settings_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._log4j_path.write_text(_LOG4J, encoding="utf-8")

    @property
    def formatted(self) -> bool:
        """Whether the data folder has been prepared by `format_command` to the end."""
        return (self.data / "meta.properties").exists()

    def format_command(self, cluster_id: str, jvm: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Prepare an empty data folder; the id has 22 characters, see `random_cluster_id`."""
        settings = str(self._settings_path)
        tool = ("kafka.tools.StorageTool", "format", "--ignore-formatted")
        return (*self._java(jvm), *tool, "-t", cluster_id, "-c", settings)

    def serve_command(self, jvm: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Run the server until SIGTERM."""
        # A broker without memory limps; one that ended is started again.
        jvm = (f"-Xmx{self.heap_mb}m", "-XX:+ExitOnOutOfMemoryError", *jvm)
        return (*self._java(jvm), "kafka.Kafka", str(self._settings_path))

    @property
    def _settings_path(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _log4j_path(self) -> Path:
        return self.folder / "log4j2.properties"

    def _java(self, jvm: tuple[str, ...]) -> tuple[str, ...]:
        return (
            str(self.java.program),
            "-XX:TieredStopAtLevel=1",  # starts in half the time; a small broker needs no C2
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self._log4j_path}",
            *self.java.quiet_options,
            *jvm,
            "-cp",
            self.class_path,
        )

    def _settings(self) -> dict[str, str | int]:
        broker = f"PLAINTEXT://{HOST}:{self.port}"
        return {
            "node.id": 1,
            "process.roles": "broker,controller",
            "controller.quorum.voters": f"1@{HOST}:{self.controller_port}",
            "listeners": f"{broker},CONTROLLER://{HOST}:{self.controller_port}",
            "advertised.listeners": broker,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.data),
            # Our topics are declared with their partition counts; a misspelt one must not appear.
            "auto.create.topics.enable": "false",
            "message.max.bytes": MESSAGE_BYTES,
            "replica.fetch.max.bytes": MESSAGE_BYTES,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1_000,
            # After a SIGKILL the new broker has to wait until the old one's session is over.
            "broker.session.timeout.ms": 3_000,
            "broker.heartbeat.interval.ms": 500,
            **_internal_topics(),
            # Small segments, so that retention can delete, and small index files for many topics.
            "log.segment.bytes": 64 * _MIB,
            "log.index.size.max.bytes": _MIB,
            "log.cleaner.dedupe.buffer.size": 16 * _MIB,
            "num.network.threads": 2,
            "num.io.threads": 4,
        }


def _internal_topics() -> dict[str, str | int]:
    return {
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "offsets.topic.segment.bytes": 8 * _MIB,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 2,
        "transaction.state.log.segment.bytes": 8 * _MIB,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
    }
