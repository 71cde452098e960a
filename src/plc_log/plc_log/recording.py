# SPDX-License-Identifier: Apache-2.0
"""A session as it was recorded, whether a bag or a capture holds it: what every verb works on."""

from dataclasses import dataclass, field
from pathlib import Path

from plc_kit.readable import readable
from plc_log.bag import files
from plc_log.bagged import BagEvents
from plc_log.capture import Capture, Unreadable
from plc_log.dissection import Dissection
from plc_log.events import Counts, Event, Kind, Side
from plc_log.inferred import inferred_steps
from plc_log.stages import Step, Story


@dataclass
class Recording:
    """Everything that is known of it; `flaws` are sentences about what could not be read."""

    path: Path
    events: list[Event]  # in the order of their times
    counts: Counts
    steps: list[Step]
    stories: dict[Side, Story] = field(default_factory=dict)  # what the sides told; captures: none
    flaws: list[str] = field(default_factory=list)
    is_bag: bool = False

    @property
    def name(self) -> str:
        """What it is called in tables: the folder, or the file without its ending."""
        ending = '' if self.is_bag else self.path.suffix
        return readable(self.path.resolve().name.removesuffix(ending))

    @property
    def begin(self) -> float:
        """Time of the first event, s since 1970; 0 where there is none."""
        return self.events[0].time if self.events else 0.0

    @property
    def duration(self) -> float:
        """From the first event to the last, s."""
        return self.events[-1].time - self.begin if self.events else 0.0

    @property
    def messages(self) -> list[Event]:
        """The V2G messages that could be decoded."""
        return [event for event in self.events if event.kind is Kind.V2G and not event.flawed]

    @property
    def story(self) -> Story | None:
        """What the vehicle told of itself, or else the charger."""
        return self.stories.get(Side.VEHICLE) or next(iter(self.stories.values()), None)


def is_bag(path: Path) -> bool:
    """Tell whether a path is a bag's folder, or a file as bags have them."""
    if path.is_dir():
        return True
    try:
        return files.is_one(path)
    except OSError:
        return False


def read(path: Path, side: Side = Side.UNKNOWN) -> Recording:
    """Read a bag or a capture; `side`: whose view of a bag of both. Raises Unreadable."""
    try:
        return _bag(path, side) if is_bag(path) else _capture(path)
    except OSError as error:
        raise Unreadable(f'{path}: {error.strerror or error}') from error


def _capture(path: Path) -> Recording:
    capture, dissection = Capture(path), Dissection()
    events = list(dissection.events(capture))
    flaws = [capture.flaw] if capture.flaw else []
    steps = inferred_steps(events)
    return Recording(path, events, dissection.counts, steps, flaws=flaws)


def _bag(path: Path, side: Side) -> Recording:
    bag = BagEvents(path, side)
    events = bag.events()
    story = bag.stories.get(bag.side)
    steps = story.steps if story and story.steps else inferred_steps(events)
    return Recording(path, events, bag.counts, steps, bag.stories, bag.flaws, is_bag=True)
