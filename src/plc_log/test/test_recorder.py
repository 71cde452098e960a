# SPDX-License-Identifier: Apache-2.0
"""A recorder hears a topic as its publisher offers it, also one that shows up later."""

from types import SimpleNamespace
from unittest.mock import Mock

from rclpy.qos import DurabilityPolicy

from plc_kit.qos import LATCHED
from plc_log.recorder import Recorder

TOPIC = '/pev/modem/status'


def test_desk_5_a_topic_that_only_listeners_know_is_subscribed_to_once_it_has_a_publisher(
    monkeypatch,
):
    monkeypatch.setattr('plc_log.recorder.LOOK_PERIOD', 0)
    own, bag = Mock(), Mock()
    own.get_topic_names_and_types.return_value = [(TOPIC, ['plc_msgs/msg/ModemStatus'])]
    own.resolve_topic_name.return_value = TOPIC
    own.get_publishers_info_by_topic.return_value = []
    recorder = Recorder(own, bag, {TOPIC})
    recorder.turn()
    assert not own.create_subscription.called
    own.get_publishers_info_by_topic.return_value = [
        SimpleNamespace(qos_profile=LATCHED, topic_type_hash='')
    ]
    recorder.turn()
    recorder.turn()
    [call] = own.create_subscription.call_args_list
    assert call.args[3].durability == DurabilityPolicy.TRANSIENT_LOCAL
