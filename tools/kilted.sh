#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A charge, and the tests of plc_kit and of standalone/, on ROS 2 Kilted: in build/kilted, a copy of this tree with its
# own .venv, so that both releases stand in one checkout.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${ROS_DISTRO:-}" ]; then
    echo "ros2_ccs: ROS 2 $ROS_DISTRO is sourced here; make kilted wants a shell in which none is" >&2
    exit 1
fi
copy=build/kilted
mkdir -p "$copy"
find "$copy" -mindepth 1 -maxdepth 1 ! -name .venv ! -name build ! -name install -exec rm -rf {} +
tar -c --exclude-vcs --exclude='*.so' --exclude=./.venv --exclude=./build --exclude=./install --exclude=./log --exclude=./bags . |
    tar -x -C "$copy"
cd "$copy"
ROS=kilted make run
bash -c 'source ./env.sh && python3 -m pytest src/plc_kit standalone'
