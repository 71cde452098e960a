#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tells what a build in this shell goes with, as "ROS 2 jazzy, Python 3.12"; without a sourced one "ROS 2 kilted of the registry, …": tools/built_with.sh PYTHON [RECORD]
# With RECORD, a file that another shell wrote so, it tells nothing, and refuses in a sentence where that differs.
python=$1
record=${2:-}
if [ -n "${ROS_DISTRO:-}" ] && command -v ros2 >/dev/null; then
    ros="ROS 2 $ROS_DISTRO"
else
    ros="ROS 2 ${ROS:-$(cat "$(dirname "$0")/../.venv/release" 2>/dev/null || echo jazzy)} of the registry"
fi
version=$("$python" -V 2>/dev/null | cut -d. -f1,2)
now="$ros, ${version:-no Python}"
if [ -z "$record" ]; then
    echo "$now"
elif [ -f "$record" ] && [ "$now" != "$(cat "$record")" ]; then
    echo "ros2_ccs: this was built with $(cat "$record"), and here is $now; use a shell as then, or build anew: make clean setup" >&2
    exit 1
fi
