#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs this clone as a service: sudo tools/install.sh [RELEASE_KEY.pub]        (docs/service.md)
# With DESTDIR set it only lays out the files there; TREE is one that tools/bundle.sh has built.
set -eu
cd "$(dirname "$0")/.."
key=${1:-}
root=${DESTDIR:-}
user=ros2_ccs
state=$root/var/lib/$user
etc=$root/etc/$user
parts=src/plc_web/plc_web

say() { echo "ros2_ccs: $*"; }
refuse() { say "$*" >&2; exit 1; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || refuse "installing a service takes root: sudo $0"
[ -f install/local_setup.sh ] || refuse "the workspace is not built yet; type: make setup"
[ -z "$key" ] || [ -f "$key" ] || refuse "$key is not there"
# sudo forgets a sourced ROS 2; the workspace knows with which it was built.
built=$(sed -n 's/^ROS 2 \([a-z]*\),.*/\1/p' install/built_with)
if [ -n "$built" ] && [ "${ROS_DISTRO:-}" != "$built" ]; then
    [ -f "/opt/ros/$built/setup.sh" ] || refuse "the workspace was built with ROS 2 $built, which is not in /opt/ros"
    set +u
    . "/opt/ros/$built/setup.sh"
    set -u
fi
sh tools/built_with.sh .venv/bin/python install/built_with

as_user() { if [ -n "$root" ]; then "$@"; else setpriv --reuid $user --regid $user --init-groups "$@"; fi; }
if [ -z "$root" ]; then
    id $user >/dev/null 2>&1 || useradd --system --home-dir "$state" --shell /usr/sbin/nologin $user
    for group in gpio spi; do
        if getent group $group >/dev/null; then usermod --append --groups $group $user; fi
    done
    as_user test -r "$PWD/.venv/bin/python" ||
        refuse "the service's user cannot read $PWD; put the clone where everybody may, as /opt/ros2_ccs"
fi

# The release: a tree without links, under its version, and the link to it.
version=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("plc_web"))' 2>/dev/null ||
    sed -n "s/.*version='\(.*\)',/\1/p" src/plc_web/setup.py)
install -d -m 700 "$state" "$state/releases"
tree=${TREE:-build/bundle/tree}
[ -n "${TREE:-}" ] || sh tools/bundle.sh "$PWD/$tree"
release=$state/releases/$version
rm -rf "$release.new"
cp -r "$tree" "$release.new"
grep -rlE '^#!.*/\.venv/bin/python' "$release.new"/install/*/lib/*/ 2>/dev/null |
    xargs -r sed -i '1s,^#!.*/\.venv/bin/python.*,#!/usr/bin/env python3,'
ln -s "$(readlink -f .venv)" "$release.new/.venv"
printf '{"version": "%s", "machine": "%s", "python": "%s"}\n' "$version" "$(uname -m)" \
    "$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" >"$release.new/manifest.json"
# A release that runs must not vanish under its processes: a session ends first (R7), and whatever comes, it runs again.
if [ -z "$root" ] && systemctl is-active --quiet $user.service; then
    say "the service is stopped; a session that runs ends first"
    trap 'systemctl start $user.service' EXIT
    systemctl stop $user.service
fi
rm -rf "$release"
mv "$release.new" "$release"
ln -sfn "$version" "$state/releases/current"

# What no update touches: the keeper, the key, the parameters of the page, unit and polkit rule.
install -d "$root/usr/local/lib/$user" "$etc" "$root/etc/systemd/system" "$root/etc/polkit-1/rules.d"
install -m 644 $parts/keeper.py "$root/usr/local/lib/$user/keeper.py"
install -m 644 $parts/service/ros2_ccs.service "$root/etc/systemd/system/ros2_ccs.service"
install -m 644 $parts/service/ros2_ccs.rules "$root/etc/polkit-1/rules.d/50-ros2_ccs.rules"
[ -f "$etc/page.yaml" ] || install -m 644 $parts/service/page.yaml "$etc/page.yaml"
if [ -n "${ROS_DISTRO:-}" ] && [ ! -f "$etc/environment" ]; then
    echo "CCS_SETUP=/opt/ros/$ROS_DISTRO/setup.bash" >"$etc/environment"
fi
[ -z "$key" ] || install -m 644 "$key" "$etc/release.pub"
[ -f "$etc/release.pub" ] || say "no key for releases was given: the page will install no updates"
[ -z "$root" ] || exit 0

chown -R $user:$user "$state"
say "a password for the page, 10 characters or more:"
as_user env HOME="$state" bash -c "source '$release/env.sh' && exec ros2 run plc_web password --state '$state'"
systemctl daemon-reload
systemctl enable --now ros2_ccs.service
say "the page is at http://$(hostname).local:8470; its parameters are in $etc/page.yaml"
