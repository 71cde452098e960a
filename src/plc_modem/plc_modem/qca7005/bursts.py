# SPDX-License-Identifier: Apache-2.0
"""Ethernet frames in the bursts of a QCA7005, in both directions.

To the modem: AA AA AA AA, length (16 bits, low octet first), 00 00, the frame, 55 55. From the
modem the same, led by a length of 32 bits; one burst can hold several. A frame may begin in one
burst and end in another.
"""

import struct

SHORTEST, LONGEST = 60, 1518  # octets of a frame, without its check sequence
OVERHEAD = 10  # octets around a frame
LEAD = 4  # octets before that, from the modem

_START, _END = b'\xaa' * 4, b'\x55' * 2
_HEADER = struct.Struct('<4sHH')
_LEAD = struct.Struct('>I')


def to_modem(frame: bytes) -> bytes:
    """Return the octets that give a frame to the modem, padded to Ethernet's shortest.

    Raises ValueError for a frame longer than 1518 octets.
    """
    if len(frame) > LONGEST:
        raise ValueError(f'a frame of {len(frame)} octets is longer than {LONGEST}')
    padded = frame.ljust(SHORTEST, b'\0')
    return _HEADER.pack(_START, len(padded), 0) + padded + _END


def to_host(frame: bytes) -> bytes:
    """Return the octets with which the modem gives a frame to its host."""
    inner = to_modem(frame)
    return _LEAD.pack(len(inner)) + inner


class Splitter:
    """Finds the frames in bursts, and the next good one after anything else.

    What looks like the start of a frame counts only once the end is where its lengths say;
    otherwise the search goes on one octet behind that start. So no octet of a frame is lost to
    garbage before it.
    """

    def __init__(self, lead: int = LEAD) -> None:
        """`lead`: octets of the length that leads each frame, LEAD or 0."""
        self.strange = 0  # octets since the last frame that belong to none
        self.garbage = 0  # octets in all that belonged to no frame
        self.waits = False  # for the rest of a frame
        self._lead = lead
        self._kept = b''

    def feed(self, burst: bytes) -> list[bytes]:
        """Return the frames that are complete now."""
        self.strange += len(burst)
        return self._split(self._kept + burst, patient=True)

    def give_up(self) -> list[bytes]:
        """Return the frames behind a start whose rest will not come."""
        return self._split(self._kept, patient=False)

    def forget(self) -> None:
        """Begin anew: the modem has."""
        self.garbage += self.strange
        self.strange, self.waits, self._kept = 0, False, b''

    def _split(self, octets: bytes, patient: bool) -> list[bytes]:
        frames, begin, self.waits = [], 0, False  # no frame begins before `begin`
        while (start := octets.find(_START, begin + self._lead)) >= 0:
            end = self._end_of_frame(octets, start)
            if end is None and patient:
                self.waits = True
                break
            if end:
                frames.append(octets[start + _HEADER.size : end - len(_END)])
                self._count(len(octets) - end, end - start)
            begin = end or start - self._lead + 1
        tail = max(begin, len(octets) - self._lead - len(_START) + 1)
        self._kept = octets[start - self._lead if self.waits else tail :]
        return frames

    def _count(self, behind: int, frame: int) -> None:
        self.garbage += self.strange - behind - frame - self._lead
        self.strange = behind

    def _end_of_frame(self, octets: bytes, start: int) -> int | None:
        """Return where the frame ends that starts here; 0: none does, None: not known yet."""
        if len(octets) < start + _HEADER.size:
            return None
        _, length, _ = _HEADER.unpack_from(octets, start)
        if not SHORTEST <= length <= LONGEST:
            return 0
        if self._lead and _LEAD.unpack_from(octets, start - LEAD) != (length + OVERHEAD,):
            return 0
        end = start + OVERHEAD + int(length)
        if len(octets) < end:
            return None
        return end if octets.startswith(_END, end - len(_END)) else 0
