#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# EcoG's iso15118 (from PyPI) and this project at the two ends of a wire, in a network namespace of their own: no root.
#
#   tools/peer_ecog.sh vehicle   its vehicle charges at our charger
#   tools/peer_ecog.sh charger   our vehicle goes to PreCharge at its charger, which tells 1 V for ever
#
# Ends with 0 if so. It is installed outside this tree, into CCS_PEERS (~/.cache/ros2_ccs/peers). Its EXI needs a java.
set -eu
cd "$(dirname "$0")/.."
peer=${CCS_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/ros2_ccs/peers}/ecog
example=iso15118/shared/examples/evcc/DIN/evcc_config.json
patience=90 # s for each of the things that are waited for

install() {
    command -v java >/dev/null || fail "EcoG's EXI codec runs in a Java virtual machine, and there is no java"
    cmp -s tools/peer_ecog.txt "$peer/installed" && return
    echo "installing EcoG's iso15118 into $peer"
    "${PYTHON:-python3}" -m venv --clear "$peer"
    "$peer/bin/pip" install -qq --disable-pip-version-check -r tools/peer_ecog.txt
    cp tools/peer_ecog.txt "$peer/installed"
}

fail() {
    echo "peer_ecog: $1" >&2
    exit 1
}

wire() { # link-local addresses count at once
    ip link set lo up
    echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
    ip link add ours type veth peer name theirs
    ip link set ours up
    ip link set theirs up
}

ours() { # our side, until its first session is over
    exec timeout $((2 * patience)) ros2 launch plc_bringup "$1.launch.py" interface:=ours modem:=none slac:=skip partner:=foreign \
        exit_when_done:=true record:=true bag:="$logs/bag" "${@:2}"
}

theirs() {
    export NETWORK_INTERFACE=theirs PROTOCOLS=DIN_SPEC_70121 MESSAGE_LOG_JSON=false
    cd "$logs" # it reads a .env of where it stands
    case $1 in
    vehicle) exec "$peer/bin/python" -m iso15118.evcc.main "$peer"/lib/python3*/site-packages/$example ;;
    charger) exec "$peer/bin/python" -m iso15118.secc.main ;;
    esac
}

await() { # a line in the log of what was started last
    for _ in $(seq $((patience * 5))); do
        grep -q "$2" "$logs/$1" 2>/dev/null && return
        kill -0 $! 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$logs"/* >&2
    fail "it ended, or $patience s were over, without: $2"
}

at_our_charger() {
    ours evse >"$logs/ours" 2>&1 &
    await ours "SDP waiting for the vehicle's SDP request"
    local charger=$!
    theirs vehicle >"$logs/theirs" 2>&1 &
    wait $charger || {
        tail -n 5 "$logs"/* >&2
        return 1
    }
}

at_its_charger() {
    theirs charger >"$logs/theirs" 2>&1 &
    await theirs 'UDP server started'
    ours pev scene:=pack_of_40_volts >"$logs/ours" 2>&1 &
    await ours 'SAFE_END\|FAILED\|FINISHED'
    grep -q ': PRECHARGE' "$logs/ours"
}

if [ "${2:-}" != inside ]; then
    case ${1:-} in vehicle | charger) ;; *) fail 'usage: tools/peer_ecog.sh vehicle|charger' ;; esac
    install
    exec unshare --user --map-root-user --net "$0" "$1" inside
fi
set +u
# shellcheck disable=SC1091
source ./env.sh
set -u
wire
logs=$(mktemp -d)
finish() {
    # shellcheck disable=SC2046
    kill $(jobs -p) 2>/dev/null || true
    wait
}
trap 'finish; rm -rf "$logs"' EXIT
case $1 in vehicle) at_our_charger ;; charger) at_its_charger ;; esac && status=0 || status=1
finish
ros2 run plc_log summary "$logs/bag" || true # that a vehicle fails at a charger of 1 V is as it should be
exit $status
