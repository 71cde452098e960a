# SPDX-License-Identifier: Apache-2.0
"""A scenario in virtual time as a bag: what both sessions were told, for `plc_log replay`."""

from pathlib import Path

from plc_kit.journal import Entry
from plc_log.bag.encoder import Encoder
from plc_log.bag.writer import BagWriter
from plc_sim.scenario.record import Record
from plc_sim.scenario.scenario import Scenario
from plc_sim.scenario.virtual import Play

KIND = 'plc_msgs/msg/JournalEntry'
TOPIC = '/{}/session/journal'
_NANO = 1_000_000_000


def recorded(scenario: Scenario, folder: Path) -> Record:
    """Play a scenario into the bag FOLDER/NAME; time begins at 1970. Raises OSError."""
    bag = BagWriter(folder / scenario.name.replace(' ', '_'))
    encode = Encoder(KIND)
    for side in ('pev', 'evse'):
        bag.add_topic(TOPIC.format(side), KIND, [], '')

    def listen(side: str, now: float, entry: Entry) -> None:
        when = round(now * _NANO)
        seconds, nanoseconds = divmod(when, _NANO)
        fields = {
            'stamp': {'sec': seconds, 'nanosec': nanoseconds},
            'machine': entry.machine,
            'sequence': entry.sequence,
            'told': entry.told,
            'json': entry.text,
        }
        bag.write(TOPIC.format(side), encode(fields), when, when)

    try:
        return Play(scenario, listen).run()
    finally:
        bag.close()
