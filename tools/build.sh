#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the workspace with colcon, its nodes bound to the Python of .venv.
set -eu
cd "$(dirname "$0")/.."
venv=$PWD/.venv
if [ -z "${ROS_DISTRO:-}" ] || ! command -v ros2 >/dev/null; then
    export AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv"
fi
export PATH="$venv/bin:$PATH" PYTHONWARNINGS=ignore
echo "ros2_ccs: building the workspace: $(echo src/*/package.xml launch/package.xml | wc -w) packages, of which plc_msgs takes longest"
if [ -t 1 ]; then progress=status+; else progress=status-; fi  # it draws over its own line
"$venv/bin/python" -m colcon --log-level error build --base-paths src launch --symlink-install \
    --event-handlers console_cohesion- console_start_end- "$progress" summary+ \
    --cmake-args -DBUILD_TESTING=OFF -DPython3_EXECUTABLE="$venv/bin/python"
sh tools/built_with.sh "$venv/bin/python" >install/built_with
