#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Where memory does not suffice, a sentence says so, whichever library asked for it; no file, no signal.
. "$(dirname "$0")/setting.sh"
(ulimit -v 1500000 && "$program" --version) > /dev/null 2>&1 || exit 77  # a sanitizer's program needs more to begin

status=0
(ulimit -v 1500000; "$program" net.pt good.png --size 4096 --threads 1 --json "$out/j.json" > "$out/out" 2> "$out/err") || status=$?
[ $status = 1 ] || { cat "$out/err"; fail "exit code $status, not 1"; }
[ "$(cat "$out/err")" = 'spade-explain: out of memory; smaller pictures (--size) take less' ] || { cat "$out/err"; fail 'not the sentence'; }
[ ! -e "$out/j.json" ] || fail 'a file was written'
