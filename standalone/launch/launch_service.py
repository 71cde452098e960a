# SPDX-License-Identifier: Apache-2.0
"""Carries a launch description out: events, processes, timers and signals in one thread."""

import os
import selectors
import signal
import socket
import time
from typing import Any

from launch.events import Shutdown
from launch.launch_context import LaunchContext
from launch.output import log_file, say

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD)


class LaunchService:
    """Runs until nothing is left to do; `run` returns the exit status."""

    def __init__(self, *, noninteractive: bool = False, debug: bool = False) -> None:
        self.context = LaunchContext(noninteractive=noninteractive)
        self._debug, self._status, self._included = debug, 0, []
        self._interrupted = self._terminated = False
        self._selector = selectors.DefaultSelector()

    def include_launch_description(self, launch_description: Any) -> None:
        self._included.append(launch_description)

    def run(self) -> int:
        say('launch', f'All log files can be found below {os.path.dirname(log_file().name)}')
        say('launch', f'Default logging verbosity is set to {"DEBUG" if self._debug else "INFO"}')
        wake, write = socket.socketpair()
        write.setblocking(False)
        former = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
        signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        self._selector.register(wake, selectors.EVENT_READ, self._on_signals)
        try:
            while not self._terminated and self._turn():
                pass
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in former.items():
                signal.signal(number, handler)
        return self._status

    def _turn(self) -> bool:
        """Do what can be done, then wait for more; False when all has ended."""
        context = self.context
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  whatever a launch file raises ends the launch
            self._fail(error)
            return True
        if context.is_shutdown:
            context.timers = [timer for timer in context.timers if timer[2]]
        if not context.running and not context.timers:
            if context.is_shutdown:
                return False
            self._shutdown(reason='idle')
            return True
        next_timer = min((timer[0] for timer in context.timers), default=None)
        patience = None if next_timer is None else max(0.0, next_timer - time.monotonic())
        for key, _ in self._selector.select(patience):
            key.data(key.fileobj)
        for timer in sorted(context.timers, key=lambda timer: timer[0]):
            if timer[0] <= time.monotonic() and timer in context.timers:
                context.timers.remove(timer)
                timer[1]()
        return True

    def _work(self) -> None:
        """Visit what was included; start processes before the next event, as is usual."""
        context = self.context
        while self._included or context.starting or context.events:
            if self._included:
                self._visit(self._included.pop(0))
            while context.starting:
                context.starting.popleft().start(context, self._selector)
            if context.events:
                self._answer(context.events.popleft())

    def _visit(self, entity: Any) -> None:
        for below in entity.visit(self.context):
            self._visit(below)

    def _answer(self, event: Any) -> None:
        ends = isinstance(event, Shutdown)
        self.context.is_shutdown |= ends
        for handler in tuple(self.context.handlers):
            if handler.matcher(event):
                self.context.locals.event = event
                answer = handler.handle(event, self.context) or []
                for entity in answer if isinstance(answer, list | tuple) else [answer]:
                    self._visit(entity)
        self.context.locals.event = None
        for process in reversed(self.context.running) if ends else ():
            process.end(self.context, not event.due_to_sigint or self.context.noninteractive)

    def _fail(self, error: Exception) -> None:
        message = f'Caught exception in launch (see debug for traceback): {error}'
        if self._debug:
            import traceback

            say('launch', ''.join(traceback.format_exception(error)), 'DEBUG')
        say('launch', message, 'ERROR')
        self._status = 1
        self._shutdown(reason=message)

    def _shutdown(self, *, reason: str, due_to_sigint: bool = False) -> None:
        if not self.context.is_shutdown:
            self.context.emit_event_sync(Shutdown(reason=reason, due_to_sigint=due_to_sigint))
        self.context.is_shutdown = True

    def _on_signals(self, wake: socket.socket) -> None:
        for number in wake.recv(4096):
            if number == signal.SIGINT:
                self._on_sigint()
            elif number in (signal.SIGTERM, signal.SIGQUIT):
                self._on_sigterm(signal.Signals(number).name)
        for process in list(self.context.running):
            process.reap(self.context, self._selector)

    def _on_sigint(self) -> None:
        message = 'user interrupted with ctrl-c (SIGINT)'
        again = ' again, ignoring...' if self._interrupted else ''
        say('launch', message + again, 'WARNING')
        self._interrupted = True
        self._shutdown(reason='ctrl-c (SIGINT)', due_to_sigint=True)

    def _on_sigterm(self, name: str) -> None:
        for line in (
            f'user interrupted with ctrl-\\ ({name}), terminating...',
            f'using {name} can result in orphaned processes',
            'make sure no processes launched are still running',
            'run task was canceled',
        ):
            say('launch', line, 'ERROR')
        self._status, self._terminated = 1, True
