# SPDX-License-Identifier: Apache-2.0
"""A CAN bus of python-can: frames in by its own thread, frames out."""

from collections.abc import Callable
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
import can

from plc_kit.run import CannotStart
from plc_vehicle.can_pack import CanSettings

OUR_DBC = 'dbc/ros2_ccs.dbc'


def dbc_text(path: str) -> str:
    """Return a user's DBC, or ours; raises CannotStart."""
    share = Path(get_package_share_directory('plc_vehicle'))
    try:
        return (Path(path) if path else share / OUR_DBC).read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f'the DBC {path} cannot be read: {error}') from error


class Bus:
    """One bus; `hear` is called with identifier and octets in a thread of python-can's."""

    def __init__(self, settings: CanSettings, hear: Callable[[tuple[int, bytes]], object]) -> None:
        """Raises CannotStart."""
        where = f'{settings.can_interface} {settings.can_channel}'
        try:
            self._bus = can.Bus(
                interface=settings.can_interface,
                channel=settings.can_channel,
                bitrate=settings.can_bitrate,
            )
        except (can.CanError, OSError, ValueError) as error:
            raise CannotStart(f'the CAN bus {where} cannot be opened: {error}') from error
        self._hear = hear
        self._notifier = can.Notifier(self._bus, [self._heard], timeout=0.1)

    def send(self, frame_id: int, octets: bytes) -> str:
        """Send a frame; return why it was not sent, empty: it was."""
        message = can.Message(arbitration_id=frame_id, data=octets, is_extended_id=False)
        try:
            self._bus.send(message)
        except can.CanError as error:
            return str(error)
        return ''

    def close(self) -> None:
        """Listen no more."""
        self._notifier.stop()
        self._bus.shutdown()

    def _heard(self, message: can.Message) -> None:
        ours = not (message.is_extended_id or message.is_error_frame or message.is_remote_frame)
        if ours and message.is_rx:
            self._hear((message.arbitration_id, bytes(message.data)))
