#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# A terminal gets a progress bar on standard error, a pipe gets none.
. "$(dirname "$0")/setting.sh"
command -v script > /dev/null || exit 77  # util-linux's, which gives a program a terminal

"$program" net.pt --pictures index.json --augmentations 64 --interpreter saliency > "$out/pipe.txt" 2> "$out/pipe.err"
[ ! -s "$out/pipe.err" ] || fail 'a pipe got a progress bar'

TERM=xterm script -qec "'$program' net.pt --pictures index.json --augmentations 64 --interpreter saliency" /dev/null > "$out/terminal.txt" < /dev/null
has "$out/terminal.txt" '▕'
has "$out/terminal.txt" ' of 3: '
has "$out/terminal.txt" 'class kept'
