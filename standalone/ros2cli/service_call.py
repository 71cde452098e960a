# SPDX-License-Identifier: Apache-2.0
"""Call a service."""

from __future__ import annotations

import argparse

from ros2cli.graph import load, node, spin
from ros2cli.text import fill_from_yaml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    add = parser.add_argument
    add('service_name', help="Name of the ROS service to call to (e.g. '/add_two_ints')")
    add('service_type', help="Type of the ROS service (e.g. 'std_srvs/srv/Empty')")
    add('values', nargs='?', default='{}', help='Values to fill the request with in YAML format')


def main(args: argparse.Namespace) -> str | None:
    """Call it and print what it answers."""
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
        future = client.call_async(request)
        spin(own, lambda: not future.done())
        if future.result() is None:
            return f'Exception while calling service: {future.exception()!r}'
        print(f'response:\n{future.result()!r}\n')
    return None
