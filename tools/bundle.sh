#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the workspace without links and signs it: tools/bundle.sh VERSION KEY FILE
set -eu
cd "$(dirname "$0")/.."
version=$1 key=$2 file=$3
work=$PWD/build/bundle
tree=$work/tree
rm -rf "$tree"
mkdir -p "$tree/install"
cp -rL install/plc_msgs "$tree/install/"  # the only package whose building takes long; it holds no paths
PYTHONWARNINGS=ignore python3 -m colcon --log-level error --log-base "$work/log" build --base-paths src launch \
    --packages-skip plc_msgs --build-base "$work/build" --install-base "$tree/install" --allow-overriding \
    $(cd src && ls -d */ | tr -d /) plc_bringup \
    --event-handlers console_cohesion- console_start_end- status- summary+
cp -r env.sh standalone requirements LICENSE "$tree/"
if [ "$version" = "" ]; then exit 0; fi
ros2 run plc_web bundle make --tree "$tree" --version "$version" --key "$key" "$file"
