# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_modem doctor`: tells whether all is there that a charge needs below SLAC."""

import argparse
from dataclasses import replace
import sys

from plc_modem.finding import all_well, report
from plc_modem.ports.checkup import Wanted, look
from plc_modem.ports.spi_bus import SpiSettings

_EPILOG = 'status 0: nothing is wrong; 1: something is; 2: the command was not understood'


def main() -> None:
    """Tell each finding as it is made."""
    findings = []
    try:
        for one in look(_wanted(_parser().parse_args())):
            findings.append(one)
            print(report([one]), flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
    print(_summary(all_well(findings)))
    sys.exit(not all_well(findings))


def _summary(well: bool) -> str:
    if well:
        return 'Nothing is wrong; a charge can begin.'
    return 'A charge cannot begin like this; what to do stands behind each ->.'


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser('doctor', description=__doc__, epilog=_EPILOG)
    spi = SpiSettings()
    parser.add_argument('--interface', default='auto', help='NAME, NAME@NETWORK, or auto')
    parser.add_argument('--modem', default='ar7420', choices=('ar7420', 'qca7005'))
    parser.add_argument('--role', default='', choices=('pev', 'evse'), help='wanted of the PIB')
    parser.add_argument('--allow-ipv4', action='store_true', help='as allow_ipv4:=true')
    parser.add_argument('--spi', default=spi.spi, help='SPI device of a QCA7005')
    parser.add_argument('--spi-mode', default=spi.spi_mode, type=int, choices=range(4))
    parser.add_argument('--spi-clock', default=spi.spi_clock, type=float, help='MHz')
    parser.add_argument('--spi-interrupt', default='', help='CHIP:LINE of the INT line, if wired')
    return parser


def _wanted(given: argparse.Namespace) -> Wanted:
    own = {
        name: getattr(given, name) for name in ('spi', 'spi_mode', 'spi_clock', 'spi_interrupt')
    }
    spi = replace(SpiSettings(), **own)
    return Wanted(given.interface, given.modem, given.role, given.allow_ipv4, spi)
