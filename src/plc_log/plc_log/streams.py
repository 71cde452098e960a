# SPDX-License-Identifier: Apache-2.0
"""TCP reassembly: the octets of each direction, in order, each once.

A capture may begin in the middle of a connection, hold repeats and segments out of order, and lack
some that were never recorded.
"""

from dataclasses import dataclass

from plc_log.packets import ACK, FIN, RST, SYN, Endpoint, Segment

HELD = 256  # segments that wait for a missing one
PATIENCE = 0.5  # s after which an acknowledged segment that is missing is not waited for


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets in order; `gap` octets before them were never recorded."""

    octets: bytes
    gap: int = 0


class Direction:
    """One half of a connection."""

    def __init__(self) -> None:
        self.repeats = 0  # segments that brought nothing new
        self._expected: int | None = None  # sequence number
        self._held: dict[int, tuple[float, bytes]] = {}  # by sequence number: when it came, octets
        self._acknowledged: int | None = None  # by the other side

    def begin(self, sequence: int) -> None:
        """Take the SYN's sequence number."""
        self._expected = (sequence + 1) & 0xFFFFFFFF
        self._held.clear()

    def acknowledge(self, sequence: int) -> None:
        """Take what the other side says it has."""
        self._acknowledged = sequence

    def take(self, sequence: int, octets: bytes, time: float) -> list[Chunk]:
        """Take a segment's octets; return what is in order now."""
        if self._expected is None:
            self._expected = sequence
        ahead = self._distance(sequence)
        if octets and ahead + len(octets) <= 0:
            self.repeats += 1
        elif octets:
            held = self._held.get(sequence, (time, b''))
            self._held[sequence] = max(held, (time, octets), key=lambda one: len(one[1]))
        return self._in_order() + self._beyond_gap(time)

    def flush(self) -> list[Chunk]:
        """Return what is held behind gaps: nothing more will come."""
        chunks: list[Chunk] = []
        while self._held:
            chunks += self._skip()
        return chunks

    def _in_order(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        while self._held:
            nearest = min(self._held, key=self._distance)
            ahead = self._distance(nearest)
            if ahead > 0:
                break
            _, octets = self._held.pop(nearest)
            if fresh := octets[-ahead:] if ahead else octets:
                self._advance(nearest, len(octets))
                chunks.append(Chunk(fresh))
        return chunks

    def _beyond_gap(self, time: float) -> list[Chunk]:
        if len(self._held) > HELD:
            return self._skip()
        if not self._held or self._acknowledged is None:
            return []
        since = min(when for when, _ in self._held.values())
        if self._distance(self._acknowledged) <= 0 or time - since < PATIENCE:
            return []
        return self._skip()

    def _skip(self) -> list[Chunk]:
        nearest = min(self._held, key=self._distance)
        gap, (_, octets) = self._distance(nearest), self._held.pop(nearest)
        if gap + len(octets) <= 0:
            return []
        self._advance(nearest, len(octets))
        return [Chunk(octets[max(0, -gap) :], max(0, gap)), *self._in_order()]

    def _advance(self, sequence: int, size: int) -> None:
        self._expected = (sequence + size) & 0xFFFFFFFF

    def _distance(self, sequence: int) -> int:
        assert self._expected is not None
        return ((sequence - self._expected + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class Connection:
    """Two directions; the client is who sent SYN, or else who was heard first."""

    def __init__(self, client: Endpoint, server: Endpoint) -> None:
        self.client, self.server = client, server
        self._directions = {client: Direction(), server: Direction()}
        self._syn: int | None = None
        self._told: set[str] = set()

    @property
    def repeats(self) -> int:
        """Segments that brought nothing new."""
        return sum(direction.repeats for direction in self._directions.values())

    def is_new(self, segment: Segment) -> bool:
        """Tell whether a segment opens another connection between the same two ports."""
        opens = segment.flags & (SYN | ACK) == SYN
        return opens and self._syn is not None and segment.sequence != self._syn

    def take(self, segment: Segment, time: float) -> list[Chunk]:
        """Take a segment; return what its sender has said in order."""
        own, other = self._directions[segment.source], self._directions[segment.destination]
        if segment.flags & SYN:
            if not segment.flags & ACK:
                self._syn = segment.sequence
            own.begin(segment.sequence)
            return []
        if segment.flags & ACK:
            other.acknowledge(segment.acknowledgement)
        return own.take(segment.sequence, segment.payload, time)

    def flush(self, speaker: Endpoint) -> list[Chunk]:
        """Return what a side has said behind gaps."""
        return self._directions[speaker].flush()

    def news(self, segment: Segment) -> list[str]:
        """Tell what a segment does to the connection, each thing once."""
        found = []
        if segment.flags & SYN:
            found.append('accepts' if segment.flags & ACK else 'connects')
        if segment.flags & FIN:
            found.append('ends (FIN)')
        if segment.flags & RST:
            found.append('resets (RST)')
        fresh = [word for word in found if f'{word}{segment.source}' not in self._told]
        self._told |= {f'{word}{segment.source}' for word in fresh}
        return fresh
