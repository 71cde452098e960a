# SPDX-License-Identifier: Apache-2.0
"""`python3 -m plc_web.self_test [RELEASE]` tells whether a release works on this computer.

Every node's code is loaded, both EXI engines are held against each other, and a whole charge is
played in virtual time. No topic, no interface, no pilot and no contactor is touched.
"""

import importlib
from pathlib import Path
import sys

NODES = (
    'plc_modem.modem_node',
    'slac.slac_node',
    'v2g.transport_node',
    'v2g.session_node',
    'plc_log.record_node',
    'plc_vehicle.vehicle_node',
    'plc_web.serve_node',
    'launch',
    'launch_ros',
)
_CHARGE = 'good_case'


class Broken(RuntimeError):
    """The release does not work here; the text is a sentence."""


def main() -> None:
    """Test, and end with 0, or 1 and a sentence."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    try:
        _load(folder)
        _encode()
        _charge()
    except Exception as error:  # noqa: BLE001 whatever it is, this release is not to be used
        sys.stderr.write(f'self-test: {type(error).__name__}: {error}\n')
        sys.exit(1)
    sys.stdout.write('self-test: passed\n')


def _load(folder: Path | None) -> None:
    for name in NODES:
        module = importlib.import_module(name)
        file = Path(str(module.__file__)).resolve()
        ours = not name.startswith('launch')
        if folder is not None and ours and not file.is_relative_to(folder):
            raise Broken(f'{name} comes from {file}, which is of another release')


def _encode() -> None:
    """One message of a session through both engines."""
    from v2g.exi import encode, engines
    from v2g.schema import din

    header = din.MessageHeader(SessionID=bytes(8))
    message = din.V2G_Message(Header=header, Body=din.SessionSetupReq(EVCCID=bytes(6)))
    twin = engines.engine_named('python')
    if encode(din, message) != encode(din, message, engine=twin):
        raise Broken('the EXI engines differ')


def _charge() -> None:
    from plc_sim.scenario.record import complaints
    from plc_sim.scenario.table import scenario
    from plc_sim.scenario.virtual import Play

    row = scenario(_CHARGE)
    wrong = complaints(row, Play(row).run(), 0.0)
    if wrong:
        raise Broken(f'a charge in virtual time went wrong: {wrong}')


if __name__ == '__main__':
    main()
