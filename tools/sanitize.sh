#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the EXI engine under the address and undefined-behaviour sanitizers and runs its tests with that.
set -eu
cd "$(dirname "$0")/.."
folder=$PWD/build/sanitize
export V2G_EXI_CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
python3 src/v2g/v2g/exi/engine_build.py "$folder"
# Python itself leaks by design, and is not built for the sanitizer: its library comes first.
export ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$(gcc -print-file-name=libasan.so)"
PYTHONPATH="$folder:$PYTHONPATH" exec python3 -m pytest src/v2g/test/exi "$@"
