#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares both EXI engines on INPUTS (20000) changed streams, then fuzzes the one in C under the
# address and undefined-behaviour sanitizers, guided by coverage, for SECONDS_TO_RUN (60). What
# it learns stays in build/fuzz/corpus, findings in build/fuzz.
set -eu
cd "$(dirname "$0")/.."
folder=build/fuzz
python3 src/v2g/test/exi/fuzz/differential.py "${INPUTS:-20000}"
clang=$(command -v clang || command -v clang-14 || command -v clang-18 || true)
if [ -z "$clang" ]; then
    echo "ros2_ccs: no fuzzing, for libFuzzer needs clang (Debian: apt install clang)"
    exit 0
fi
mkdir -p "$folder"
python3 src/v2g/test/exi/fuzz/fuzz_tables.py "$folder"
"$clang" -std=c11 -O1 -g -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all -Isrc/v2g/v2g/exi -I"$folder" \
    src/v2g/v2g/exi/engine.c src/v2g/test/exi/fuzz/fuzz_engine.c -o "$folder/fuzz_engine"
exec "$folder/fuzz_engine" -max_total_time="${SECONDS_TO_RUN:-60}" -max_len=1024 -timeout=25 \
    -artifact_prefix="$folder/" -use_value_profile=1 -print_final_stats=1 -verbosity=0 "$folder/corpus"
