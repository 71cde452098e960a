# SPDX-License-Identifier: Apache-2.0
"""A script between a session and its transport: what it does to the messages that pass.

A machine like the others: `pass_on` takes a message, `tick` lets time pass, and both return what
goes on now and what was done. The session behind it notices nothing of what it seems to have said.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from v2g.exi import MalformedExi, decode_document, encode, from_fields, to_fields
from v2g.schema import din, sap
from v2g.schema.declare import Complex
from v2g.session.events import EXI

CLOSE = 'close'  # the name of a connection's end
ALWAYS = 0


@dataclass(frozen=True)
class Let:
    """Change elements: the path in the body, or in a supportedAppProtocol message."""

    values: dict[str, object]


@dataclass(frozen=True)
class Drop:
    """Lose it."""


@dataclass(frozen=True)
class Hold:
    """Send it later."""

    seconds: float


@dataclass(frozen=True)
class Twice:
    """Send it two times."""


@dataclass(frozen=True)
class Octets:
    """Send these in its place."""

    payload: bytes
    payload_type: int = EXI


@dataclass(frozen=True)
class Instead:
    """Send another body in its place."""

    body: Callable[[], din.BodyElement]


@dataclass(frozen=True)
class As:
    """Send it with another SessionID; None: the one that the session behind the script gave."""

    session_id: bytes | None


@dataclass(frozen=True)
class Scaled:
    """Tell physical values with this multiplier, rounded to what it leaves (lesson 63)."""

    elements: Sequence[str]
    multiplier: int


@dataclass(frozen=True)
class Hang:
    """End the connection behind it."""


Act = Let | Drop | Hold | Twice | Octets | Instead | As | Scaled | Hang


@dataclass(frozen=True)
class Rule:
    """What is done to a message: its name, the first that it happens to, and how often.

    A charger's script passes on what the charger sends, Res, and what it gets, Req.
    """

    on: str  # the standard's name, such as CurrentDemandRes, or a pattern, such as *Res
    do: Sequence[Act]
    nth: int = 1
    times: int = 1  # ALWAYS: without end


@dataclass(frozen=True)
class Out:
    """A message that goes on; `inward`: to the session, else to the transport.

    close: end the connection behind it.
    """

    inward: bool
    connection_id: int
    payload_type: int
    payload: bytes
    close: bool = False


@dataclass(frozen=True)
class Acted:
    """A rule has done something."""

    text: str


Event = Out | Acted


@dataclass
class _Message:
    out: Out
    schema: Any
    told: Complex | None  # None: not understood, or nothing but the end of the connection
    copies: int = 1
    wait: float = 0.0

    @property
    def body(self) -> Any:
        return getattr(self.told, 'Body', self.told)

    @property
    def name(self) -> str:
        return type(self.body).__name__ if self.told is not None else CLOSE

    def encode(self) -> None:
        assert self.told is not None
        self.out = replace(self.out, payload=encode(self.schema, self.told))


@dataclass
class Script:
    """Does what its rules say to what one side sends and gets."""

    rules: Sequence[Rule]
    _seen: Counter[int] = field(default_factory=Counter)  # by rule
    _begun: set[tuple[bool, int]] = field(default_factory=set)
    _session_id: bytes = b''
    _held: list[tuple[float, Out]] = field(default_factory=list)

    def pass_on(self, out: Out, now: float) -> list[Event]:
        """Take a message, return what becomes of it."""
        message = self._understood(out)
        events: list[Event] = []
        for number, rule in enumerate(self.rules):
            if fnmatchcase(message.name, rule.on) and self._due(number, rule):
                events.append(Acted(_what(rule, message.name)))
                for act in rule.do:
                    self._do(act, message)
        return events + self._onward(message, now)

    def tick(self, now: float) -> list[Event]:
        """Send what was held until now."""
        due = [out for when, out in self._held if when <= now]
        self._held = [(when, out) for when, out in self._held if when > now]
        return list(due)

    @property
    def deadline(self) -> float | None:
        """When tick() is due, s."""
        return min((when for when, _ in self._held), default=None)

    def _understood(self, out: Out) -> _Message:
        way = (out.inward, out.connection_id)
        schema = din if way in self._begun else sap
        self._begun.add(way)
        try:
            told = decode_document(schema, out.payload).message if out.payload else None
        except MalformedExi:
            told = None
        if isinstance(told, din.V2G_Message) and not out.inward:
            self._session_id = told.Header.SessionID
        return _Message(out, schema, told)

    def _due(self, number: int, rule: Rule) -> bool:
        self._seen[number] += 1
        past = self._seen[number] - rule.nth
        return past >= 0 and (rule.times == ALWAYS or past < rule.times)

    def _onward(self, message: _Message, now: float) -> list[Event]:
        outs = [message.out] * message.copies
        if not message.wait:
            return list(outs)
        self._held += [(now + message.wait, out) for out in outs]
        return []

    def _do(self, act: Act, message: _Message) -> None:
        match act:
            case Let(values):
                for path, value in values.items():
                    _set(message.body, path, value)
                message.encode()
            case As(session_id) if isinstance(message.told, din.V2G_Message):
                own = self._session_id if session_id is None else session_id
                message.told.Header.SessionID = own
                message.encode()
            case Instead(body) if isinstance(message.told, din.V2G_Message):
                message.told.Body = body()
                message.encode()
            case Scaled(elements, multiplier) if message.told is not None:
                payload = _scaled(message.schema, message.out.payload, elements, multiplier)
                message.out = replace(message.out, payload=payload)
            case Octets(payload, payload_type):
                message.out = replace(message.out, payload=payload, payload_type=payload_type)
            case Hang():
                message.out = replace(message.out, close=True)
            case Drop():
                message.copies = 0
            case Twice():
                message.copies = 2
            case Hold(seconds):
                message.wait = seconds


def _what(rule: Rule, name: str) -> str:
    return f'{", ".join(type(act).__name__.lower() for act in rule.do)}: {name}'


def _scaled(schema: Any, octets: bytes, elements: Sequence[str], multiplier: int) -> bytes:
    fields = to_fields(schema, octets)
    for value in _physical(fields, elements):
        value['Value'] = round(value['Value'] * 10.0 ** (value['Multiplier'] - multiplier))
        value['Multiplier'] = multiplier
    return from_fields(schema, fields)


def _physical(fields: dict[str, Any], elements: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name, inner in fields.items():
        if name in elements:
            yield inner
        elif isinstance(inner, dict):
            yield from _physical(inner, elements)


def _set(body: Any, path: str, value: object) -> None:
    *way, name = path.split('.')
    for step in way:
        body = body[int(step)] if step.isdigit() else getattr(body, step)
    setattr(body, name, value)
