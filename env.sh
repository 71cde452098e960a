# SPDX-License-Identifier: Apache-2.0
# To be sourced by bash: a shell in which `ros2 launch plc_bringup …` works.
_ccs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ ! -f "$_ccs/install/local_setup.bash" ]; then
    echo "ros2_ccs: the workspace is not built yet; type: make setup" >&2
    return 1 2>/dev/null || exit 1
fi
sh "$_ccs/tools/built_with.sh" "$_ccs/.venv/bin/python" "$_ccs/install/built_with" || return 1 2>/dev/null || exit 1
export PATH="$_ccs/.venv/bin:$PATH"
if [ -z "${ROS_DISTRO:-}" ] || ! command -v ros2 >/dev/null; then
    # No ROS 2 is installed: the one in .venv, and the commands of standalone/.
    unset ROS_DISTRO  # with our ros2 on the path the name alone would look like an installed one
    export PATH="$_ccs/standalone/bin:$PATH"
    export AMENT_PREFIX_PATH="$_ccs/.venv"
    export PYTHONPATH="$_ccs/standalone${PYTHONPATH:+:$PYTHONPATH}"
fi
# shellcheck disable=SC1091
. "$_ccs/install/local_setup.bash"
# How far the graph reaches: this computer, or CCS_DISCOVERY_RANGE=SUBNET (R27); and the profile of Fast DDS.
eval "$(python3 -m plc_kit.reach || echo 'export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST; unset ROS_STATIC_PEERS ROS_DISCOVERY_SERVER ROS2_EASY_MODE FASTDDS_ENVIRONMENT_FILE')"
unset _ccs
