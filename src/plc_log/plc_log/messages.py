# SPDX-License-Identifier: Apache-2.0
"""V2G messages of one connection: which protocol is spoken, and the main values of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from plc_log.events import Side
from v2g.exi import MalformedExi, decode_document
from v2g.schema import din, iso2, sap
from v2g.schema.declare import Complex

_NAMESPACES = {
    'urn:din:70121:2012:MsgDef': din,
    'urn:iso:15118:2:2013:MsgDef': iso2,
    'urn:iso:15118:2:2010:MsgDef': iso2,
}
_GUESSES = (din, iso2)

# What is shown of a message, by element name; what is as it should be is left out.
_LABELS = {
    'EVRESSSOC': ('SoC', ' %'),
    'EVTargetVoltage': ('target', ' V'),
    'EVTargetCurrent': ('target', ' A'),
    'EVSEPresentVoltage': ('present', ' V'),
    'EVSEPresentCurrent': ('present', ' A'),
    'EVMaximumVoltageLimit': ('max', ' V'),
    'EVMaximumCurrentLimit': ('max', ' A'),
    'EVMaximumPowerLimit': ('max', ' W'),
    'EVEnergyCapacity': ('capacity', ' Wh'),
    'EVSEMaximumVoltageLimit': ('max', ' V'),
    'EVSEMaximumCurrentLimit': ('max', ' A'),
    'EVSEMaximumPowerLimit': ('max', ' W'),
    'EVSEMinimumVoltageLimit': ('min', ' V'),
    'EVCCID': ('EVCCID', ''),
    'EVSEID': ('EVSEID', ''),
    'ResponseCode': ('', ''),
    'EVSEProcessing': ('', ''),
    'EVSEStatusCode': ('', ''),
    'EVSENotification': ('', ''),
    'EVSEIsolationStatus': ('isolation', ''),
    'EVErrorCode': ('', ''),
    'ReadyToChargeState': ('ready to charge', ''),
    'ChargeProgress': ('', ''),
    'ProtocolNamespace': ('', ''),
    'SchemaID': ('schema', ''),
}
_ASKED_BY = {'Req': Side.VEHICLE, 'Res': Side.CHARGER}
_AS_IT_SHOULD_BE = ('OK', 'EVSE_Ready', 'None', 'NO_ERROR', 'Valid')


@dataclass(frozen=True)
class Decoded:
    """A message with its main values."""

    name: str
    values: dict[str, str]
    spare: int  # octets after its end
    message: Any  # the document: V2G_Message, or a message of supportedAppProtocol


class Dialogue:
    """Decodes the messages of a connection in order."""

    def __init__(self) -> None:
        self._offered: dict[int, Any] = {}  # schema by SchemaID
        self._schema: Any = None

    def decode(self, octets: bytes) -> Decoded:
        """Decode the next message, by the schema that was agreed or, where none was, that fits.

        Raises MalformedExi.
        """
        candidates = [self._schema] if self._schema else [sap, *_GUESSES]
        candidates += [sap] if self._schema else []  # a new handshake
        failure: MalformedExi | None = None
        for schema in candidates:
            try:
                document = decode_document(schema, octets)
            except MalformedExi as error:
                failure = failure or error
                continue
            self._learn(schema, document.message)
            return _decoded(document.message, document.spare)
        assert failure is not None
        raise failure

    def _learn(self, schema: Any, message: Any) -> None:
        if isinstance(message, sap.supportedAppProtocolReq):
            offers = message.AppProtocol
            self._offered = {o.SchemaID: _NAMESPACES.get(o.ProtocolNamespace) for o in offers}
        elif isinstance(message, sap.supportedAppProtocolRes):
            chosen = message.SchemaID
            only = next(iter(self._offered.values()), None) if len(self._offered) == 1 else None
            self._schema = self._offered.get(chosen, only) if chosen is not None else only
        elif self._schema is None:
            self._schema = schema


def body_of(message: Any) -> Any:
    """Return what a document carries; supportedAppProtocol has no envelope."""
    return getattr(message, 'Body', None) or message


def side_of(name: str) -> Side:
    """Tell whose message it is by its name: the vehicle asks, the charger answers."""
    return Side(_ASKED_BY.get(name[-3:], ''))


def _decoded(message: Any, spare: int) -> Decoded:
    body = body_of(message)
    values: dict[str, str] = {}
    if type(body).__name__ == 'SessionSetupRes':
        values['session'] = bytes(message.Header.SessionID).hex()
    for label, text in _main_values(body):
        values[label] = f'{values[label]} {text}' if label in values else text
    return Decoded(type(body).__name__, values, spare, message)


def _main_values(message: Any) -> Iterator[tuple[str, str]]:
    for name in message.names:
        value = getattr(message, name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Complex):
                yield from _main_values(one)
            elif name in _LABELS and one is not None and str(_plain(one)) not in _AS_IT_SHOULD_BE:
                label, unit = _LABELS[name]
                yield label, f'{_plain(one)}{unit}'


def _plain(value: Any) -> str:
    match value:
        case bytes():
            return value.hex()
        case Enum():
            return str(value.value)
        case bool():
            return 'yes' if value else 'no'
        case float():
            return f'{value:g}' if abs(value) < 100_000 else f'{value:.0f}'
    return str(value)
