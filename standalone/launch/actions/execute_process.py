# SPDX-License-Identifier: Apache-2.0
"""Starts a process, passes on what it prints, starts it again, and ends it."""

from __future__ import annotations

from collections.abc import Iterable
import itertools
import os
import selectors
import shlex
import subprocess
from typing import Any

from launch.action import Action
from launch.actions.flow import EmitEvent, OpaqueFunction, TimerAction
from launch.event_handlers import EventHandler, OnProcessExit, OnShutdown
from launch.events import matches_action
from launch.events.process import ProcessExited, ProcessStarted, ShutdownProcess, SignalProcess
from launch.logging import get_logger, write
from launch.substitutions import LaunchConfiguration, normalize, perform, truth

_COUNTER = itertools.count(1)
# output= -> (stream to screen, stream to log) for stdout and stderr
OUTPUTS = {
    'screen': {'stdout': (True, False), 'stderr': (True, False)},
    'log': {'stdout': (False, True), 'stderr': (True, True)},
    'both': {'stdout': (True, True), 'stderr': (True, True)},
    'own_log': {'stdout': (False, True), 'stderr': (False, True)},
    'full': {'stdout': (True, True), 'stderr': (True, True)},
}


class ExecuteProcess(Action):
    """A process; in the launcher's process group, so that a Ctrl-C reaches it too."""

    def __init__(
        self,
        *,
        cmd: Iterable[Any],
        name: Any = None,
        cwd: Any = None,
        env: dict[Any, Any] | None = None,
        additional_env: dict[Any, Any] | None = None,
        prefix: Any = None,
        shell: bool = False,
        sigterm_timeout: Any = None,
        sigkill_timeout: Any = None,
        output: Any = 'log',
        log_cmd: bool = False,
        emulate_tty: bool = False,
        on_exit: Any = None,
        respawn: Any = False,
        respawn_delay: float | None = None,
        respawn_max_retries: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cmd = [normalize(part) for part in cmd]
        self.name, self.cwd, self.env, self.additional_env = name, cwd, env, additional_env
        self.prefix, self.shell, self.log_cmd = prefix, shell, log_cmd
        self._sigterm_timeout = _timeout('sigterm_timeout', sigterm_timeout)
        self._sigkill_timeout = _timeout('sigkill_timeout', sigkill_timeout)
        self._output, self._on_exit = (
            os.environ.get('OVERRIDE_LAUNCH_PROCESS_OUTPUT', output),
            on_exit,
        )
        self._respawn, self._delay, self._retries = respawn, respawn_delay, respawn_max_retries
        self.process_details: dict[str, Any] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._escalation: list[TimerAction] = []
        self._ending = self._executed = False

    @property
    def return_code(self) -> int | None:
        return self._process and self._process.returncode

    def sub_entities(self) -> list[Any]:
        return self._on_exit if isinstance(self._on_exit, list) else []

    def execute(self, context: Any) -> None:
        details = self._prepare(context)
        if self._executed:
            raise RuntimeError(f"ExecuteLocal action '{details['name']}': executed more than once")
        self._executed = True
        if context.is_shutdown:
            return
        self.process_details, self._logger = details, get_logger(details['name'])
        output = self._output if isinstance(self._output, str) else perform(context, self._output)
        if output not in OUTPUTS:
            raise ValueError(
                f'{output} is not a valid standard output config i.e. "screen", "log" or "both"'
            )
        self._routes = OUTPUTS[output]
        self._respawn = truth(context, self._respawn)
        self._register(context)
        context.running.append(self)
        context.starting.append(self)

    def _prepare(self, context: Any) -> dict[str, Any]:
        prefix = LaunchConfiguration('launch-prefix', default='')
        prefixed = perform(context, prefix if self.prefix is None else self.prefix)
        cmd = shlex.split(prefixed) + [perform(context, part) for part in self.cmd]
        name = os.path.basename(cmd[0]) if self.name is None else perform(context, self.name)
        base = context.environment if self.env is None else self.env
        env = {**base, **(self.additional_env or {})}
        return {
            'action': self,
            'name': f'{name}-{next(_COUNTER)}',
            'cmd': cmd,
            'cwd': None if self.cwd is None else perform(context, self.cwd),
            'env': {perform(context, key): perform(context, env[key]) for key in env},
        }

    def _register(self, context: Any) -> None:
        for event_type, answer in (
            (ShutdownProcess, self._on_shutdown_process),
            (SignalProcess, self._on_signal_process),
        ):
            context.register_event_handler(
                EventHandler(matcher=lambda e, t=event_type: isinstance(e, t), entities=answer)
            )
        context.register_event_handler(OnShutdown(on_shutdown=self._on_shutdown))
        if self._on_exit is not None:
            context.register_event_handler(
                OnProcessExit(target_action=self, on_exit=self._on_exit)
            )

    def start(self, context: Any, selector: selectors.BaseSelector) -> None:
        """Start the process, unless everything ended while it waited to come back."""
        if self._ending:
            self._leave(context)
            return
        details = self.process_details
        if self.log_cmd:
            self._logger.info(
                f"process details: cmd='{_line(details['cmd'])}', cwd='{details['cwd']}', "
                'custom_env?=True'
            )
        try:
            self._process = subprocess.Popen(
                _line(details['cmd']) if self.shell else details['cmd'],
                shell=self.shell,
                cwd=details['cwd'],
                env=details['env'],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self._logger.error(f'exception occurred while executing process:\n{error}')
            self._leave(context)
            return
        details['pid'] = self._process.pid
        self._logger.info(f'process started with pid [{self._process.pid}]')
        self._pending = {}
        for route, pipe in (('stdout', self._process.stdout), ('stderr', self._process.stderr)):
            os.set_blocking(pipe.fileno(), False)
            self._pending[pipe] = (route, b'')
            selector.register(pipe, selectors.EVENT_READ, lambda p: self._read(p, selector))
        context.emit_event_sync(ProcessStarted(**details))

    def _read(self, pipe: Any, selector: selectors.BaseSelector) -> bool:
        if pipe not in self._pending:
            return False  # closed in this same turn, by the end of the process
        try:
            chunk = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        route, rest = self._pending[pipe]
        *lines, rest = (rest + chunk).split(b'\n')
        if not chunk and rest:
            lines, rest = [*lines, rest], b''
        self._pending[pipe] = (route, rest)
        screen, log = self._routes[route]
        for line in lines:
            text = f'[{self.process_details["name"]}] {line.decode(errors="replace")}'
            write(text, screen=screen, log=log)
        if not chunk:
            self._close(pipe, selector)
        return bool(chunk)

    def _close(self, pipe: Any, selector: selectors.BaseSelector) -> None:
        del self._pending[pipe]
        selector.unregister(pipe)
        pipe.close()

    def reap(self, context: Any, selector: selectors.BaseSelector) -> None:
        """See whether the process has ended; say so, and start it again where wanted."""
        if self._process is None or self._process.returncode is not None:
            return
        if self._process.poll() is None:
            return
        for pipe in list(self._pending):
            while self._read(pipe, selector):
                pass
            if pipe in self._pending:
                self._close(pipe, selector)  # a grandchild holds the other end
        self._process.stdin.close()
        details, code = self.process_details, self._process.returncode
        if code == 0:
            self._logger.info(f'process has finished cleanly [pid {details["pid"]}]')
        else:
            self._logger.error(
                f'process has died [pid {details["pid"]}, exit code {code}, '
                f"cmd '{_line(details['cmd'])}']."
            )
        context.emit_event_sync(ProcessExited(returncode=code, **details))
        self._come_back_or_leave(context)

    def _come_back_or_leave(self, context: Any) -> None:
        if context.is_shutdown or self._ending or not self._respawn or not self._retries:
            return self._leave(context)
        self._retries -= 1
        if not self._delay:
            context.starting.append(self)
            return None
        again = OpaqueFunction(function=lambda context: context.starting.append(self))
        self._pause = TimerAction(period=self._delay, actions=[again])
        self._process = None
        return self._pause.execute(context)

    def _leave(self, context: Any) -> None:
        for timer in self._escalation:
            timer.cancel()
        context.running.remove(self)

    def _on_shutdown(self, event: Any, context: Any) -> list[Any] | None:
        return self._end(context, send_sigint=not event.due_to_sigint or context.noninteractive)

    def _on_shutdown_process(self, event: Any, context: Any) -> list[Any] | None:
        return self._end(context, send_sigint=True) if event.process_matcher(self) else None

    def _end(self, context: Any, *, send_sigint: bool) -> list[Any] | None:
        if self._ending or self not in context.running:
            return None
        self._ending = True
        if self._process is None or self._process.returncode is not None:
            return self._leave(context)
        matcher = matches_action(self)
        sigint = EmitEvent(event=SignalProcess(signal_number='SIGINT', process_matcher=matcher))
        patience = perform(context, self._sigterm_timeout)
        total = str(float(patience) + float(perform(context, self._sigkill_timeout)))
        self._escalation = [
            self._escalate(patience, 'SIGINT', 'SIGTERM'),
            self._escalate(total, 'SIGTERM', 'SIGKILL'),
        ]
        return [*self._escalation, *([sigint] if send_sigint else [])]

    def _escalate(self, seconds: str, former: str, number: str) -> TimerAction:
        message = (
            f"process[{self.process_details['name']}] failed to terminate '{seconds}' seconds "
            f"after receiving '{former}', escalating to '{number}'"
        )
        event = SignalProcess(signal_number=number, process_matcher=matches_action(self))
        return TimerAction(
            period=seconds,
            actions=[
                OpaqueFunction(function=lambda context: self._logger.error(message)),
                EmitEvent(event=event),
            ],
            cancel_on_shutdown=False,
        )

    def _on_signal_process(self, event: Any, context: Any) -> None:
        if not event.process_matcher(self):
            return
        if self._process is None:
            raise RuntimeError('Signal event received before execution.')
        if self._process.returncode is None:
            name = self.process_details['name']
            self._logger.info(f"sending signal '{event.signal.name}' to process[{name}]")
            self._process.send_signal(event.signal)


def _timeout(name: str, value: Any) -> Any:
    if value is None:
        return LaunchConfiguration(name, default='5')
    return str(value) if isinstance(value, int | float) else value


def _line(cmd: list[str]) -> str:
    return ' '.join(part for part in cmd if part.strip())
