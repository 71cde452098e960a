# SPDX-License-Identifier: Apache-2.0
"""`ros2 service list` and `call`."""

from plc_log.recorder import load
from ros2cli.graph import answer, node, settled, show_names
from ros2cli.text import fill_from_yaml


def list_(*, show_types: bool = False) -> None:
    """Output a list of available services."""
    with node() as own:
        show_names(settled(own, own.get_service_names_and_types), show_types)


def call_(service_name: str, service_type: str, values: str = '{}') -> None:
    """Call a service."""
    kind = load('srv', service_type)
    request = kind.Request()
    fill_from_yaml(request, values)
    with node() as own:
        client = own.create_client(kind, service_name)
        if not client.service_is_ready():
            print('waiting for service to become available...', flush=True)
        while not client.wait_for_service(0.1):
            pass
        print(f'requester: making request: {request!r}\n', flush=True)
        print(f'response:\n{answer(own, client.call_async(request))!r}\n')
