# SPDX-License-Identifier: Apache-2.0
"""An OLED at a serial line: each line of text as `lc`, the text, a newline; 19200 baud, 8N1."""

from collections.abc import Iterable

import serial

from plc_kit.run import CannotStart

BAUD = 19200
_LINE = 'lc{}\n'  # as the field's serial displays take it
PATIENCE = 0.3  # s for three lines; a display that takes none must not hold up the node


class Oled:
    """Writes lines to a device; an OSError while it works is the node's end."""

    def __init__(self, device: str) -> None:
        """Open it; raises CannotStart."""
        try:
            self._port = serial.Serial(device, BAUD, write_timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise CannotStart(f'the OLED at {device} cannot be opened: {error}') from None

    def show(self, lines: Iterable[str]) -> None:
        """Show these lines from the top; raises OSError where the device is gone."""
        self._port.write(''.join(map(_LINE.format, lines)).encode('ascii'))

    def close(self) -> None:
        """Let the device go."""
        self._port.close()
