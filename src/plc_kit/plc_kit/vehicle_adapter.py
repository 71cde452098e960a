# SPDX-License-Identifier: Apache-2.0
"""The contract of a vehicle (docs/integration.md), kept for whoever knows the hardware."""

from contextlib import suppress
from math import isnan, nan
import time
from typing import Any

from builtin_interfaces.msg import Time

from plc_kit.clock import STEADY, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.lease import Lease, Refused
from plc_kit.outputs import VehicleOutputs, lapsed
from plc_kit.qos import NEWEST
from plc_kit.sparing_log import SparingLog
from plc_kit.terms import terms_of
from plc_msgs.msg import VehicleCommand, VehicleStatus

PERIOD = 0.05  # s between two vehicle/status, at most
TOLD_TO_END = "the vehicle's node was told to end"
_NEVER = Time()
_LOOK = 0.02  # s between two looks at the current, at the end


class VehicleAdapter(ClosingNode):
    """Obeys vehicle/command as long as its lease runs, and tells vehicle/status 20 times a second.

    A subclass fills in `measure` and `drive`, and calls `tell` when something changed that should
    not wait for the next twentieth of a second. Outputs are driven safe at start and at the end,
    the lock to where `measure` finds it: what a former process has left is not known.
    """

    place = 'vehicle'

    def __init__(self, name: str = 'vehicle', **node_options: Any) -> None:
        super().__init__(name, **node_options)
        self.outputs = VehicleOutputs()  # what they shall be now
        self._driven: VehicleOutputs | None = None  # what they are; None: nobody knows
        self._lease = Lease()
        self._refused, self._why = 0, ''
        self._tale = SparingLog(self)
        self._leaving, self._last_call = False, ''
        self._status = self.create_publisher(VehicleStatus, 'vehicle/status', NEWEST)
        self.create_subscription(VehicleCommand, 'vehicle/command', self._on_command, NEWEST)
        self.create_timer(PERIOD, self.tell, clock=STEADY)
        self._diagnostics = Diagnostics(self, self._find)

    def measure(self) -> VehicleStatus:
        """Return what the sensors say; `lease_lapsed` is filled in afterwards.

        `stamp` too, unless it is set: to when the inlet was measured, where that is not now (R9).
        """
        raise NotImplementedError

    def drive(self, outputs: VehicleOutputs) -> None:
        """Make contactors, lock and pilot so; called at start, at the end, and on a change."""
        raise NotImplementedError

    @property
    def commanded(self) -> bool:
        """Somebody has held the lease since the start: `outputs` are somebody's wish."""
        return self._lease.deadline is not None

    def tell(self) -> None:
        """Measure, go safe if the lease has lapsed, and publish."""
        status = self.measure()
        if (wanted := self._wanted(status)) != self._driven:
            self._drive(wanted)
            status = self.measure()
        status.lease_lapsed = self._lease.lapsed(now())
        status.charge_wanted = status.charge_wanted and not self._leaving
        status.fault = status.fault or self._last_call
        if status.stamp == _NEVER:
            status.stamp = stamp()
        self._status.publish(status)

    def ask_for_end(self, *, fault: bool) -> None:
        """Told to end: have the session stop first, by R1, as normal or as a fault."""
        self._leaving = True
        if fault:
            self._last_call = TOLD_TO_END
        self.tell()

    def destroy_node(self) -> None:
        """Leave nothing closed behind, whatever hardware raises; the lock stays."""
        try:
            self._let_go()
        finally:
            super().destroy_node()

    def _on_command(self, msg: VehicleCommand) -> None:
        asked = VehicleOutputs(
            plus=msg.contactor_plus,
            minus=msg.contactor_minus,
            lock=msg.lock,
            pilot=msg.pilot_state,
            isolation_monitor_off=msg.isolation_monitor_off,
        )
        try:
            if asked.objection:
                raise Refused(asked.objection)
            self._lease.renew(terms_of(msg.lease), now(), safe=asked.safe)
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        self._set(asked)

    def _set(self, outputs: VehicleOutputs) -> None:
        if outputs != self._driven:
            self._drive(outputs)
            self.tell()

    def _wanted(self, status: VehicleStatus) -> VehicleOutputs:
        """What outputs shall be now; before the first command safe, and the lock not moved."""
        deadline, when = self._lease.deadline, now()
        if deadline is None:
            return VehicleOutputs(lock=status.lock != VehicleStatus.OPEN)
        if self._lease.lapsed(when):
            return lapsed(self.outputs, when - deadline, _amperes(status))
        return self.outputs

    def _let_go(self) -> None:
        """Make outputs safe as a lapse does: B at once, contactors when little flows (R1)."""
        since, held = now(), self._wanted(self._seen())
        while (left := lapsed(held, now() - since, _amperes(self._seen()))).closed:
            if left != self._driven:
                with suppress(Exception):  # it is tried again, and the last time raises
                    self._drive(left)
            time.sleep(_LOOK)
        self._drive(left)
        with suppress(Exception):  # outputs are safe; telling of it is a courtesy
            self.tell()

    def _drive(self, outputs: VehicleOutputs) -> None:
        self.outputs, self._driven = outputs, None
        self.drive(outputs)
        self._driven = outputs

    def _seen(self) -> VehicleStatus:
        try:
            return self.measure()
        except Exception:  # noqa: BLE001 who can measure nothing waits for a second, and then opens
            return VehicleStatus(pack_current=nan, inlet_current=nan)

    def _refuse(self, why: str) -> None:
        self._refused += 1
        if why != self._why:
            self._tale.warning(f'a command is not obeyed: {why}')
        self._why = why

    def _find(self) -> list[Finding]:
        level = WARN if self._refused else OK
        return [Finding('Commands', level, self._why, {'refused': self._refused})]


def _amperes(status: VehicleStatus) -> float:
    """What flows, in either direction; NaN: nobody measures it.

    An inlet that tells an exact 0 may be one whose current nobody filled in.
    """
    inlet, pack = abs(float(status.inlet_current)), float(status.pack_current)
    return abs(pack) if isnan(inlet) else max(inlet, pack)
