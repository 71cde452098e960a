# SPDX-License-Identifier: Apache-2.0
"""A simulated line with a vehicle and a charger at it, each launched apart, and the truth of both.

What the matrices (kill_matrix.py, interrupt_matrix.py) and tests have in common.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import itertools
import os
from pathlib import Path
import signal
import subprocess
import tempfile
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor

from plc_kit.qos import NEWEST, STATES
from plc_msgs.msg import CableVehicleEnd, ChargingState, ControlPilot, SupplyStatus

SILENT = 0.5  # s after which an end of the simulated cable counts as gone
QUICK = '/**:\n  ros__parameters: {isolation_time: 0.4}\n'
ENDS_WITH_US = ('setpriv', '--pdeathsig', 'KILL')
_NUMBERS = itertools.count()


class Group:
    """A command in a process group of its own, and what it prints."""

    def __init__(self, command: tuple[str, ...], log: Path) -> None:
        self.log = log
        with log.open('wb') as out:
            self.process = subprocess.Popen(
                (*ENDS_WITH_US, *command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**os.environ, 'XDG_STATE_HOME': str(log.parent)},
            )

    def members(self) -> dict[int, str]:
        """Return the processes of its group that live, as {pid: command line}."""
        found = {}
        for stat in Path('/proc').glob('[0-9]*/stat'):
            try:
                fields = stat.read_text().rpartition(')')[2].split()
                words = (stat.parent / 'cmdline').read_bytes().split(b'\0')
            except OSError:
                continue
            if int(fields[2]) == self.process.pid and fields[0] != 'Z':
                found[int(stat.parent.name)] = b' '.join(words).decode()
        return found

    def pid_of(self, executable: str) -> int:
        """Return the process that runs lib/PACKAGE/EXECUTABLE, or the launcher."""
        if executable == 'launcher':
            return self.process.pid
        found = [pid for pid, words in self.members().items() if f'/{executable} ' in words]
        return found[-1]

    def end(self) -> None:
        """Kill what is left of it."""
        if self.members():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Truth:
    """What the outputs of a side really did, and what its session said."""

    states: list[tuple[float, ChargingState]] = field(default_factory=list)
    changes: list[tuple[float, bool]] = field(default_factory=list)  # when it became safe or not
    heard: float = 0.0  # s, steady: when the outputs were last seen

    def see(self, safe: bool, when: float) -> None:
        """Take a look at the outputs."""
        self.heard = when
        if not self.changes or self.changes[-1][1] != safe:
            self.changes.append((when, safe))

    def miss(self, when: float) -> None:
        """Outputs whose owner is silent have fallen open."""
        if self.heard and when - self.heard > SILENT:
            self.see(True, self.heard + SILENT)
            self.heard = when

    @property
    def state(self) -> ChargingState:
        """What its session said last."""
        return self.states[-1][1] if self.states else ChargingState()

    def safe_after(self, since: float) -> float | None:
        """Return how many s after `since` it was safe; 0: it was already; None: never."""
        before = [safe for when, safe in self.changes if when <= since]
        if not before or before[-1]:
            return 0.0  # or nothing was driven yet
        return next((when - since for when, safe in self.changes if safe and when > since), None)

    def began_again(self, since: float) -> bool:
        """Tell whether a session was active after one had ended since then."""
        told = [state for when, state in self.states if when > since]
        over = (ChargingState.IDLE, ChargingState.FINISHED, ChargingState.FAILED)
        ended = next((n for n, s in enumerate(told) if not s.active and s.stage in over), None)
        return ended is not None and any(state.active for state in told[ended:])


class Sides:
    """The line, the launches of /pev and /evse, and what is seen of them."""

    def __init__(
        self, folder: Path, network: str, *arguments: str, line: tuple[str, ...] = ()
    ) -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node('sides', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.truth = {'pev': Truth(), 'evse': Truth()}
        self._subscribe()
        quick = folder / 'quick.yaml'
        quick.write_text(QUICK)
        name = ('-p', f'network:={network}', '-r', '__ns:=/line')
        name += tuple(word for parameter in line for word in ('-p', parameter))
        commands = {'line': ('ros2', 'run', 'plc_sim', 'line', '--ros-args', *name)}
        for side in ('pev', 'evse'):
            launch = ('ros2', 'launch', 'plc_bringup', f'{side}.launch.py')
            given = (f'interface:={side}@{network}', f'params_file:={quick}', *arguments)
            commands[side] = (*launch, *given)
        self.groups = {
            name: Group(command, folder / f'{name}.log') for name, command in commands.items()
        }

    def _subscribe(self) -> None:
        def vehicle(end: CableVehicleEnd) -> None:
            resting = end.pilot_state in (ControlPilot.A, ControlPilot.B, ControlPilot.UNKNOWN)
            self.truth['pev'].see(resting and not end.connected, time.monotonic())

        def supply(status: SupplyStatus) -> None:
            self.truth['evse'].see(not status.output, time.monotonic())

        make = self.node.create_subscription
        make(CableVehicleEnd, '/cable/vehicle_end', vehicle, NEWEST)
        make(SupplyStatus, '/evse/supply/status', supply, NEWEST)
        for side, truth in self.truth.items():
            heard = self._noting(truth)
            make(ChargingState, f'/{side}/charging/state', heard, STATES)

    @staticmethod
    def _noting(truth: Truth) -> Callable[[ChargingState], None]:
        return lambda state: truth.states.append((time.monotonic(), state))

    def wait(self, until: Callable[[], object], patience: float = 40.0) -> bool:
        """Spin until something holds; tell whether it did."""
        end = time.monotonic() + patience
        while not (holds := until()) and time.monotonic() < end:
            self._executor.spin_once(0.02)
            for truth in self.truth.values():
                truth.miss(time.monotonic())
        return bool(holds)

    def reach(self, side: str, stage: str) -> bool:
        """Wait until a side has come to a stage; one after the loop is asked for by a stop."""
        wanted = getattr(ChargingState, stage)
        if wanted > ChargingState.CHARGE_LOOP:
            self.reach('pev', 'CHARGE_LOOP')
            self.wait(lambda: self.truth['pev'].state.present_current > 5)
            self.call('/pev/charging/stop')
        states = self.truth[side].states
        seen = len(states)
        return self.wait(
            lambda: any(state.stage == wanted for _, state in states[seen:] or states[-1:]), 120.0
        )

    def call(self, service: str) -> None:
        """Call a Trigger service and do not wait for its answer."""
        from std_srvs.srv import Trigger

        client = self.node.create_client(Trigger, service)
        self.wait(client.service_is_ready, 5)
        client.call_async(Trigger.Request())

    @property
    def output(self) -> str:
        """All that was printed."""
        return '\n'.join(one.log.read_text(errors='replace') for one in self.groups.values())

    def close(self) -> None:
        """Kill what is left."""
        for group in self.groups.values():
            group.end()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)


@contextmanager
def two_sides(*arguments: str, line: tuple[str, ...] = ()) -> Iterator[Sides]:
    """Start both sides; whatever is left of them is killed. `line`: parameters of the line."""
    with tempfile.TemporaryDirectory() as folder:
        network = f'x{os.getpid()}n{next(_NUMBERS)}'
        sides = Sides(Path(folder), network, *arguments, line=line)
        try:
            yield sides
        finally:
            sides.close()
