#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rclpy, where RMW_IMPLEMENTATION names a middleware that is not installed.
#
# One would guess: `import rclpy` raises ImportError, which a program can catch and tell its user about.
# So it is: with the registry's wheels of ROS 2 Jazzy (rclpy 7.1.6, rcl 9.2.8) a check in rcl's library, as it is loaded,
# calls exit(102). No Python code runs any more: no except clause, no finally, no atexit.
# Seen on 2026-11-30:
#   RMW_IMPLEMENTATION=rmw_fastrtps_cpp: imported, status 0
#   RMW_IMPLEMENTATION=rmw_cyclonedds_cpp: status 102
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q -c "$here/requirements/constraints.txt" \
    'ros-rclpy[fastrtps]==7.1.6' ros-rmw-fastrtps-cpp==8.4.3 ros-std-msgs==5.3.6
try() {
    status=0
    said=$(env -i PATH="$PATH" HOME="$folder" RMW_IMPLEMENTATION="$1" "$folder/venv/bin/python" 2>/dev/null -c '
try:
    import rclpy
    print("imported, ", end="")
except BaseException as error:
    print("caught", type(error).__name__, end=", ")
') || status=$?
    echo "RMW_IMPLEMENTATION=$1: ${said}${said:+ }status $status"
}
{ try rmw_fastrtps_cpp; try rmw_cyclonedds_cpp; } | sed 's/,  status/, status/' >"$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
RMW_IMPLEMENTATION=rmw_fastrtps_cpp: imported, status 0
RMW_IMPLEMENTATION=rmw_cyclonedds_cpp: status 102
SEEN
