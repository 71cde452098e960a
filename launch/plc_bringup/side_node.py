# SPDX-License-Identifier: Apache-2.0
"""A side in one process: the same four nodes, with the same names and topics (composed:=true)."""

from plc_kit.run import run
from plc_modem.modem_node import ModemNode
from slac.slac_node import SlacNode
from v2g.session_node import SessionNode
from v2g.transport_node import TransportNode


def main() -> None:
    """Run them."""
    run(SessionNode, TransportNode, SlacNode, ModemNode)
