# SPDX-License-Identifier: Apache-2.0
"""What a node says on /diagnostics, once a second (REP-107)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from plc_kit.clock import STEADY, stamp
from plc_kit.hearing import Hearing

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
_WORDS = {OK: 'OK', WARN: 'warning', ERROR: 'error'}  # where no sentence is told


@dataclass(frozen=True)
class Finding:
    """One part of a node, and how it is."""

    part: str  # e.g. Link
    level: bytes = OK
    message: str = ''  # one sentence for a person
    values: dict[str, object] = field(default_factory=dict)


class Diagnostics:
    """Asks the node once a second what it finds; tells it, and whom it hears or believes not."""

    def __init__(
        self, node: Node, find: Callable[[], list[Finding]], hardware_id: str = ''
    ) -> None:
        self._node, self._find, self.hardware_id = node, find, hardware_id
        self._hearing = Hearing(node)
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        node.create_timer(1.0, self.tell, clock=STEADY)

    def tell(self) -> None:
        """Publish at once, as when something went wrong."""
        message = DiagnosticArray()
        message.header.stamp = stamp()
        message.status = [self._status(finding) for finding in [*self._find(), self._inputs()]]
        self._publisher.publish(message)

    def _inputs(self) -> Finding:
        wrong = [*self._hearing.unheard(), *self._hearing.strangers()]
        return Finding('Inputs', ERROR if wrong else OK, '; '.join(wrong))

    def _status(self, finding: Finding) -> DiagnosticStatus:
        name = self._node.get_fully_qualified_name().lstrip('/')
        return DiagnosticStatus(
            level=finding.level,
            name=f'{name}: {finding.part}',
            message=finding.message or _WORDS[finding.level],
            hardware_id=self.hardware_id,
            values=[KeyValue(key=k, value=str(v)) for k, v in finding.values.items()],
        )
