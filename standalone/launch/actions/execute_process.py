# SPDX-License-Identifier: Apache-2.0
"""Starts a process, passes on what it prints, starts it again, and ends it."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
import itertools
import os
import selectors
import signal
import subprocess
from typing import Any

from launch.description import Action
from launch.event_handlers import OnProcessExit
from launch.events import ProcessExited, ProcessStarted
from launch.output import say, write
from launch.substitutions import LaunchConfiguration, perform, plain, truth

COUNTER = itertools.count(1)
# what goes to (screen, log) of standard output and of standard error
OUTPUTS = {
    'screen': ((True, False), (True, False)),
    'log': ((False, True), (True, True)),
    'both': ((True, True), (True, True)),
    'own_log': ((False, True), (False, True)),
    'full': ((True, True), (True, True)),
}


@dataclass(eq=False)
class ExecuteProcess(Action):
    """A process; in the launcher's process group, so that a Ctrl-C reaches it too."""

    _: KW_ONLY
    cmd: Iterable[Any]
    output: Any = 'log'
    additional_env: dict[Any, Any] = field(default_factory=dict)
    on_exit: Any = None
    respawn: Any = False
    respawn_delay: float | None = None
    respawn_max_retries: int = -1
    sigterm_timeout: Any = field(default_factory=lambda: LaunchConfiguration('sigterm_timeout', 5))
    sigkill_timeout: Any = field(default_factory=lambda: LaunchConfiguration('sigkill_timeout', 5))

    def __post_init__(self) -> None:
        self.process_name: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ending, self._timers, self._pending = False, [], {}

    def sub_entities(self) -> list[Any]:
        return self.on_exit if isinstance(self.on_exit, list) else []

    def execute(self, context: Any) -> None:
        if self.process_name:
            name = self.process_name
            raise RuntimeError(f"ExecuteLocal action '{name}': executed more than once")
        self._cmd = [perform(context, part) for part in self.cmd]
        self.process_name = f'{os.path.basename(self._cmd[0])}-{next(COUNTER)}'
        added = self.additional_env.items()
        self._env = dict(context.environment)
        self._env.update(
            {perform(context, name): perform(context, value) for name, value in added}
        )
        output = os.environ.get('OVERRIDE_LAUNCH_PROCESS_OUTPUT') or perform(context, self.output)
        if output not in OUTPUTS:
            valid = 'is not a valid standard output config i.e. "screen", "log" or "both"'
            raise ValueError(f'{output} {valid}')
        self._routes, self._respawn = OUTPUTS[output], truth(context, self.respawn)
        if context.is_shutdown:
            return
        if self.on_exit is not None:
            handler = OnProcessExit(target_action=self, on_exit=self.on_exit)
            context.register_event_handler(handler)
        context.running.append(self)
        context.starting.append(self)

    def _say(self, message: str, level: str = 'INFO') -> None:
        say(self.process_name, message, level)

    def start(self, context: Any, selector: selectors.BaseSelector) -> None:
        """Start the process, unless everything ended while it waited to come back."""
        if self._ending:
            return
        pipes = dict.fromkeys(('stdin', 'stdout', 'stderr'), subprocess.PIPE)
        try:
            self._process = subprocess.Popen(self._cmd, env=self._env, **pipes)
        except OSError as error:
            self._say(f'exception occurred while executing process:\n{error}', 'ERROR')
            context.running.remove(self)
            return
        self._say(f'process started with pid [{self._process.pid}]')
        streams = (self._process.stdout, self._process.stderr)
        for stream, route in zip(streams, self._routes, strict=True):
            os.set_blocking(stream.fileno(), False)
            self._pending[stream] = (route, b'')
            selector.register(stream, selectors.EVENT_READ, lambda s: self._read(s, selector))
        context.emit_event_sync(ProcessStarted(*self._details()))

    def _details(self) -> tuple[Any, ...]:
        return self, self.process_name, self._cmd, self._process.pid

    def _read(self, stream: Any, selector: selectors.BaseSelector) -> bool:
        """Pass on whole lines; False when for now, or for good, there is no more."""
        if stream not in self._pending:
            return False  # closed in this same turn, by the end of the process
        try:
            chunk = os.read(stream.fileno(), 65536)
        except BlockingIOError:
            return False
        (screen, log), rest = self._pending[stream]
        *lines, rest = (rest + chunk).split(b'\n')
        lines += [rest] if rest and not chunk else []
        self._pending[stream] = ((screen, log), rest)
        for line in lines:
            text = f'[{self.process_name}] {line.decode(errors="replace")}'
            write(text, screen=screen, log=log)
        if not chunk:
            self._close(stream, selector)
        return bool(chunk)

    def _close(self, stream: Any, selector: selectors.BaseSelector) -> None:
        del self._pending[stream]
        selector.unregister(stream)
        stream.close()

    def reap(self, context: Any, selector: selectors.BaseSelector) -> None:
        """See whether the process has ended; say so, and start it again where wanted."""
        process = self._process
        if process is None or process.returncode is not None or process.poll() is None:
            return
        for stream in list(self._pending):
            while self._read(stream, selector):
                pass
            if stream in self._pending:
                self._close(stream, selector)  # a grandchild holds the other end
        process.stdin.close()
        if process.returncode == 0:
            self._say(f'process has finished cleanly [pid {process.pid}]')
        else:
            cmd = ' '.join(part for part in self._cmd if part.strip())
            how = f'pid {process.pid}, exit code {process.returncode}'
            self._say(f"process has died [{how}, cmd '{cmd}'].", 'ERROR')
        context.emit_event_sync(ProcessExited(*self._details(), process.returncode))
        context.cancel(self._timers)
        if (
            context.is_shutdown
            or self._ending
            or not self._respawn
            or not self.respawn_max_retries
        ):
            context.running.remove(self)
            return
        self.respawn_max_retries -= 1
        context.call_later(self.respawn_delay or 0.0, lambda: context.starting.append(self))

    def end(self, context: Any, send_sigint: bool) -> None:
        """Send SIGINT, if the terminal has not; SIGTERM, then SIGKILL, once patience is over."""
        if self._ending:
            return
        self._ending = True
        if self._process is None or self._process.returncode is not None:
            context.running.remove(self)
            return
        if send_sigint:
            self._signal('SIGINT')
        timeouts = (plain(self.sigterm_timeout), plain(self.sigkill_timeout))
        patience, more = (perform(context, timeout) for timeout in timeouts)
        self._escalate(context, patience, 'SIGINT', 'SIGTERM')
        self._escalate(context, str(float(patience) + float(more)), 'SIGTERM', 'SIGKILL')

    def _escalate(self, context: Any, seconds: str, former: str, number: str) -> None:
        def escalate() -> None:
            so_far = f"failed to terminate '{seconds}' seconds after receiving '{former}'"
            message = f"process[{self.process_name}] {so_far}, escalating to '{number}'"
            self._say(message, 'ERROR')
            self._signal(number)

        self._timers.append(context.call_later(float(seconds), escalate, stays=True))

    def _signal(self, number: str) -> None:
        self._say(f"sending signal '{number}' to process[{self.process_name}]")
        self._process.send_signal(signal.Signals[number])
