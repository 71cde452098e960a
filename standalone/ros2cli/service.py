# SPDX-License-Identifier: Apache-2.0
"""`ros2 service list` and `call`."""

from ros2cli.graph import call, load, node, ready_client, settled, show_names
from ros2cli.text import fill_from_yaml


def list_services(
    *,
    show_types: bool = False,
    count_services: bool = False,
    include_hidden: bool = False,
) -> None:
    """Output a list of available services.

    show_types: Additionally show the service type
    count_services: Only display the number of services discovered
    include_hidden: Consider hidden services as well
    """
    with node() as own:
        found = settled(own, own.get_service_names_and_types)
    show_names(found, show_types, count_services, include_hidden)


def call_service(service_name: str, service_type: str, values: str = '{}') -> str | None:
    """Call a service.

    service_name: Name of the ROS service to call to (e.g. '/add_two_ints')
    service_type: Type of the ROS service (e.g. 'std_srvs/srv/Empty')
    values: Values to fill the service request with in YAML format (e.g. '{a: 1, b: 2}')
    """
    kind = load('srv', service_type)
    request = kind.Request()
    if refused := fill_from_yaml(request, values):
        return refused
    with node() as own:
        waiting = 'waiting for service to become available...'
        client = ready_client(own, kind, service_name, waiting=waiting)
        print(f'requester: making request: {request!r}\n', flush=True)
        print(f'response:\n{call(own, client, request)!r}\n')
    return None


VERBS = {'call': call_service, 'list': list_services}
