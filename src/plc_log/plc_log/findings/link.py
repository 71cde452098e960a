# SPDX-License-Identifier: Apache-2.0
"""What was unusual in SDP and TCP."""

from collections.abc import Iterator

from plc_log.events import Event, Kind, Side
from plc_log.findings.finding import Finding, Level
from plc_log.recording import Recording

SDP_LATE = 0.25  # s that a vehicle waits for a response (lesson 30)
JOIN_LATE = 15.0  # s from CM_SLAC_MATCH.CNF to the first SDP request (lesson 15)


def findings(recording: Recording) -> Iterator[Finding]:
    """Look at every datagram of SDP, and at what became of each connection."""
    sdp = [event for event in recording.events if event.kind is Kind.SDP]
    tcp = [event for event in recording.events if event.kind is Kind.TCP]
    yield from _sdp_flawed(sdp)
    yield from _sdp_answers(sdp)
    yield from _security(sdp)
    yield from _joining(recording.events)
    yield from _connecting(tcp)
    yield from _ended(tcp, recording)


def _sdp_flawed(sdp: list[Event]) -> Iterator[Finding]:
    if bad := [event for event in sdp if event.flawed]:
        text = f'SDP that could not be read: {bad[0].values.get("malformed", "")}'
        yield Finding(Level.ODD, bad[0].time, text, ('R16',), len(bad))


def _sdp_answers(sdp: list[Event]) -> Iterator[Finding]:
    asked = [event for event in sdp if event.name == 'SDP request']
    answers = [event for event in sdp if event.name == 'SDP response']
    if asked and not answers:
        text = 'the vehicle asked by SDP and nobody answered'
        yield Finding(Level.FAULT, asked[0].time, text, ('lesson 24', 'lesson 30'), len(asked))
    for answer in answers:
        before = [event.time for event in asked if event.time <= answer.time]
        if before and (late := answer.time - before[-1]) > SDP_LATE:
            text = f'the SDP response came after {late * 1000:.0f} ms'
            yield Finding(Level.ODD, answer.time, text, ('lesson 30',))


def _security(sdp: list[Event]) -> Iterator[Finding]:
    tls = [e for e in sdp if e.name == 'SDP request' and e.values.get('security') == 'tls']
    if tls:
        text = 'the vehicle asked for TLS'
        yield Finding(Level.NOTE, tls[0].time, text, ('R16', 'lesson 26', 'lesson 27'), len(tls))


def _joining(events: list[Event]) -> Iterator[Finding]:
    matched = None
    for event in events:
        if event.name == 'CM_SLAC_MATCH.CNF':
            matched = event.time
        elif event.name == 'SDP request' and matched is not None:
            if (late := event.time - matched) > JOIN_LATE:
                text = f'SDP began {late:.1f} s after CM_SLAC_MATCH.CNF: the modems joined slowly'
                yield Finding(Level.ODD, event.time, text, ('R26', 'lesson 15'))
            return


def _connecting(tcp: list[Event]) -> Iterator[Finding]:
    connects = [event for event in tcp if event.name == 'connects']
    accepted = {event.values.get('to') for event in tcp if event.name == 'accepts'}
    failed = [event for event in connects if accepted and event.source not in accepted]
    if failed:
        text = 'TCP connections that nobody accepted'
        yield Finding(Level.ODD, failed[0].time, text, ('lesson 35',), len(failed))


def _ended(tcp: list[Event], recording: Recording) -> Iterator[Finding]:
    stops = [event.time for event in recording.messages if event.name == 'SessionStopRes']
    resets = [event for event in tcp if event.name == 'resets (RST)']
    resets = [event for event in resets if not any(stop <= event.time for stop in stops)]
    if resets:
        side = resets[0].side
        text = f'the {side or "other side"} reset the connection (RST) in mid session'
        cited = ('R1', 'lesson 40' if side is Side.VEHICLE else 'lesson 67')
        yield Finding(Level.FAULT, resets[0].time, text, cited, len(resets))
