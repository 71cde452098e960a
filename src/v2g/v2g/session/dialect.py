# SPDX-License-Identifier: Apache-2.0
"""What a protocol brings to the core: messages, field mapping, order and timers (R28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from v2g.schema.declare import Complex
from v2g.session.exchange import Answer, Ask, Step


class UnexpectedMessage(ValueError):
    """A message that is well-formed, but none that this side may get; the text says which."""


@dataclass(frozen=True)
class Timers:
    """Times in seconds, by the standard's names; field or standard values (R26)."""

    message: Mapping[Step, float]  # V2G_EVCC_Msg_Timeout
    total: Mapping[Step, float]  # of a step that is repeated
    communication_setup: float  # V2G_EVCC_CommunicationSetup_Timeout
    ready_to_charge: float  # V2G_EVCC_ReadyToCharge_Timeout
    sequence: float  # V2G_SECC_Sequence_Timeout
    sequence_in_loop: float  # the same while current flows
    secc_communication_setup: float  # V2G_SECC_CommunicationSetup_Timeout
    secc_total: Mapping[Step, float]  # the charger's own time for a repeated step
    pilot_detection: float  # until the charger must see C in CableCheck
    secc_shutdown: float  # from PowerDelivery(stop) to SessionStop
    secc_ready_to_charge: float  # V2G_SECC_ReadyToCharge_Performance_Time


@dataclass(frozen=True)
class Decoded:
    """A message and the octets behind its end."""

    message: Complex
    spare: int


class VehicleDialect(Protocol):
    """A protocol as the vehicle speaks it."""

    name: str

    def request(self, ask: Ask) -> Complex:
        """The message of a request."""

    def answer(self, message: Complex) -> Answer:
        """What a response means; UnexpectedMessage where it is none."""

    def encode(self, message: Complex) -> bytes:
        """Octets of a message."""

    def decode(self, octets: bytes) -> Decoded:
        """Message of the octets; MalformedExi."""

    def request_name(self, step: Step) -> str:
        """The standard's name of a step's request."""


class ChargerDialect(Protocol):
    """A protocol as the charger speaks it."""

    name: str

    def ask(self, message: Complex) -> Ask:
        """What a request means; NotSpoken or UnexpectedMessage where it has no meaning here."""

    def response(self, answer: Answer) -> Complex:
        """The message of a response."""

    def refusal(self, message: Complex, session_id: bytes, code: str) -> Complex | None:
        """Its own response to a request that is never allowed; None where there is no response."""

    def encode(self, message: Complex) -> bytes:
        """Octets of a message."""

    def decode(self, octets: bytes) -> Decoded:
        """Message of the octets; MalformedExi."""

    def may_follow(self, last: Step | None, ongoing: bool, step: Step) -> bool:
        """Tell whether a step is allowed after the last answered one."""
