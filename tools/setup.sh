#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes .venv: ROS 2 and libraries from the package registry, or only the libraries where a ROS 2 is sourced.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
venv=$PWD/.venv
sh tools/preflight.sh

if [ -n "${ROS_DISTRO:-}" ] && command -v ros2 >/dev/null; then
    echo "ros2_ccs: using the sourced ROS 2 $ROS_DISTRO"
    "$PYTHON" -m venv --system-site-packages "$venv"
    touch "$venv/COLCON_IGNORE"
    grep -v '^numpy==' requirements/constraints.txt >"$venv/constraints.txt"  # numpy is the one of ROS 2
    "$venv/bin/pip" install -qq -c "$venv/constraints.txt" -r requirements/runtime.txt -r requirements/develop.txt
    "$venv/bin/python" -c 'import colcon_core' 2>/dev/null ||
        "$venv/bin/pip" install -qq -c "$venv/constraints.txt" colcon-common-extensions
    sh tools/built_with.sh "$venv/bin/python" >"$venv/built_with"
    exit
fi

echo "ros2_ccs: no ROS 2 is sourced; taking it from the package registry into .venv (about a minute)"
"$PYTHON" -m venv "$venv"
touch "$venv/COLCON_IGNORE"
"$venv/bin/pip" install -qq wheel -c requirements/constraints.txt
"$venv/bin/pip" install -qq -c requirements/constraints.txt \
    -r requirements/ros2.txt -r requirements/runtime.txt -r requirements/develop.txt

# The wheels' CMake files carry the paths of the machine that built them; put this machine's there.
include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
numpy=$("$venv/bin/python" -c 'import numpy; print(numpy.get_include())')
grep -rlE '/opt/python/cp[0-9]+-cp[0-9]+/include|site-packages/numpy/_core/include' \
    "$venv"/share/*/cmake | xargs -r sed -i -E \
    -e "s#/opt/python/cp[0-9]+-cp[0-9]+/include/python3\.[0-9]+#$include#g" \
    -e "s#[^;\"]*/site-packages/numpy/_core/include#$numpy#g"
sh tools/built_with.sh "$venv/bin/python" >"$venv/built_with"
