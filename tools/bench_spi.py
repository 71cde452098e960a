# SPDX-License-Identifier: Apache-2.0
"""What a QCA7005 by SPI costs its host: processor time of a poll, and frames a second.

The modem is the one in software, in the same thread; its share is measured alone and taken off.
What no simulation shows is the bus: an octet takes 1 µs at 8 MHz, a system call some 10 µs.
"""

from collections.abc import Callable
from statistics import median
import time

from plc_modem.qca7005.host import Qca7005Host, Received, Steps, play
from plc_sim.qca7005 import SoftwareQca7005

TURNS = 21
POLLS = 2000  # in a turn
POLL_PERIOD = 0.020  # s
BURST = 10  # frames between two polls
CLOCK = 8e6  # Hz


class Bench:
    """A host and its modem, and how much time the modem took."""

    def __init__(self) -> None:
        self.host, self.modem = Qca7005Host(), SoftwareQca7005()
        self.modems = 0.0  # s of processor time
        self.octets = 0
        self.received = 0
        self.play(self.host.poll(1.0))

    def play(self, steps: Steps) -> None:
        """Drive steps, and count frames that came."""
        self.received += sum(isinstance(event, Received) for event in play(steps, self._transfer))

    def _transfer(self, octets: bytes) -> bytes:
        begin = time.thread_time()
        answer = self.modem.transfer(octets, 1.0)
        self.modems += time.thread_time() - begin
        self.octets += len(octets)
        return answer


def idle(bench: Bench) -> int:
    """Poll a modem that has nothing."""
    for _ in range(POLLS):
        bench.play(bench.host.poll(1.0))
    return POLLS


def traffic(length: int) -> Callable[[Bench], int]:
    """Frames of a length in octets, as many to the modem as from it."""
    frame = bytes(12) + b'\x86\xdd' + bytes(length - 14)
    room = min(BURST, 3163 // (length + 14))

    def pass_frames(bench: Bench) -> int:
        before = bench.received
        for _ in range(POLLS // 20):
            for _ in range(room):
                bench.modem.hear(frame, 1.0)
                bench.host.send(frame)
            bench.play(bench.host.poll(1.0))
            bench.modem.to_line.clear()
        return 2 * (bench.received - before)

    return pass_frames


def seconds_each(work: Callable[[Bench], int]) -> tuple[float, float]:
    """Return processor time and octets on the bus, each for one thing of that work."""
    bench, times, octets = Bench(), [], 0.0
    for _ in range(TURNS):
        bench.modems, bench.octets = 0.0, 0
        begin = time.thread_time()
        done = work(bench)
        times.append((time.thread_time() - begin - bench.modems) / done)
        octets = bench.octets / done
    return median(times), octets


def main() -> None:
    """Print the figures."""
    poll, octets = seconds_each(idle)
    print(f'a poll with nothing to do: {poll * 1e6:.0f} µs of a processor, {octets:.0f} octets;')
    print(f'  every {POLL_PERIOD * 1000:.0f} ms that is {poll / POLL_PERIOD:.2%} of a processor')
    for length in (60, 300, 1514):
        frame, octets = seconds_each(traffic(length))
        bus = octets * 8 / CLOCK
        print(
            f'frames of {length:4} octets, half of them each way: {1 / frame:7.0f} a second, '
            f'{frame * 1e6:.0f} µs each; the bus at 8 MHz carries {1 / bus:.0f}'
        )


if __name__ == '__main__':
    main()
