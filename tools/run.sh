#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One whole simulated charge: a live panel while it runs, then its stages, its bag, and how fast it was.
cd "$(dirname "$0")/.." || exit 1
source ./env.sh || exit 1
speed=${SPEED:-60}
bag=bags/$(date +%Y-%m-%d_%H-%M-%S)
log=$bag.log
mkdir -p bags

echo "A whole charge on a simulated power line; what the nodes say goes to $log"
echo "Volts, amperes, energy and seconds are real; the simulated pack fills $speed times faster."
[ "$(id -u)" = 0 ] ||
    echo "The power line stands in a network namespace of its own; the topics are here, in any shell that sourced env.sh."
ros2 launch plc_bringup sim.launch.py exit_when_done:=true record:=true bag:="$bag" speed:="$speed" "$@" >"$log" 2>&1 &
launch=$!
trap 'kill -INT $launch 2>/dev/null' INT TERM
ros2 run plc_log watch --until-done &
watch=$!
wait $launch
status=$?
kill $watch 2>/dev/null
wait $watch 2>/dev/null

ros2 run plc_log summary "$bag" || status=1
if [ $status != 0 ]; then
    grep -h 'Caught exception in launch' "$log" >&2 || tail -n 20 "$log" >&2
    exit 1
fi
