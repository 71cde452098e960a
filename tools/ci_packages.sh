#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what some tests look for and skip without: a browser with its driver, tshark, an MQTT broker. As root, by apt-get.
set -eu
packages="chromium chromium-driver tshark mosquitto"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "ros2_ccs: $packages are not installed by this user; tests that need them skip" >&2
    exit 0
fi
missing=
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  one word each
apt-get install -y -qq --no-install-recommends $missing >/dev/null
