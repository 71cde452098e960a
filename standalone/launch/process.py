# SPDX-License-Identifier: Apache-2.0
"""Starts a process, passes on what it prints, starts it again, and ends it."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from functools import partial
import itertools
import os
import selectors
import shlex
import signal
import subprocess
from typing import Any

from launch.entities import Action
from launch.event_handlers import OnProcessExit
from launch.events import ProcessExited, ProcessStarted
from launch.output import say, write
from launch.substitution import boolean_or_text, normalize, perform, truth
from launch.substitutions import LaunchConfiguration

COUNTER = itertools.count(1)
SIGTERM_TIMEOUT = LaunchConfiguration('sigterm_timeout', default=5)
SIGKILL_TIMEOUT = LaunchConfiguration('sigkill_timeout', default=5)
# whether (screen, log) get standard output, and whether standard error
OUTPUTS = {
    'screen': ((True, False), (True, False)),
    'log': ((False, True), (True, True)),
    'both': ((True, True), (True, True)),
}


@dataclass(eq=False)
class ExecuteProcess(Action):
    """A process; in the launcher's process group, so that a Ctrl-C reaches it too."""

    _: KW_ONLY
    cmd: Iterable[Any]
    prefix: Any = ''  # what stands before the command, e.g. a debugger
    name: Any = None  # in the log; else the first word's
    output: Any = 'log'
    additional_env: dict[Any, Any] | None = None
    on_exit: Any = None
    respawn: Any = False
    respawn_delay: float | None = None
    respawn_max_retries: int = -1
    sigterm_timeout: Any = SIGTERM_TIMEOUT
    sigkill_timeout: Any = SIGKILL_TIMEOUT

    def __post_init__(self) -> None:
        self.process_name: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ending, self._unfinished = False, {}
        self.cmd = [normalize(part) for part in self.cmd]
        self.prefix, self.output = normalize(self.prefix), normalize(self.output)
        self.name = None if self.name is None else normalize(self.name)
        more = (self.additional_env or {}).items()
        self._more = [(normalize(name), normalize(value)) for name, value in more]
        self.respawn = boolean_or_text(self.respawn)
        self.sigterm_timeout = normalize(self.sigterm_timeout)
        self.sigkill_timeout = normalize(self.sigkill_timeout)

    def execute(self, context: Any) -> None:
        if name := self.process_name:
            raise RuntimeError(f"ExecuteLocal action '{name}': executed more than once")
        words = [perform(context, part) for part in self.cmd]
        self._cmd = [*shlex.split(perform(context, self.prefix)), *words]
        first = os.path.basename(self._cmd[0])
        named = first if self.name is None else perform(context, self.name)
        self.process_name = f'{named}-{next(COUNTER)}'
        self._env = dict(context.environment)
        for name, value in self._more:
            self._env[perform(context, name)] = perform(context, value)
        output = os.environ.get('OVERRIDE_LAUNCH_PROCESS_OUTPUT') or perform(context, self.output)
        if output not in OUTPUTS:
            valid = 'is not a valid standard output config i.e. "screen", "log" or "both"'
            raise ValueError(f'{output} {valid}')
        self._routes, self._respawn = OUTPUTS[output], truth(context, self.respawn)
        if context.is_shutdown:
            return
        if self.on_exit is not None:
            context.handlers.appendleft(OnProcessExit(target_action=self, on_exit=self.on_exit))
        context.running.append(self)
        context.starting.append(self)

    def _say(self, message: str, level: str = 'INFO') -> None:
        say(self.process_name, message, level)

    def start(self, context: Any) -> None:
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
        for stream in (self._process.stdout, self._process.stderr):
            os.set_blocking(stream.fileno(), False)
            self._unfinished[stream] = b''
            read = partial(self._read, context, stream)
            context.selector.register(stream, selectors.EVENT_READ, read)
        context.events.append(ProcessStarted(*self._details()))

    def _details(self) -> tuple[Any, ...]:
        return self, self.process_name, self._cmd, self._process.pid

    def _read(self, context: Any, stream: Any, size: int = 65536) -> None:
        """Pass on whole lines of what there is; also the last one's part, if nothing follows."""
        if stream not in self._unfinished:
            return  # closed in this same turn, by the end of the process
        chunk = stream.read(size)
        last = chunk == b'' or size < 0
        *lines, rest = (self._unfinished[stream] + (chunk or b'')).split(b'\n')
        self._unfinished[stream] = rest
        screen, log = self._routes[stream is self._process.stderr]
        for line in [*lines, rest] if last and rest else lines:
            text = f'[{self.process_name}] {line.decode(errors="replace")}'
            write(text, screen=screen, log=log)
        if last:
            del self._unfinished[stream]
            context.selector.unregister(stream)
            stream.close()

    def reap(self, context: Any) -> None:
        """See whether the process has ended; say so, and start it again where wanted."""
        process = self._process
        if process is None or process.returncode is not None or process.poll() is None:
            return
        for stream in (process.stdout, process.stderr):
            self._read(context, stream, -1)  # a grandchild may hold the other end
        process.stdin.close()
        if process.returncode == 0:
            self._say(f'process has finished cleanly [pid {process.pid}]')
        else:
            cmd = ' '.join(part for part in self._cmd if part.strip())
            how = f'pid {process.pid}, exit code {process.returncode}'
            self._say(f"process has died [{how}, cmd '{cmd}'].", 'ERROR')
        context.events.append(ProcessExited(*self._details(), process.returncode))
        over = context.is_shutdown or self._ending
        if over or not self._respawn or not self.respawn_max_retries:
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
        timeouts = (self.sigterm_timeout, self.sigkill_timeout)
        patience, more = (perform(context, timeout) for timeout in timeouts)
        self._escalate(context, patience, 'SIGINT', 'SIGTERM')
        self._escalate(context, str(float(patience) + float(more)), 'SIGTERM', 'SIGKILL')

    def _escalate(self, context: Any, seconds: str, former: str, number: str) -> None:
        def escalate() -> None:
            if self._process.returncode is None:
                so_far = f"failed to terminate '{seconds}' seconds after receiving '{former}'"
                message = f"process[{self.process_name}] {so_far}, escalating to '{number}'"
                self._say(message, 'ERROR')
                self._signal(number)

        context.call_later(float(seconds), escalate)

    def _signal(self, number: str) -> None:
        self._say(f"sending signal '{number}' to process[{self.process_name}]")
        os.kill(self._process.pid, signal.Signals[number])  # Popen's own way would reap it
