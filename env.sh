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
    export PATH="$_ccs/standalone/bin:$PATH"
    export AMENT_PREFIX_PATH="$_ccs/.venv"
    export PYTHONPATH="$_ccs/standalone${PYTHONPATH:+:$PYTHONPATH}"
    _profile=FASTRTPS_DEFAULT_PROFILES_FILE  # Fast DDS 3, of Kilted, warns of the older name
    if [ -e "$_ccs/.venv/lib/libfastdds.so" ]; then _profile=FASTDDS_DEFAULT_PROFILES_FILE; fi
    export "$_profile=${!_profile:-$_ccs/standalone/fastdds.xml}"
    unset _profile
fi
# shellcheck disable=SC1091
. "$_ccs/install/local_setup.bash"
# Who is in the DDS domain could close contactors: it ends at this host unless the user says otherwise (R27).
export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
# Shared memory does not cross users: root's modem node and a user's `ros2 topic echo` must meet. This keeps it out of
# wider ranges; with LOCALHOST the RMW adds it whatever this says, and only the profile above keeps nodes off it.
export FASTDDS_BUILTIN_TRANSPORTS="${FASTDDS_BUILTIN_TRANSPORTS:-UDPv4}"
unset _ccs
