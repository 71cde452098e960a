# SPDX-License-Identifier: Apache-2.0
"""The only wired interface on which a HomePlug modem answers (interface:=auto)."""

from collections.abc import Callable, Iterable
from contextlib import suppress
import threading

from plc_kit.interface import Interface, ethernet_interfaces
from plc_modem.homeplug import LOCAL_MODEM, MalformedMme, Mme, build, dissect
from plc_modem.homeplug.station import VS_SW_VER_CNF, VS_SW_VER_REQ
from plc_modem.ports.ethernet import EthernetPort

_QUESTIONS = 3
_PATIENCE = 0.3  # s after each question


class NotFound(ValueError):
    """No interface, or more than one, has a modem; the text is a sentence for the user."""


def find_modem() -> Interface:
    """Ask each wired interface for a modem, all at once; raises NotFound, NoAccess."""
    names = ethernet_interfaces()
    answering = _ask([Interface.parse(name) for name in names])
    if len(answering) == 1:
        return answering[0]
    if answering:
        raise NotFound(
            f'HomePlug modems answer on {_listed(map(str, answering))}; '
            'choose one with interface:=NAME'
        )
    where = f'on {_listed(names)}' if names else 'because there is no wired interface'
    raise NotFound(
        f'no HomePlug modem answers {where}; choose with interface:=NAME, '
        'or try it without hardware: ros2 launch plc_bringup sim.launch.py'
    )


def _ask(interfaces: list[Interface]) -> list[Interface]:
    answered = {interface: threading.Event() for interface in interfaces}
    ports = {i: EthernetPort(i, _told(event)) for i, event in answered.items()}
    for _ in range(_QUESTIONS):
        for interface, port in ports.items():
            port.send(build(Mme(LOCAL_MODEM, interface.mac.hex(':'), VS_SW_VER_REQ())))
        _wait(list(answered.values()))
    for port in ports.values():
        port.close()
    return [interface for interface, event in answered.items() if event.is_set()]


def _told(event: threading.Event) -> Callable[[bytes], None]:
    def heard(octets: bytes) -> None:
        with suppress(MalformedMme):
            if isinstance(dissect(octets).message, VS_SW_VER_CNF):
                event.set()

    return heard


def _wait(events: list[threading.Event]) -> None:
    pause = threading.Event()
    pause.wait(_PATIENCE if not all(event.is_set() for event in events) else 0)


def _listed(names: Iterable[str]) -> str:
    return ', '.join(names)
