# SPDX-License-Identifier: Apache-2.0
"""Where the parts of a machine write down what happens, until the node fetches it."""

from copy import copy

from v2g.session.events import Event, Level, Note, StageChanged
from v2g.session.stage import CHECKPOINT, Stage
from v2g.session.state import SessionState


class Story:
    """The state of a session and the events not yet fetched."""

    def __init__(self, role: str) -> None:
        self.state = SessionState(role)
        self.absent: frozenset[Stage] = frozenset()  # stages this session honestly has not
        self._events: list[Event] = []

    def add(self, event: Event) -> None:
        self._events.append(event)

    def take(self) -> list[Event]:
        """The events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def note(self, text: str) -> None:
        self.add(Note(Level.INFO, text))

    def warn(self, text: str) -> None:
        self.add(Note(Level.WARNING, text))

    def climb(self, stage: Stage) -> None:
        """Reach a stage of the way up, through each one between; never go back."""
        for between in range(self.state.stage + 1, stage + 1):
            if Stage(between) not in self.absent:
                self.enter(Stage(between))

    def enter(self, stage: Stage, checkpoint: int | None = None) -> None:
        """Be at a stage, and tell it."""
        if stage == self.state.stage and checkpoint in (None, self.state.checkpoint):
            return
        self.state.stage = stage
        number = CHECKPOINT.get(stage) if checkpoint is None else checkpoint
        self.state.checkpoint = self.state.checkpoint if number is None else number
        self.tell()

    def tell(self) -> None:
        """Have the state published now."""
        self.add(StageChanged(copy(self.state)))
