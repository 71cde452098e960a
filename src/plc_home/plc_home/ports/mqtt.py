# SPDX-License-Identifier: Apache-2.0
"""A connection to an MQTT broker that comes back by itself, in a thread of paho-mqtt."""

from collections.abc import Callable
from dataclasses import dataclass, field
import ssl
import sys
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from plc_home.broker import Broker
from plc_home.telling import Publish

KEEP_ALIVE = 15  # s; half as much again without a word, and the broker tells the last will
_SHORTEST, _LONGEST = 1, 30  # s between two tries to connect
_GOODBYE = 1.0  # s for the last message


@dataclass(frozen=True)
class Access:
    """Who we are to a broker."""

    client_id: str = ''
    username: str = ''
    password: str = field(default='', repr=False)
    context: ssl.SSLContext | None = None  # None: without TLS


@dataclass(frozen=True, slots=True)
class Connection:
    """It has come, or gone with a reason."""

    up: bool
    reason: str = ''


class Mqtt:
    """Publishes retained messages while there is a connection; what comes else is dropped.

    `changed` is called in paho's thread. Nothing here waits for the network.
    """

    def __init__(
        self,
        broker: Broker,
        access: Access,
        will: Publish,
        changed: Callable[[Connection], object],
    ) -> None:
        self._changed, self._refused = changed, False
        self._client = client = paho.Client(CallbackAPIVersion.VERSION2, access.client_id)
        client.will_set(will.topic, will.payload, qos=1, retain=True)
        if access.username:
            client.username_pw_set(access.username, access.password or None)
        if access.context is not None:
            client.tls_set_context(access.context)
        client.reconnect_delay_set(_SHORTEST, _LONGEST)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        client.connect_async(broker.host, broker.port, KEEP_ALIVE)
        client.loop_start()

    def publish(self, message: Publish) -> None:
        """Send without an answer: TCP keeps the order, and a new connection gets everything."""
        if self._client.is_connected():
            self._client.publish(message.topic, message.payload, qos=0, retain=True)

    def close(self, last: Publish) -> None:
        """Say goodbye in place of the last will, and end the thread."""
        if self._client.is_connected():
            said = self._client.publish(last.topic, last.payload, qos=1, retain=True)
            said.wait_for_publish(_GOODBYE)
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Any, data: Any, flags: Any, code: Any, properties: Any) -> None:
        self._refused = code.is_failure
        self._changed(Connection(not code.is_failure, str(code) if code.is_failure else ''))

    def _on_disconnect(self, client: Any, data: Any, flags: Any, code: Any, _: Any) -> None:
        """A broker that refuses hangs up too; its reason is told already."""
        refused, self._refused = self._refused, False
        if not refused:
            self._changed(Connection(False, str(code)))

    def _on_connect_fail(self, client: Any, data: Any) -> None:
        """Paho calls this while it handles what has failed."""
        match sys.exception():
            case ssl.SSLCertVerificationError(verify_message=why):
                reason = f'its certificate is not trusted: {why}'
            case error:
                reason = f'the broker does not answer: {error}'
        self._changed(Connection(False, reason))
