# SPDX-License-Identifier: Apache-2.0
"""A storm on the SPI bus: any octets at any time; after each gust, the next good frame passes.

STEPS=1000000 python3 -m pytest src/plc_sim/test/test_qca7005_storm.py  # STEPS and SEED are yours
"""

import os
import random

from plc_modem.qca7005.bursts import LONGEST, SHORTEST
from plc_modem.qca7005.host import RESET_TIME, STUCK_TIME, Qca7005Host, Received, play
from plc_sim.qca7005 import Fault, SoftwareQca7005

POLL = 0.01
GUST = 250  # steps
CALM = 2.0 + STUCK_TIME + RESET_TIME  # s in which all must be well again


class Storm:
    """A host and a modem, and what strikes between them."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.host, self.modem = Qca7005Host(), SoftwareQca7005()
        self.now = 0.0
        self.wind = 0.0  # share of answers that are not the modem's
        self.heard = []

    def transfer(self, octets):
        answer = self.modem.transfer(octets, self.now)
        assert len(answer) == len(octets)
        if self.chance.random() >= self.wind:
            return answer
        return self.chance.choice(
            [
                bytes(len(octets)),
                b'\xff' * len(octets),
                b'\xaa' * len(octets),
                self.chance.randbytes(len(octets)),
                answer[1:] + b'\0',
            ]
        )

    def frame(self):
        return self.chance.randbytes(self.chance.randrange(SHORTEST, LONGEST + 1))

    def step(self):
        self.now += POLL
        match self.chance.randrange(6):
            case 0:
                self.modem.inject(self.chance.choice(list(Fault)), self.now)
            case 1:
                self.modem.hear(self.frame(), self.now)
            case 2:
                self.host.send(self.frame())
            case 3:
                self.modem.transfer(self.chance.randbytes(self.chance.randrange(80)), self.now)
        self.poll()

    def poll(self):
        for steps in (self.host.poll(self.now), self.host.flush(self.now)):
            for event in play(steps, self.transfer):
                if isinstance(event, Received):
                    assert SHORTEST <= len(event.octets) <= LONGEST
                    self.heard.append(event.octets)
        self.modem.to_line.clear()

    def calm(self):
        """Let the storm pass, then see one frame each way."""
        self.wind = 0.0
        self.modem._faults.clear()
        end = self.now + CALM
        while self.now < end:
            self.now += 5 * POLL
            self.poll()
        self.heard.clear()
        coming, going = self.frame(), self.frame()
        self.modem.hear(coming, self.now)
        assert self.host.send(going)
        play(self.host.flush(self.now), self.transfer)
        assert list(self.modem.to_line) == [going]
        self.poll()
        assert self.heard == [coming]


def test_after_each_gust_the_next_good_frame_passes():
    storm = Storm(int(os.environ.get('SEED', '7')))
    for number in range(int(os.environ.get('STEPS', '4000'))):
        storm.step()
        if number % GUST == GUST - 1:
            storm.calm()
            storm.wind = storm.chance.choice([0.0, 0.01, 0.1, 0.5, 0.9])
