# SPDX-License-Identifier: Apache-2.0
"""Carries launch descriptions out: events, processes, timers and signals in one thread."""

from __future__ import annotations

from collections.abc import Iterable
import heapq
import os
import selectors
import signal
import socket
import time
from typing import Any

from launch.actions.flow import as_list
from launch.events import IncludeLaunchDescription, Shutdown, TimerEvent
from launch.launch_context import LaunchContext
from launch.logging import get_logger, log_dir, show_debug

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD)


class LaunchService:
    """Runs until nothing is left to do; `run` returns the exit status."""

    def __init__(
        self, *, argv: Iterable[str] = (), noninteractive: bool = False, debug: bool = False
    ) -> None:
        if debug:
            show_debug()
        self.context = LaunchContext(argv=argv, noninteractive=noninteractive)
        self._debug, self._logger, self._status = debug, get_logger('launch'), 0
        self._interrupted = self._terminated = False
        self._selector = selectors.DefaultSelector()

    def include_launch_description(self, launch_description: Any) -> None:
        self.context.emit_event_sync(IncludeLaunchDescription(launch_description))

    def run(self) -> int:
        self._logger.info(f'All log files can be found below {log_dir()}')
        level = 'DEBUG' if self._debug else 'INFO'
        self._logger.info(f'Default logging verbosity is set to {level}')
        wake, write = socket.socketpair()
        wake.setblocking(False)
        write.setblocking(False)
        former = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
        signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        self._selector.register(wake, selectors.EVENT_READ, self._on_signals)
        try:
            while not self._terminated and self._step():
                pass
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in former.items():
                signal.signal(number, handler)
        return self._status

    def _step(self) -> bool:
        """Do what can be done, then wait for more; False when all has ended."""
        context = self.context
        try:
            while context.events or context.starting:
                while context.starting:
                    context.starting.popleft().start(context, self._selector)
                if context.events:
                    self._answer(context.events.popleft())
        except Exception as error:  # noqa: BLE001  whatever a launch file raises ends the launch
            self._fail(error)
            return True
        if not context.running and not self._live_timers():
            if context.is_shutdown:
                return False
            self._shutdown(reason='idle', due_to_sigint=False)
            return True
        for key, _ in self._selector.select(self._patience()):
            key.data(key.fileobj)
        self._fire_timers()
        return True

    def _fail(self, error: Exception) -> None:
        if self._debug:
            import traceback

            self._logger.debug(traceback.format_exc())
        message = f'Caught exception in launch (see debug for traceback): {error}'
        self._logger.error(message)
        self._status = 1
        self._shutdown(reason=message, due_to_sigint=False)

    def _shutdown(self, *, reason: str, due_to_sigint: bool) -> None:
        if not self.context.is_shutdown:
            self.context.emit_event_sync(Shutdown(reason=reason, due_to_sigint=due_to_sigint))
        self.context.is_shutdown = True

    def _answer(self, event: Any) -> None:
        if isinstance(event, IncludeLaunchDescription):
            self._visit(event.launch_description)
        if isinstance(event, Shutdown):
            self.context.is_shutdown = True
        for handler in tuple(self.context.handlers):
            if handler.matcher(event):
                self.context.locals.event = event
                for entity in as_list(handler.handle(event, self.context)):
                    self._visit(entity)
                self.context.locals.event = None

    def _visit(self, entity: Any) -> None:
        for below in entity.visit(self.context) or []:
            self._visit(below)

    def _live_timers(self) -> bool:
        timers = self.context.timers
        over = self.context.is_shutdown
        timers[:] = [
            timer
            for timer in timers
            if not (timer[2].canceled or (over and timer[2].cancel_on_shutdown))
        ]
        heapq.heapify(timers)
        return bool(timers)

    def _patience(self) -> float | None:
        self._live_timers()
        timers = self.context.timers
        return max(0.0, timers[0][0] - time.monotonic()) if timers else None

    def _fire_timers(self) -> None:
        timers = self.context.timers
        while timers and timers[0][0] <= time.monotonic():
            action = heapq.heappop(timers)[2]
            if not action.canceled:
                self.context.emit_event_sync(TimerEvent(timer_action=action))

    def _on_signals(self, wake: Any) -> None:
        for number in os.read(wake.fileno(), 4096):
            if number == signal.SIGINT:
                self._on_sigint()
            elif number in (signal.SIGTERM, signal.SIGQUIT):
                self._on_sigterm(signal.Signals(number).name)
        for action in list(self.context.running):
            action.reap(self.context, self._selector)

    def _on_sigint(self) -> None:
        message = 'user interrupted with ctrl-c (SIGINT)'
        if self._interrupted:
            self._logger.warning(f'{message} again, ignoring...')
            return
        self._interrupted = True
        self._logger.warning(message)
        self._shutdown(reason='ctrl-c (SIGINT)', due_to_sigint=True)

    def _on_sigterm(self, name: str) -> None:
        self._logger.error(f'user interrupted with ctrl-\\ ({name}), terminating...')
        self._logger.error(f'using {name} can result in orphaned processes')
        self._logger.error('make sure no processes launched are still running')
        self._logger.error('run task was canceled')
        self._status, self._terminated = 1, True
