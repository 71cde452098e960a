# SPDX-License-Identifier: Apache-2.0
"""The floor of a CurrentDemand round trip: two DDS hops and a TCP round trip, nothing else.

Three processes, as in a charge: one publishes a request, one carries it to TCP and publishes the
response, one answers at once. Messages have the types, sizes and profiles of the real ones.
"""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
import itertools
import os
import socket
import subprocess
import sys
import time

import rclpy
from rclpy.node import Node

from plc_kit.executor import make_executor
from plc_kit.qos import STREAM
from plc_kit.quiet import publisher, subscription
from plc_msgs.msg import V2gtpMessage

REQUEST, RESPONSE = 34, 48  # octets of V2GTP, as DIN 70121's CurrentDemand has them
WARM_UP = 100  # round trips that do not count


class Relay(Node):
    """Carries from DDS to TCP and back."""

    def __init__(self, tcp: socket.socket) -> None:
        super().__init__('floor_relay')
        self._tcp = tcp
        self._rx = publisher(self, V2gtpMessage, 'floor_rx', STREAM)
        subscription(self, V2gtpMessage, 'floor_tx', self._carry, STREAM)

    def _carry(self, message: V2gtpMessage) -> None:
        self._tcp.sendall(message.payload.tobytes())
        octets = self._tcp.recv(4096)
        self._rx.publish(V2gtpMessage(payload=array('B', octets)))


class Asker(Node):
    """Asks again as soon as it has an answer, and notes when."""

    def __init__(self) -> None:
        super().__init__('floor_asker')
        self.times: list[float] = []
        self.tx = publisher(self, V2gtpMessage, 'floor_tx', STREAM)
        subscription(self, V2gtpMessage, 'floor_rx', lambda _: self.ask(), STREAM)

    def ask(self) -> None:
        self.times.append(time.monotonic())
        self.tx.publish(V2gtpMessage(payload=array('B', bytes(REQUEST))))


def _answer(server: socket.socket) -> None:
    tcp, _ = server.accept()
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while tcp.recv(4096):
        tcp.sendall(bytes(RESPONSE))


def _relay(port: int) -> None:
    tcp = socket.create_connection(('::1', port))
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    rclpy.init()
    executor = make_executor()
    executor.add_node(Relay(tcp))
    executor.spin()


@contextmanager
def _partners() -> Iterator[None]:
    with socket.create_server(('::1', 0), family=socket.AF_INET6) as server:
        port = str(server.getsockname()[1])
        relay = subprocess.Popen([sys.executable, __file__, 'relay', port])
        answerer = os.fork()
        if not answerer:
            _answer(server)
            os._exit(0)
    try:
        yield
    finally:
        relay.kill()
        relay.wait()
        os.waitpid(answerer, 0)  # its connection has ended


def floor(count: int = 1000) -> list[float]:
    """Return the durations of `count` round trips (s)."""
    with _partners():
        if not rclpy.ok():
            rclpy.init()
        asker, executor = Asker(), make_executor()
        executor.add_node(asker)
        while not (asker.tx.get_subscription_count() and asker.count_publishers('floor_rx')):
            executor.spin_once(0.1)
        time.sleep(0.5)  # the relay may have to discover this node yet
        asker.ask()
        while len(asker.times) <= count + WARM_UP:
            executor.spin_once(1.0)
        executor.shutdown()
        asker.destroy_node()
    times = asker.times[WARM_UP:]
    return [after - before for before, after in itertools.pairwise(times)]


if __name__ == '__main__':
    _relay(int(sys.argv[2]))
