#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mypy over every package, each by its own name.
cd "$(dirname "$0")/.." || exit 1
MYPYPATH=$(printf '%s:' src/*/) exec mypy --config-file pyproject.toml --explicit-package-bases \
    -p plc_kit -p plc_modem -p slac -p v2g -p plc_sim -p plc_log -p plc_vehicle -p plc_home -p plc_web
