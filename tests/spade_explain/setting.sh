# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Read by the tests of this folder: NAME.sh PROGRAM INPUTS OUTPUTS. They run in the folder of inputs.
set -eu
program=$1
inputs=$2
out=$3
rm -rf "$out"
mkdir -p "$out"
cd "$inputs"

fail() { echo "FAILED: $*" >&2; exit 1; }

# has FILE TEXT: the file contains the text.
has() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "$1 lacks: $2"; }; }
