# SPDX-License-Identifier: Apache-2.0
"""A CAN bus of python-can: frames in by its own thread, frames out."""

from collections.abc import Callable
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
import can

from plc_kit.run import CannotStart
from plc_vehicle.can_map import CanFrame
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
    """One bus; `hear` is called with each data frame in a thread of python-can's."""

    def __init__(self, settings: CanSettings, hear: Callable[[CanFrame], object]) -> None:
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

    def send(self, frame: CanFrame) -> str:
        """Send a frame; return why it was not sent, empty: it was."""
        message = can.Message(
            arbitration_id=frame.frame_id, data=frame.octets, is_extended_id=frame.extended
        )
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
        data = not (message.is_error_frame or message.is_remote_frame or message.is_fd)
        if data and message.is_rx:
            octets = bytes(message.data)
            self._hear(CanFrame(message.arbitration_id, octets, message.is_extended_id))
