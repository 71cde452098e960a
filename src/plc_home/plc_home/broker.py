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
        number = int(port) if port.isascii() and port.isdecimal() else 0
        if not _is_host(host) or (port and not 0 < number < 65536):
            raise BadBroker(f'parameter broker: {text!r} is neither HOST nor HOST:PORT')
        return cls(host, number or (TLS_PORT if tls else PORT))


def _is_host(text: str) -> bool:
    """Tell whether a resolver can be asked for it: its thread ends at what has no IDNA form."""
    try:
        return bool(text.encode('idna')) and text.isprintable() and ' ' not in text
    except UnicodeError:
        return False
