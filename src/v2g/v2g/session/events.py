# SPDX-License-Identifier: Apache-2.0
"""What a session wants done, or tells; each is carried out by the node."""

from dataclasses import dataclass
from enum import Enum

from v2g.schema.declare import Complex
from v2g.session.facts import VehicleFacts
from v2g.session.stage import Stage
from v2g.session.state import SessionState

EXI = 0x8001  # V2GTP payload type of supportedAppProtocol, DIN 70121 and ISO 15118-2


@dataclass(frozen=True, slots=True)
class Send:
    """One V2GTP message for the partner; `close`: end the connection behind it."""

    connection_id: int
    payload: bytes
    close: bool = False
    payload_type: int = EXI


@dataclass(frozen=True, slots=True)
class Traffic:
    """A message that went or came, for logs and bags; `message` is None where it is malformed."""

    sent: bool
    protocol: str
    exi: bytes
    message: Complex | None
    error: str = ''
    spare: int = 0

    @property
    def name(self) -> str:
        """The standard's name of the message in the body; empty if it could not be decoded."""
        if self.message is None:
            return ''
        body = getattr(self.message, 'Body', self.message)
        return type(body).__name__ if body is not None else ''


@dataclass(frozen=True, slots=True)
class StageChanged:
    """A new stage; `state` is the whole of charging/state at that moment."""

    state: SessionState


class Level(Enum):
    """How much a person wants to know it."""

    INFO = 'info'
    WARNING = 'warning'


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the log."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A session is over and its outputs are safe. `error` is empty where it ended as it should."""

    error: str
    reason: str
    stage: Stage  # where it went wrong, or where it was stopped
    final: bool  # False: another attempt follows (R5)
    purpose: Stage = Stage.CHARGE_LOOP  # what it was for

    @property
    def done(self) -> bool:
        """It came to what it was for, and ended as it should; one stopped before did nothing."""
        return not self.error and self.stage >= self.purpose


@dataclass(frozen=True, slots=True)
class VehicleTold:
    """Something new is known of the vehicle that is plugged in, or it has gone."""

    facts: VehicleFacts


@dataclass(frozen=True, slots=True)
class AuthorizationAsked:
    """May this vehicle charge? (R17) `pending` false: the question has no answer any more."""

    request_id: int
    facts: VehicleFacts
    pending: bool = True


Event = Send | Traffic | StageChanged | Note | Ended | VehicleTold | AuthorizationAsked
