# SPDX-License-Identifier: Apache-2.0
"""Where a broker is, as a user writes it."""

from dataclasses import dataclass

PORT, TLS_PORT = 1883, 8883


class BadBroker(ValueError):
    """This names no broker; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Host and port."""

    host: str
    port: int

    @classmethod
    def of_text(cls, text: str, *, tls: bool) -> 'Broker':
        """Read HOST, HOST:PORT or [IPv6]:PORT."""
        if text.startswith('['):
            host, _, port = text[1:].partition(']')
            port = port.removeprefix(':')
        else:
            host, _, port = text.partition(':')
        if not host or not (port or '0').isdigit() or int(port or 0) > 65535:
            raise BadBroker(f'parameter broker: {text!r} is neither HOST nor HOST:PORT')
        return cls(host, int(port) if port else (TLS_PORT if tls else PORT))
