# SPDX-License-Identifier: Apache-2.0
"""Carries a launch description out: events, processes, timers and signals in one thread."""

import os
import selectors
import signal
import time
import traceback
from typing import Any

from launch.context import LaunchContext
from launch.events import Shutdown
from launch.output import log_file, say
from launch.utilities import AsyncSafeSignalManager


class LaunchService:
    """Runs until nothing is left to do; `run` returns the exit status."""

    def __init__(self, *, noninteractive: bool = False, debug: bool = False) -> None:
        self.context = LaunchContext(noninteractive=noninteractive)
        self._debug, self._status = debug, 0
        self._interrupted = False

    def include_launch_description(self, launch_description: Any) -> None:
        self.context.events.append([launch_description])

    def run(self) -> int:
        say('launch', f'All log files can be found below {os.path.dirname(log_file().name)}')
        say('launch', f'Default logging verbosity is set to {"DEBUG" if self._debug else "INFO"}')
        self._listen()
        while self._turn():
            pass
        return self._status

    def _listen(self) -> None:
        manager = AsyncSafeSignalManager()
        for number, handler in ((signal.SIGINT, self._on_sigint), (signal.SIGCHLD, self._reap)):
            manager.handle(number, handler)
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: None)  # the pipe tells of it
        wake, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        read = lambda: manager.heard(os.read(wake, 4096))  # noqa: E731
        self.context.selector.register(wake, selectors.EVENT_READ, read)
        manager.enter()

    def _turn(self) -> bool:
        """Do what can be done, then wait for more; False when all has ended."""
        context = self.context
        try:
            while context.starting or context.events:
                while context.starting:  # before the next event, as is usual
                    context.starting.popleft().start(context)
                if context.events:
                    self._answer(context.events.popleft())
        except Exception as error:  # noqa: BLE001  whatever a launch file raises ends the launch
            self._fail(error)
            return True
        if context.running or (context.timers and not context.is_shutdown):
            self._wait()
            return True
        ended = context.is_shutdown
        self._shutdown(reason='idle')
        return not ended

    def _wait(self) -> None:
        context = self.context
        due = min((timer[0] for timer in context.timers), default=float('inf'))
        patience = None if due == float('inf') else max(0.0, due - time.monotonic())
        for key, _ in context.selector.select(patience):
            key.data()
        now = time.monotonic()
        for timer in [timer for timer in context.timers if timer[0] <= now]:
            context.timers.remove(timer)
            timer[1]()

    def _visit(self, entity: Any) -> None:
        for below in entity.visit(self.context):
            self._visit(below)

    def _answer(self, event: Any) -> None:
        """Visit what an event entails; a list of entities is an event of its own."""
        context = self.context
        if isinstance(event, Shutdown):
            context.is_shutdown = True
            context.timers.clear()
        handlers = () if isinstance(event, list) else tuple(context.handlers)
        for entity in event if isinstance(event, list) else ():
            self._visit(entity)
        for handler in handlers:
            for entity in handler.answer(event, context):
                self._visit(entity)
        context.locals.event = None
        for process in reversed(context.running) if isinstance(event, Shutdown) else ():
            process.end(context, not event.due_to_sigint or context.noninteractive)

    def _fail(self, error: Exception) -> None:
        message = f'Caught exception in launch (see debug for traceback): {error}'
        if self._debug:
            say('launch', ''.join(traceback.format_exception(error)), 'DEBUG')
        say('launch', message, 'ERROR')
        self._status = 1
        self._shutdown(reason=message)

    def _shutdown(self, *, reason: str, due_to_sigint: bool = False) -> None:
        if not self.context.is_shutdown:
            self.context.events.append(Shutdown(reason, due_to_sigint))
        self.context.is_shutdown = True

    def _reap(self, _: int) -> None:
        for process in tuple(self.context.running):
            process.reap(self.context)

    def _on_sigint(self, _: int) -> None:
        again = ' again, ignoring...' if self._interrupted else ''
        say('launch', f'user interrupted with ctrl-c (SIGINT){again}', 'WARNING')
        self._interrupted = True
        self._shutdown(reason='ctrl-c (SIGINT)', due_to_sigint=True)
