# SPDX-License-Identifier: Apache-2.0
"""The mqtt node at a real Mosquitto."""

import json
from pathlib import Path

import pytest

from plc_home.mqtt_node import MqttNode
from plc_kit.clock import stamp
from plc_kit.qos import LATCHED, NEWEST
from plc_msgs.msg import ChargingState, ChargingVehicle, ControlPilot, PilotStatus, SupplyCommand

HERE = 'ros2_ccs/evse'


class Side:
    """A charger's session that tells of itself."""

    def __init__(self, graph, broker, **parameters):
        self.graph, teller = graph, graph.teller
        self.state = teller.create_publisher(ChargingState, 'charging/state', LATCHED)
        self.vehicle = teller.create_publisher(ChargingVehicle, 'charging/vehicle', LATCHED)
        self.pilot = teller.create_publisher(PilotStatus, 'pilot/status', NEWEST)
        self.supply = teller.create_publisher(SupplyCommand, 'supply/command', NEWEST)
        where = f'127.0.0.1:{broker.port}'
        self.node = graph.make(MqttNode, broker=where, period=0.1, **parameters)
        publishers = (self.state, self.vehicle, self.pilot, self.supply)
        graph.wait(lambda: all(one.get_subscription_count() for one in publishers))

    def reads(self, soc=0.55):
        self.state.publish(
            ChargingState(
                stage_name='CHARGE_LOOP',
                active=True,
                present_voltage=355.04,
                present_current=float('nan'),
                target_voltage=403.0,
                target_current=120.0,
                charger_max_voltage=500.0,
                charger_max_current=200.0,
            )
        )
        self.vehicle.publish(
            ChargingVehicle(
                status=ChargingVehicle.READ,
                status_name='READ',
                stamp=stamp(),
                soc=soc,
                full_soc=1.0,
                bulk_soc=0.8,
                energy_capacity=78_500.0,
                energy_request=float('nan'),
                departure_time=float('nan'),
                evcc_id='0123456789ab',
                protocols=['urn:din:70121:2012:MsgDef'],
            )
        )
        self.pilot.publish(PilotStatus(pilot=ControlPilot(state=ControlPilot.C)))
        self.supply.publish(SupplyCommand(contactors=True))


@pytest.fixture
def side(graph, broker):
    return Side(graph, broker)


def below(listener):
    length = len(HERE) + 1
    heard = listener.heard.copy()  # its thread goes on writing
    return {k[length:]: v for k, v in heard.items() if k.startswith(f'{HERE}/')}


def test_the_field_s_topics_reach_the_broker(side, listener, graph):
    side.reads()
    graph.wait(lambda: below(listener).get('relay_request') and below(listener).get('soc') == '55')
    graph.wait(lambda: below(listener).get('fsm_state'))
    told = below(listener)
    assert told['status'] == 'online'
    assert (told['fsm_state'], told['cpstate'], told['relay_request']) == ('CHARGE_LOOP', 'C', '1')
    assert (told['battery_capacity'], told['energy_request']) == ('78500', 'None')
    assert (told['charger_voltage'], told['charger_current']) == ('355.0', 'None')
    assert (told['target_voltage'], told['target_current']) == ('403.0', '120.0')
    assert (told['charger_max_voltage'], told['charger_max_current']) == ('500.0', '200.0')
    assert (told['evccid'], told['vehicle']) == ('0123456789ab', 'READ')


def test_home_assistant_finds_the_values_under_the_topics_it_is_told(side, listener, graph):
    side.reads()
    graph.wait(lambda: 'soc' in below(listener) and 'fsm_state' in below(listener))
    topic = 'homeassistant/sensor/ros2_ccs_evse/soc/config'
    config = json.loads(graph.wait(lambda: listener.heard.get(topic)))
    assert (config['unit_of_measurement'], config['device_class']) == ('%', 'battery')
    assert listener.heard[config['state_topic']] == '55'
    assert listener.heard[config['availability_topic']] == config['payload_available']


def test_values_return_when_mosquitto_was_stopped_and_started(side, broker, listener, graph):
    side.reads()
    graph.wait(lambda: below(listener).get('soc') == '55')
    broker.stop()
    side.reads(0.6)
    graph.spin(0.3)
    listener.heard.clear()
    broker.start()  # without persistence: it has forgotten everything
    graph.wait(lambda: below(listener).get('soc') == '60', 60)
    graph.wait(lambda: below(listener).get('status') == 'online')
    assert 'homeassistant/sensor/ros2_ccs_evse/soc/config' in listener.heard


def test_over_tls_with_a_password_values_come_and_return(
    graph, secure_broker, secure_listener, certificate, tmp_path
):
    secret = tmp_path / 'secret'
    secret.write_text('s3cret\n')
    who = {'username': 'box', 'password_file': str(secret)}
    side = Side(graph, secure_broker, tls=True, ca_file=str(certificate.file), **who)
    side.reads()
    graph.wait(lambda: below(secure_listener).get('soc') == '55')
    secure_broker.stop()
    graph.wait(lambda: not side.node._telling.connected)
    side.reads(0.6)
    secure_listener.heard.clear()
    secure_broker.start()  # it has forgotten everything
    graph.wait(lambda: below(secure_listener).get('soc') == '60', 60)
    graph.wait(lambda: below(secure_listener).get('status') == 'online')
    assert 'homeassistant/sensor/ros2_ccs_evse/soc/config' in secure_listener.heard


@pytest.mark.parametrize(
    ('trusts', 'password', 'words'),
    [(False, 's3cret', 'certificate is not trusted'), (True, 'wrong', 'Not authorized')],
)
def test_a_broker_that_is_not_trusted_or_does_not_trust_is_told_nothing(
    graph, secure_broker, secure_listener, certificate, tmp_path, trusts, password, words
):
    secret = tmp_path / 'secret'
    secret.write_text(password)
    who = {'username': 'box', 'password_file': str(secret)}
    side = Side(
        graph, secure_broker, tls=True, ca_file=str(certificate.file) if trusts else '', **who
    )
    side.reads()
    graph.wait(lambda: words in side.node._find()[0].message)
    assert below(secure_listener) == {}


def test_a_node_that_ends_says_so_and_one_that_dies_has_left_a_will(side, listener, graph):
    graph.wait(lambda: below(listener).get('status') == 'online')
    sockets = side.node._mqtt._client.socket()
    sockets.shutdown(2)  # a connection that breaks without a word
    graph.wait(lambda: (f'{HERE}/status', 'offline') in listener.order)
    graph.wait(lambda: below(listener).get('status') == 'online')  # and comes back
    listener.order.clear()
    graph.remove(side.node)
    graph.wait(lambda: below(listener).get('status') == 'offline')


def test_nothing_of_a_car_that_has_left_stays(side, listener, graph):
    side.reads()
    graph.wait(lambda: below(listener).get('soc') == '55')
    side.vehicle.publish(
        ChargingVehicle(
            status_name='EMPTY',
            **dict.fromkeys(('soc', 'full_soc', 'bulk_soc', 'energy_capacity'), float('nan')),
        )
    )
    empty = {'soc': 'None', 'evccid': 'None', 'battery_capacity': 'None', 'vehicle': 'EMPTY'}
    graph.wait(lambda: empty.items() <= below(listener).items())


def test_a_broker_that_is_away_is_told_in_diagnostics(graph, port):
    node = graph.make(MqttNode, broker=f'127.0.0.1:{port}')
    graph.wait(lambda: 'does not answer' in node._find()[0].message)


def test_a_broker_that_knows_no_tls_is_told_in_diagnostics(graph, broker):
    node = graph.make(MqttNode, broker=f'127.0.0.1:{broker.port}', tls=True)
    graph.wait(lambda: 'does not answer' in node._find()[0].message)


def test_a_password_file_that_is_not_there_is_a_sentence(graph, tmp_path):
    with pytest.raises(ValueError, match='not_there'):
        graph.make(MqttNode, password_file=str(tmp_path / 'not_there'))


@pytest.mark.parametrize('parameters', [{'topic': 'home/#'}, {'discovery': '+'}])
def test_desk_8_a_wildcard_in_a_topic_is_a_sentence(graph, parameters):
    with pytest.raises(ValueError, match='has a wildcard'):
        graph.make(MqttNode, **parameters)


def test_desk_8_an_empty_password_file_is_a_sentence(graph, tmp_path):
    (tmp_path / 'secret').touch()
    with pytest.raises(ValueError, match=r'password_file: .* is empty'):
        graph.make(MqttNode, password_file=str(tmp_path / 'secret'))


def test_each_topic_is_in_the_docs():
    from plc_home.topics import TOPICS

    page = Path(__file__).parents[3] / 'docs/wallbox.md'
    text = page.read_text()
    assert [name for name in TOPICS if f'`{name}`' not in text] == []
