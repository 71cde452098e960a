# SPDX-License-Identifier: Apache-2.0
"""What a ROS 2 that is sourced has, or leaves behind, and standalone/ does not."""

import importlib.util
import os
import socket
import subprocess

import pytest

SOURCED = 'ROS_DISTRO' in os.environ
PORT = 11511  # of the daemon of domain 0; the next domain's is the next one
DOMAINS = range(233)

NO_BAG_COMMAND = SOURCED and importlib.util.find_spec('ros2bag') is None
needs_bag_command = pytest.mark.skipif(NO_BAG_COMMAND, reason='this ROS 2 has no `ros2 bag`')


def daemons():
    """Return the domains in which a daemon of ros2cli listens."""
    return {domain for domain in DOMAINS if SOURCED and _listens(PORT + domain)}


def _listens(port):
    with socket.socket() as one:
        return one.connect_ex(('127.0.0.1', port)) == 0


def stop(domains):
    """End their daemons."""
    for domain in domains:
        env = {**os.environ, 'ROS_DOMAIN_ID': str(domain)}
        subprocess.run(('ros2', 'daemon', 'stop'), env=env, capture_output=True, check=False)
