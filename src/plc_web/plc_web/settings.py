# SPDX-License-Identifier: Apache-2.0
"""What a user may set on the management page's own node."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from plc_kit.setting import setting

SIDES = {
    'pev.launch.py': ('/pev',),
    'evse.launch.py': ('/evse',),
    'sim.launch.py': ('/pev', '/evse'),
}


@dataclass(frozen=True)
class WebSettings:
    """Parameters of the node web."""

    address: str = setting(
        '127.0.0.1', 'address to listen at; other than loopback only once a password is set'
    )
    port: int = setting(8470, 'TCP port; 0: a free one', 0, 65535)
    hosts: str = setting('', 'further names by which a browser may call this computer, by commas')
    state: str = setting('', 'folder of all that is kept; empty: ~/.local/state/ros2_ccs')
    bags: str = setting('', 'folder of the recorded sessions; empty: bags in the state folder')
    launch: str = setting('pev.launch.py', 'launch file of the graph', choices=tuple(SIDES))
    arguments: str = setting('', 'launch arguments, as interface:=eth1 vehicle:=gpio')
    record: bool = setting(True, 'record every session into the folder of the bags')
    start_graph: bool = setting(False, 'start the graph with the page')
    certificate: str = setting('', 'PEM file of a TLS certificate; empty: HTTP')
    private_key: str = setting('', 'PEM file of its key')
    releases: str = setting('', 'folder of the installed releases; empty: no updates here')
    update_key: str = setting(
        '/etc/ros2_ccs/release.pub', 'file with the ed25519 key that signs releases, as PEM'
    )
    wifi_setup: bool = setting(
        False, 'open an access point for setting up where no WiFi network is known'
    )

    @property
    def state_folder(self) -> Path:
        return Path(self.state) if self.state else Path.home() / '.local/state/ros2_ccs'

    @property
    def bags_folder(self) -> Path:
        return Path(self.bags) if self.bags else self.state_folder / 'bags'

    @property
    def sides(self) -> tuple[str, ...]:
        """The namespaces that the launch file fills."""
        return SIDES[self.launch]

    @property
    def scheme(self) -> str:
        return 'https' if self.certificate else 'http'

    @property
    def is_local(self) -> bool:
        """Whether nobody but this computer reaches the page."""
        try:
            return ip_address(self.address).is_loopback
        except ValueError:
            return self.address == 'localhost'
