# SPDX-License-Identifier: Apache-2.0
"""charging/display and charging/led: what a small display and a lamp show of a session."""

from dataclasses import dataclass
from typing import Any

from rclpy.event_handler import QoSLivelinessChangedInfo

from plc_kit.clock import STEADY, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.parameters import declare
from plc_kit.qos import LATCHED, NEWEST
from plc_kit.quiet import subscription
from plc_kit.run import run
from plc_kit.setting import setting
from plc_log.oled import Oled
from plc_log.status import Light, light, lines
from plc_msgs.msg import ChargingState, StatusLight, StatusText

NO_OLED = 'none'
PERIOD = 0.45  # s between two refreshes


@dataclass(frozen=True)
class StatusSettings:
    """The parameters of the status node."""

    oled: str = setting(NO_OLED, 'serial device of an OLED, such as /dev/ttyUSB0, or none')


class StatusNode(ClosingNode):
    """Tells a display and a lamp what charging/state says; decides nothing."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('status', **node_options)
        settings = declare(self, StatusSettings)
        self._oled = None if settings.oled == NO_OLED else Oled(settings.oled)
        if self._oled is not None:
            self.closing.callback(self._oled.close)
        self._begin, self._state = now(), None
        self._shown: Light | None = None
        self._text = self.create_publisher(StatusText, 'charging/display', NEWEST)
        self._light = self.create_publisher(StatusLight, 'charging/led', LATCHED)
        subscription(
            self,
            ChargingState,
            'charging/state',
            self._on_state,
            LATCHED,
            liveliness=self._changed,
        )
        self.create_timer(PERIOD, self._refresh, clock=STEADY)
        self._show_light()

    def _on_state(self, state: Any) -> None:
        self._state = state
        self._show_light()

    def _changed(self, info: QoSLivelinessChangedInfo) -> None:
        if not info.alive_count:
            self._on_state(None)

    def _show_light(self) -> None:
        shown = light(self._state)
        if shown == self._shown:
            return
        self._shown = shown
        red, green, blue = shown.colour
        other = dict(zip(('other_red', 'other_green', 'other_blue'), shown.other, strict=True))
        colour = {'red': red, 'green': green, 'blue': blue, **other}
        self._light.publish(StatusLight(stamp=stamp(), period=shown.period, **colour))

    def _refresh(self) -> None:
        shown = lines(self._state, now() - self._begin)
        self._text.publish(StatusText(stamp=stamp(), lines=list(shown)))
        if self._oled is not None:
            self._oled.show(shown)


def main() -> None:
    """Run the node."""
    run(StatusNode)
