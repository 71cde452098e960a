#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rclpy's EventsExecutor, and a callback that takes message info beside the message.
#
# One would guess: it is another way to wait, so callbacks that run under SingleThreadedExecutor run under it too.
# So it is: with rclpy 7.1.6 a subscription whose callback has two parameters, which rclpy documents, ends spin with a
# SystemError at its first message.
# Seen on 2026-11-30:
#   SingleThreadedExecutor: called with message and info
#   EventsExecutor: SystemError
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q -c "$here/requirements/constraints.txt" \
    'ros-rclpy[fastrtps]==7.1.6' ros-rmw-fastrtps-cpp==8.4.3 ros-std-msgs==5.3.6
env -i PATH="$PATH" HOME="$folder" ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST ROS_DOMAIN_ID=77 \
    "$folder/venv/bin/python" - >"$folder/seen" <<'PYTHON'
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.experimental import EventsExecutor
from std_msgs.msg import String


def outcome(executor):
    """Publish until the callback was called; tell how that ended."""
    node = rclpy.create_node('listener')
    called = []
    node.create_subscription(String, 'text', lambda message, info: called.append(info), 10)
    publisher = node.create_publisher(String, 'text', 10)
    executor.add_node(node)
    end = time.monotonic() + 20
    try:
        while not called and time.monotonic() < end:
            publisher.publish(String(data='hello'))
            executor.spin_once(timeout_sec=0.1)
        return 'called with message and info' if called else 'not called'
    except SystemError as error:
        return type(error).__name__
    finally:
        node.destroy_node()


rclpy.init()
print('SingleThreadedExecutor:', outcome(SingleThreadedExecutor()))
print('EventsExecutor:', outcome(EventsExecutor()))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
SingleThreadedExecutor: called with message and info
EventsExecutor: SystemError
SEEN
