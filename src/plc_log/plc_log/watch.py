# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_log watch`: a session as it goes."""

import argparse
from collections import deque
from collections.abc import Callable
import signal
import sys
import time
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rich.console import Console, RenderableType
from rich.live import Live

from plc_kit.qos import STATES, STREAM
from plc_kit.refusal import refuse
from plc_kit.run import join
from plc_log.panel import attenuations, line, panel
from plc_log.stages import FAILED, FINISHED
from plc_msgs.msg import ChargingState, SlacStatus, V2gMessage

LAST = 6  # messages shown
_REFRESH = 0.2  # s
_TELL = 1.0  # s between two lines of one stage, where no terminal shows the panel


class Ended(BaseException):
    """Told to end by a signal."""


class Watch:
    """Shows what comes, until nobody wants it any more."""

    def __init__(self, console: Console) -> None:
        self.states: dict[str, ChargingState] = {}  # by role
        self.messages: deque[str] = deque(maxlen=LAST)  # of V2G, a line each
        self.attenuation = ''
        self._console = console
        self._begin = time.monotonic()
        self._told = ('', 0.0)

    @property
    def since(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begin

    def take(self, state: ChargingState) -> None:
        """Take a state; without a terminal, tell the vehicle's."""
        self.states[state.role] = state
        if not self._console.is_terminal and state is self.vehicle:
            self._tell(state)

    def hear(self, message: V2gMessage) -> None:
        """Take a V2G message of one side: it has what it sends and what it receives."""
        arrow = '→' if message.direction == V2gMessage.SENT else '←'
        self.messages.append(f'{self.since:7.1f} s  {arrow}  {message.name or message.json[:60]}')

    def match(self, slac: SlacStatus) -> None:
        """Take what the vehicle's SLAC has heard of chargers."""
        self.attenuation = attenuations(slac) or self.attenuation

    @property
    def vehicle(self) -> ChargingState | None:
        """The vehicle's state, or the only one there is."""
        return self.states.get('pev') or next(iter(self.states.values()), None)

    @property
    def done(self) -> str:
        """FINISHED or FAILED once a session that was seen has ended; else empty."""
        state = self.vehicle
        return state.stage_name if state and state.stage_name in (FINISHED, FAILED) else ''

    def _tell(self, state: ChargingState) -> None:
        stage, when = self._told
        if state.stage_name != stage or self.since - when >= _TELL:
            self._told = (state.stage_name, self.since)
            self._console.out(line(self.since, state), highlight=False)


def main(arguments: list[str] | None = None) -> int:
    """Watch until the session or the user ends it; 1 where the session failed."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        return _watch(options)
    except Ended:
        return 0
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _end(*_: Any) -> None:
    raise Ended


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='watch',
        description='Show stage, SoC, volts, amperes, attenuation and the last V2G messages of a '
        'charging session.',
    )
    parser.add_argument('--until-done', action='store_true', help='end with the session')
    parser.add_argument(
        '--namespaces', nargs='+', default=['/pev', '/evse'], help='sides to look at (%(default)s)'
    )
    return parser


def _watch(options: argparse.Namespace) -> int:
    try:
        join()
    except ValueError as error:
        refuse(str(error))
    node, executor = Node('watch'), SingleThreadedExecutor()
    executor.add_node(node)
    console = Console()
    watch = Watch(console)
    for namespace in options.namespaces:
        topic = f'{namespace}/charging/state'
        node.create_subscription(ChargingState, topic, watch.take, STATES)
    if console.is_terminal:
        first = options.namespaces[0]
        node.create_subscription(V2gMessage, f'{first}/v2g_log', watch.hear, STREAM)
        node.create_subscription(SlacStatus, f'{first}/slac/status', watch.match, STATES)
    try:
        _show(console, watch, lambda: executor.spin_once(_REFRESH), options.until_done)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    return int(watch.done == FAILED)


def _show(console: Console, watch: Watch, spin: Callable[[], None], until_done: bool) -> None:
    if not console.is_terminal:
        while not (until_done and watch.done):
            spin()
        return
    with Live(panel({}, 0.0), console=console, auto_refresh=False) as live:
        shown = 0.0
        while not (until_done and watch.done):
            spin()
            if watch.since - shown >= _REFRESH:
                shown = watch.since
                live.update(_panel(watch), refresh=True)
        live.update(_panel(watch), refresh=True)


def _panel(watch: Watch) -> RenderableType:
    return panel(watch.states, watch.since, watch.messages, watch.attenuation)


if __name__ == '__main__':
    sys.exit(main())
