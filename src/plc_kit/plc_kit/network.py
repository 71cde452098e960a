# SPDX-License-Identifier: Apache-2.0
"""A simulated network: pairs of Ethernet interfaces in network namespaces of their own.

It needs no root. A child process, the broker, makes the namespaces (with a user namespace around
them for an ordinary user): one for each computer, as if each were a host, and one for the line
between. Who is the same user gets sockets of them over an abstract Unix socket. So only what
belongs on the power line lives in there, and ROS stays where every shell sees it. The namespaces
end with the last process that holds a part of them, on every way out.

Nothing that needs more than the standard library is imported: the broker starts without it.
"""

from collections.abc import Iterable
import fcntl
import os
from pathlib import Path
import socket
import struct
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from plc_kit.peer import process_and_user

REQUEST = struct.Struct('=16siii')  # interface, family, kind, proto
REFUSAL = struct.Struct('=i')  # errno, 0: a socket comes with it
READY = 'ready'  # the broker's word; behind it its descriptors of the computers' namespaces
TAP = -1  # in place of a socket's family: make the interface a TAP, and hand out its device
PATIENCE = 2.0  # s for one exchange
_LOOK = 0.05  # s between two looks for a network
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_BROKER = (
    'import sys; sys.path.append(sys.argv.pop(1)); '
    'from plc_kit.network_broker import main; main(sys.argv[1], sys.argv[2:])'
)
ANOTHER_NETWORK = (
    '; stop it, or give this one another name with network:=NAME and, since two graphs of one '
    'domain disturb each other, another ROS_DOMAIN_ID'
)

# What an interface that carries a charging session is set to (R25), below /proc/sys/net/ipv6/conf.
QUIET_IPV6 = {
    'accept_dad': '0',  # an address is usable at once: SDP is due 0.3 s after CM_SLAC_MATCH.CNF
    'dad_transmits': '0',
    'router_solicitations': '0',
    'accept_ra': '0',
    'addr_gen_mode': '0',  # EUI-64
}


class NetworkUnavailable(ValueError):
    """A simulated network cannot be made or reached; the text is a sentence for the user."""


class Network:
    """The owner's end: the network is there from here to close(), or to this process's end."""

    def __init__(self, name: str, outlets: Iterable[tuple[str, str]]) -> None:
        """Make a network with one pair of interfaces, OUTLET and OUTLET-modem, for each outlet.

        `outlets`: name (at most 9 letters) and MAC address (with colons) of each computer's end.
        Raises NetworkUnavailable.
        """
        self.name = name
        ends = list(outlets)
        place = str(Path(__file__).parents[1])
        # -I: what lies in the folder it is started in is none of its modules.
        command = [sys.executable, '-I', '-S', '-c', _BROKER, place, name]
        command += [word for outlet in ends for word in outlet]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._child.stdout is not None
        answer = self._child.stdout.readline().decode().strip()
        word, _, numbers = answer.partition(' ')
        if word != READY:
            self.close()
            raise NetworkUnavailable(answer or f'the simulated network {name} did not start')
        self._places = dict(zip((end for end, _ in ends), numbers.split(), strict=True))

    @property
    def pid(self) -> int:
        """The process in the line's namespace; it holds those of the computers' ends, too."""
        return self._child.pid

    def enter(self, end: str) -> str:
        """Return the words before a command that shall run where a computer's end is."""
        user = '' if os.getuid() == 0 else f'-t {self.pid} -U --preserve-credentials '
        return f'nsenter {user}--net=/proc/{self.pid}/fd/{self._places[end]}'

    def close(self) -> None:
        """Let the network go; sockets that were handed out keep their namespace alive."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()


def open_socket(
    network: str, interface: str, family: int, kind: int, proto: int = 0
) -> socket.socket:
    """Get a socket from where an interface of a simulated network is.

    It is not bound to the interface. Raises NetworkUnavailable or OSError.
    """
    return socket.socket(family, kind, proto, fileno=_ask(network, interface, family, kind, proto))


def open_tap(network: str, interface: str) -> int:
    """Put a TAP interface in the place of a simulated computer's end, and return its device.

    The TAP has the end's name, MAC address and settings; the end itself is named INTERFACE-wire
    from then on, and the kernel's IPv6 leaves it alone. A later TAP takes the same place. Raises
    NetworkUnavailable or OSError, PermissionError where /dev/net/tun is not open to this user.
    """
    return _ask(network, interface, TAP, 0, 0)


def _ask(network: str, interface: str, family: int, kind: int, proto: int) -> int:
    """Return the descriptor that the network's process hands out."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as broker:
        broker.settimeout(PATIENCE)
        try:
            broker.connect(address(network))
            _, uid = process_and_user(broker)
            if uid != os.getuid():
                raise NetworkUnavailable(f'another user stands for a network {network!r} of yours')
            broker.sendall(REQUEST.pack(interface.encode(), family, kind, proto))
            answer, descriptors, _, _ = socket.recv_fds(broker, REFUSAL.size, 1)
        except OSError as error:
            raise NetworkUnavailable(
                f'no simulated network {network!r} runs under this user; '
                'start one: ros2 launch plc_bringup sim.launch.py'
            ) from error
    if len(answer) < REFUSAL.size:
        raise NetworkUnavailable(f'the simulated network {network!r} gave no answer')
    if refusal := REFUSAL.unpack(answer)[0]:
        raise OSError(refusal, os.strerror(refusal))
    return int(descriptors[0])


def make_tap(name: str) -> int:
    """Make a TAP interface here, or take an idle one of that name, and return its device."""
    device = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
    try:
        wish = struct.pack('16sH22x', name.encode(), _IFF_TAP | _IFF_NO_PI)
        fcntl.ioctl(device, _TUNSETIFF, wish)
    except OSError:
        os.close(device)
        raise
    return device


def runs(network: str) -> bool:
    """Tell whether this user has a simulated network of that name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as broker:
        broker.settimeout(PATIENCE)
        return broker.connect_ex(address(network)) == 0


def await_network(network: str, patience: float) -> None:
    """Wait until a simulated network is there; raises NetworkUnavailable after `patience` s."""
    end = time.monotonic() + patience
    while True:
        try:
            open_socket(network, '', socket.AF_INET, socket.SOCK_DGRAM).close()
        except NetworkUnavailable:
            if time.monotonic() >= end:
                raise
            time.sleep(_LOOK)
        else:
            return


def twice(network: str) -> str:
    """Say that a network is there already."""
    return f'a simulated network {network!r} runs already{ANOTHER_NETWORK}'


def address(network: str) -> str:
    """Return the broker's Unix address, an abstract one: each user has names of his own."""
    return f'\0ros2_ccs.{os.getuid()}.{network}'


def claim_line(domain: int) -> socket.socket:
    """Say that a simulated line of this user is in a ROS domain, until what is returned is closed.

    Each user has names of networks of his own, but two users' graphs meet in one domain of a
    computer. Raises NetworkUnavailable where a line of another user is in it.
    """
    everybodys, mine = f'ros2_ccs.line.{domain}.', f'ros2_ccs.line.{domain}.{os.getuid()}.'
    claimed = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    claimed.bind(f'\0{mine}{os.getpid()}.{claimed.fileno()}')
    names = Path('/proc/net/unix').read_text(errors='replace').split('@')
    if any(one.startswith(everybodys) and not one.startswith(mine) for one in names):
        claimed.close()
        raise NetworkUnavailable(
            f"another user's simulated line is in ROS domain {domain} of this computer, and two"
            ' graphs of one domain disturb each other; set another ROS_DOMAIN_ID'
        )
    return claimed
