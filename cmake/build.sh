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

# A folder that somebody configured for another generator keeps it.
generator=-GNinja
if [ -f "$folder/CMakeCache.txt" ]; then
  generator=
fi
log="$folder/configure.log"
if ! cmake -C "$folder/setup.cmake" -S . -B "$folder" $generator > "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
grep -E '^-- (LibTorch|The CXX compiler)' "$log" | sed 's/^-- /[build] /'
exec cmake --build "$folder" --parallel "$(nproc)" --target "$@"
