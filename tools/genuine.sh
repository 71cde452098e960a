#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The README's commands, and the tests, under a genuine ROS 2: sourced, or named as ROS_PREFIX=/opt/ros/jazzy.
set -e
cd "$(dirname "$0")/.."
tree=$PWD
if [ -n "${ROS_PREFIX:-}" ]; then
    # shellcheck disable=SC1091
    . "$ROS_PREFIX/setup.bash"
fi
if [ -z "${ROS_DISTRO:-}" ] || ! command -v ros2 >/dev/null; then
    echo "no ROS 2 is sourced; name one: make genuine ROS_PREFIX=/opt/ros/jazzy" >&2
    exit 2
fi
if ! grep -qs 'include-system-site-packages = true' .venv/pyvenv.cfg; then
    # This workspace is built without it: build a copy with it, of what git knows.
    copy=$tree/build/genuine
    mkdir -p "$copy"
    git ls-files -z | tar c --null -T - | tar x -C "$copy"
    cd "$copy"
    make setup
fi
# shellcheck disable=SC1091
. ./env.sh
export PATH=$PWD/.venv/bin:$PATH
exec python3 tools/genuine.py "$@"
