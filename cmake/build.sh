#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
#
#   sh cmake/build.sh FOLDER TARGET...
#
# Configures FOLDER with what cmake/setup.sh chose there and builds the targets. demo.sh and test.sh share it.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift

# The quickest way to build everything once: sixteen sources in one translation unit. Presets build one at a time.
# A folder that somebody configured otherwise stays as it is.
how='-GNinja -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16'
if [ -f "$folder/CMakeCache.txt" ]; then
  how=
fi
log="$folder/configure.log"
# shellcheck disable=SC2086 # a list of words
if ! cmake -C "$folder/setup.cmake" -S . -B "$folder" $how > "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
grep -E '^-- (LibTorch|The CXX compiler)' "$log" | sed 's/^-- /[build] /'
exec cmake --build "$folder" --parallel "$(nproc)" --target "$@"
