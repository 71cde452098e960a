#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names what this machine lacks, one sentence each, before anything is downloaded.
PYTHON=${PYTHON:-python3}
missing=0
lacks() { echo "ros2_ccs: $1" >&2; missing=1; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]; }

if ! have "$PYTHON"; then
    lacks "there is no $PYTHON; install it with: apt install python3 python3-venv python3-dev"
else
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    case $version in
        3.11 | 3.12 | 3.13 | 3.14) ;;
        *) lacks "$PYTHON is Python $version, and this project is for 3.11 to 3.14; name another one with: make PYTHON=python3.12" ;;
    esac
    if [ -n "${ROS_DISTRO:-}" ] && command -v ros2 >/dev/null; then
        "$PYTHON" -c 'import rclpy' 2>&1 | grep -q ModuleNotFoundError &&
            lacks "the sourced ROS 2 $ROS_DISTRO is not for $PYTHON (Python $version); name its own with: make PYTHON=/usr/bin/python3"
    fi
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
        lacks "Python's venv is missing; install it with: apt install python3-venv"
    "$PYTHON" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
        lacks "Python.h is missing; install it with: apt install python3-dev"
fi
have cc && have c++ || lacks "a C and C++ compiler is missing; install it with: apt install build-essential"
have cmake || lacks "CMake is missing; install it with: apt install cmake"
env --block-signal=INT true 2>/dev/null ||
    lacks "the command env knows no --block-signal, which nodes are started with; it needs coreutils 8.31 or newer"
have ip || lacks "the command ip is missing; install it with: apt install iproute2"
if have unshare && have setpriv; then
    try=true
    [ "$(id -u)" = 0 ] && try='ip link add ccs-try type veth peer name ccs-try2' || try="$try; ip link add a0 type veth peer name a1"
    PATH=$PATH:/usr/sbin:/sbin
    if [ "$(id -u)" = 0 ]; then
        unshare -n sh -c "$try" 2>/dev/null ||
            lacks "this machine lets root make no network namespace with a veth pair; the simulation needs both (in a container: run it with --cap-add=NET_ADMIN --cap-add=SYS_ADMIN)"
    else
        unshare -rn sh -c "$try" 2>/dev/null ||
            lacks "user namespaces give no capabilities here, so an ordinary user cannot run the simulated line; either allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or run as root"
    fi
else
    lacks "unshare and setpriv are missing; install them with: apt install util-linux"
fi
exit $missing
