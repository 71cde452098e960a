#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the workspace without links, as a tree that can stand anywhere: tools/bundle.sh TREE
set -eu
cd "$(dirname "$0")/.."
tree=$1
venv=$PWD/.venv
if [ -z "${ROS_DISTRO:-}" ] || ! command -v ros2 >/dev/null; then
    export AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv"
fi
export PATH="$venv/bin:$PATH" PYTHONWARNINGS=ignore
rm -rf "$tree"
mkdir -p "$tree/install"
cp -rL install/plc_msgs "$tree/install/"  # its building takes long, and it holds no paths
python -m colcon --log-level error --log-base "$PWD/build/bundle/log" build --base-paths src launch \
    --packages-skip plc_msgs --build-base "$PWD/build/bundle" --install-base "$tree/install" \
    --event-handlers console_cohesion- console_start_end- status- summary+
rm -rf "$tree/install/COLCON_IGNORE"
cp -r env.sh standalone requirements LICENSE "$tree/"
cp install/built_with "$tree/install/"
install -D tools/built_with.sh "$tree/tools/built_with.sh"
