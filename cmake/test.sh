#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
#
# From a fresh clone to tested: installs what is missing, builds everything, runs all tests.
# Arguments go to ctest: `sh cmake/test.sh -L parity` runs the tests with that label.
set -eu
cd "$(dirname "$0")/.."

sh cmake/setup.sh --with-tests
echo '[test] Building everything in build/'
sh cmake/build.sh build all
echo '[test] Running the tests'
exec ctest --test-dir build --output-on-failure --parallel "$(nproc)" "$@"
