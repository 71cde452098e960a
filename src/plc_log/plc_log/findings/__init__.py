# SPDX-License-Identifier: Apache-2.0
"""What was unusual in a session, by the rules and the lessons of docs/."""

from plc_log.findings import current, link, slac, talk
from plc_log.findings.finding import RULES, Finding, Level
from plc_log.recording import Recording

__all__ = ['RULES', 'Finding', 'Level', 'findings']

_ROOMS = (slac.findings, link.findings, talk.findings, current.findings)


def findings(recording: Recording) -> list[Finding]:
    """Return everything unusual, the worst first, then by time."""
    found = [one for room in _ROOMS for one in room(recording)]
    return sorted(found, key=lambda one: (one.level, one.time))
