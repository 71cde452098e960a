# SPDX-License-Identifier: Apache-2.0
"""Writes frames as pcapng, each with what it says as a comment: Wireshark shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from scapy.utils import RawPcapNgWriter

from plc_log.capture import ETHERNET, Frame
from plc_log.dissection import Dissection
from plc_log.events import Event, Kind
from plc_log.packets import Segment, parse_ipv6


@dataclass
class Written:
    """What went into a file."""

    frames: int = 0
    homeplug: int = 0
    sdp: int = 0
    tcp_octets: int = 0  # of payload, repeats too

    def __str__(self) -> str:
        return (
            f'{self.frames} frames: {self.homeplug} HomePlug, {self.sdp} SDP, '
            f'{self.tcp_octets} octets over TCP'
        )


def write(path: Path, frames: Iterable[Frame]) -> Written:
    """Write a file; returns what is in it. Raises OSError."""
    dissection, written = Dissection(), Written()
    writer: Any = RawPcapNgWriter(str(path))  # half typed
    writer.linktype = ETHERNET
    with writer:
        writer.write_header(b'')
        for frame in frames:
            _write(writer, frame, dissection.take(frame))
            segment = parse_ipv6(frame.octets)
            written.tcp_octets += len(segment.payload) if isinstance(segment, Segment) else 0
    counts = dissection.counts
    written.frames, written.homeplug, written.sdp = counts.frames, counts.homeplug, counts.sdp
    return written


def _write(writer: Any, frame: Frame, events: list[Event]) -> None:
    comments = [_comment(event).encode() for event in events if event.kind is not Kind.TCP]
    # write_packet has no comments, and a float would lose microseconds.
    time = Fraction(round(max(frame.time, 0.0) * 1_000_000), 1_000_000)  # the format has no past
    writer._write_packet(frame.octets, ETHERNET, sec=time, usec=0, comments=comments or None)


def _comment(event: Event) -> str:
    values = ', '.join(f'{label} {text}'.strip() for label, text in event.values.items())
    return f'{event.name}: {values}' if values else event.name
