# SPDX-License-Identifier: Apache-2.0
"""The modem node with a QCA7005: a lifecycle that can be gone through again."""

import os

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter

from plc_kit.clock import now
from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_kit.run import CannotStart
from plc_modem.modem_node import ModemNode
from plc_modem.state import ModemState
from plc_sim.line import Line, Outlet, Settings
from plc_sim.ports.forwarding import Forwarding


@pytest.fixture
def line():
    """A line with one outlet, `pev`, whose modem answers; returns the network's name."""
    try:
        network = Network(f'spin-{os.getpid()}', [('pev', '02:70:65:76:00:01')])
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    model = Line([Outlet('pev', '02:70:65:76:00:02', False)], Settings(), os.urandom)

    def heard(outlet, octets):
        for one in model.receive(outlet, octets, now()):
            forwarding.send(one.outlet, one.octets)

    ends = {'pev': Interface('pev-modem', network.name)}
    forwarding = Forwarding(ends, heard, model.routes.__getitem__, model.lost)
    yield network.name
    forwarding.close()
    network.close()


@pytest.fixture
def make_node(line, domain_of_its_own):
    """Make a modem node with an SPI device of that name."""
    made = []

    def make(spi):
        values = {'modem': 'qca7005', 'interface': f'pev@{line}', 'spi': spi}
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        try:
            made.append(ModemNode(context=domain_of_its_own, parameter_overrides=overrides))
        except CannotStart as error:
            if '/dev/net/tun' in str(error):
                pytest.skip(str(error))
            raise
        return made[-1]

    yield make
    for node in made:
        node.destroy_node()


@pytest.fixture
def domain_of_its_own():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=2 + os.getpid() % 99)
    yield context
    rclpy.shutdown(context=context)


def test_the_modem_is_found_over_spi_and_again_after_the_node_was_cleaned_up(make_node):
    node = make_node('sim')
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)

    def found():
        end = now() + 20.0
        while node._modem.state is not ModemState.FOUND:
            assert now() < end
            executor.spin_once(0.05)

    found()
    assert node._modem.mac == '02:70:65:76:00:02'
    node.trigger_deactivate()
    node.trigger_cleanup()
    assert node._modem.state is ModemState.INACTIVE
    node.trigger_configure()
    node.trigger_activate()
    found()
    executor.remove_node(node)
    [finding] = node._find()
    assert finding.values['resets'] == 0


def test_a_fault_that_does_not_exist_is_told_in_a_sentence(make_node):
    with pytest.raises(CannotStart, match="'melt@3' is no FAULT@FRAME; faults are signature"):
        make_node('sim,melt@3')
