#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes .venv: ROS 2 and libraries from the package registry, or only the libraries where a ROS 2 is sourced.
# ROS=kilted takes that release from the registry in place of jazzy.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
venv=$PWD/.venv
sh tools/preflight.sh

# install WHAT CONSTRAINTS FILE…: says what is installed now, and then how long it took
install() {
    what=$1 limits=$2
    shift 2
    printf 'ros2_ccs: installing %s: %s packages and what they need … ' "$what" "$(cat "$@" | grep -c '^[A-Za-z]')"
    began=$(date +%s)
    "$venv/bin/pip" install -qq -c "$limits" $(printf -- '-r %s ' "$@") || { echo 'failed' >&2; exit 1; }
    echo "$(($(date +%s) - began)) s"
}

if [ -n "${ROS_DISTRO:-}" ] && command -v ros2 >/dev/null; then
    echo "ros2_ccs: using the sourced ROS 2 $ROS_DISTRO"
    "$PYTHON" -m venv --system-site-packages "$venv"
    touch "$venv/COLCON_IGNORE"
    grep -v '^numpy==' requirements/constraints.txt >"$venv/constraints.txt"  # numpy is the one of ROS 2
    install 'libraries and tools' "$venv/constraints.txt" requirements/runtime.txt requirements/develop.txt
    "$venv/bin/python" -c 'import colcon_core' 2>/dev/null ||
        "$venv/bin/pip" install -qq -c "$venv/constraints.txt" colcon-common-extensions
    sh tools/built_with.sh "$venv/bin/python" >"$venv/built_with"
    exit
fi

release=${ROS:-$(cat "$venv/release" 2>/dev/null || echo jazzy)}
case $release in
    jazzy) pins=requirements/ros2.txt constraints=requirements/constraints.txt ;;
    kilted) pins=requirements/ros2-kilted.txt constraints=$venv/constraints.txt ;;
    *) echo "ros2_ccs: the registry has ROS 2 jazzy and kilted, not $release" >&2; exit 1 ;;
esac
echo "ros2_ccs: no ROS 2 is sourced; taking $release from the package registry into .venv (about a minute), then the build"
"$PYTHON" -m venv "$venv"
touch "$venv/COLCON_IGNORE"
echo "$release" >"$venv/release"
[ "$release" = jazzy ] || grep -hv '^ros-' requirements/constraints.txt | cat - requirements/constraints-kilted.txt >"$constraints"
"$venv/bin/pip" install -qq wheel -c "$constraints"
install "ROS 2 $release" "$constraints" "$pins"
install 'libraries and tools' "$constraints" requirements/runtime.txt requirements/develop.txt

# The wheels' CMake files carry the paths of the machine that built them; put this machine's there.
include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
numpy=$("$venv/bin/python" -c 'import numpy; print(numpy.get_include())')
grep -rlE '/opt/python/cp[0-9]+-cp[0-9]+/include|site-packages/numpy/_core/include' \
    "$venv"/share/*/cmake | xargs -r sed -i -E \
    -e "s#/opt/python/cp[0-9]+-cp[0-9]+/include/python3\.[0-9]+#$include#g" \
    -e "s#[^;\"]*/site-packages/numpy/_core/include#$numpy#g"
sh tools/built_with.sh "$venv/bin/python" >"$venv/built_with"
