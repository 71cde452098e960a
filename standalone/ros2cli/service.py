# SPDX-License-Identifier: Apache-2.0
"""`ros2 service list` and `call`."""

from argparse import Namespace

from ros2cli.graph import call, load, node, settled, show_names
from ros2cli.table import argument, flag, verb
from ros2cli.text import fill_from_yaml


def list_services(args: Namespace) -> None:
    """Output a list of available services."""
    with node() as own:
        show_names(settled(own.get_service_names_and_types), args)


def call_service(args: Namespace) -> str | None:
    """Call a service."""
    kind = load('srv', args.service_type)
    request = kind.Request()
    if refused := fill_from_yaml(request, args.values):
        return refused
    with node() as own:
        client = own.create_client(kind, args.service_name)
        if not client.service_is_ready():
            print('waiting for service to become available...', flush=True)
            while not client.wait_for_service(0.1):
                pass
        print(f'requester: making request: {request!r}\n', flush=True)
        print(f'response:\n{call(own, kind, args.service_name, request)!r}\n')
    return None


VERBS = {
    'call': verb(
        call_service,
        argument('service_name', "Name of the ROS service to call to (e.g. '/add_two_ints')"),
        argument('service_type', "Type of the ROS service (e.g. 'std_srvs/srv/Empty')"),
        argument('values', 'Values to fill the request with in YAML', nargs='?', default='{}'),
    ),
    'list': verb(
        list_services,
        flag('-t', '--show-types', 'Additionally show the service type', dest='types'),
        flag(
            '-c',
            '--count-services',
            'Only display the number of services discovered',
            dest='count',
        ),
        flag('--include-hidden-services', 'Consider hidden services as well', dest='hidden'),
    ),
}
