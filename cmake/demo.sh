#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
#
# From a fresh clone to a report: installs what is missing, builds the library, the tools and the demo, and runs it.
# The result is build/demo/index.html; the tool is build/bin/spade-explain. Needs a network the first time only.
set -eu
cd "$(dirname "$0")/.."

sh cmake/setup.sh
echo '[demo] Building the library and its tools in build/'
sh cmake/build.sh build spade_explain spade_demo
echo '[demo] Running build/bin/spade-demo --out build/demo'
exec build/bin/spade-demo --out build/demo
