# SPDX-License-Identifier: Apache-2.0
"""A node whose start is refused can be destroyed, as rclpy of Kilted and later does by itself."""

from importlib import import_module

import pytest
import rclpy

NODES = [
    ('plc_home.mqtt_node', 'MqttNode', 'declare'),
    ('plc_home.soc_callback_node', 'SocCallbackNode', 'declare'),
    ('plc_log.record_node', 'RecordNode', '_parser'),
    ('plc_log.status_node', 'StatusNode', 'declare'),
    ('plc_log.syslog_node', 'SyslogNode', 'declare'),
    ('plc_modem.modem_node', 'ModemNode', 'declare'),
    ('plc_sim.line_node', 'LineNode', 'declare'),
    ('plc_sim.supply_node', 'SupplyNode', 'declare'),
    ('plc_sim.vehicle_node', 'VehicleNode', 'declare'),
    ('plc_sim.wallbox_node', 'WallboxNode', 'declare'),
    ('plc_vehicle.bench_load_node', 'BenchLoadNode', 'declare'),
    ('plc_vehicle.vehicle_node', 'VehicleNode', 'declare'),
    ('slac.slac_node', 'SlacNode', 'declare'),
    ('v2g.session_node', 'SessionNode', 'declare'),
    ('v2g.transport_node', 'TransportNode', 'declare'),
]


class Refused(ValueError):
    pass


@pytest.mark.parametrize(('module', 'name', 'refusing'), NODES)
def test_a_node_that_is_refused_can_be_destroyed(domain, monkeypatch, module, name, refusing):
    def refuse(*_, **__):
        raise Refused

    kind = getattr(import_module(module), name)
    monkeypatch.setattr(f'{module}.{refusing}', refuse)
    rclpy.init()  # the default context, which each node takes that is given none
    try:
        node = kind.__new__(kind)
        with pytest.raises(Refused):
            node.__init__()
        node.destroy_node()
    finally:
        rclpy.try_shutdown()
