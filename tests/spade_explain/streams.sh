#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Streams that are closed, full or cut off, and a limit on the size of files: exit code 1 and a sentence where there
# is a stream for it, no signal, no half file.
. "$(dirname "$0")/setting.sh"

# expect CODE SENTENCE: what the last run ended with, and said in $out/err.
expect() {
  [ $status = "$1" ] || { cat "$out/err"; fail "$2: exit code $status, not $1"; }
  [ "$(grep -c "^spade-explain: $2" "$out/err")" = 1 ] || { cat "$out/err"; fail "not said: $2"; }
}
run() { status=0; "$program" net.pt good.png --augmentations 2 --interpreter saliency "$@" || status=$?; }

run --json "$out/full.json" > /dev/full 2> "$out/err"
expect 1 'cannot write to standard output: No space left on device; the files are written'
has "$out/full.json" '"means"'
run > /dev/full 2> "$out/err"
expect 1 'cannot write to standard output: No space left on device$'
run --help > /dev/full 2> "$out/err"
expect 1 'cannot write to standard output: No space left on device$'

run --json "$out/closed.json" >&- 2> "$out/err"
expect 1 'standard output is closed'
[ ! -e "$out/closed.json" ] || fail 'work was done for a closed output'

run --target 7 > "$out/out" 2>&-
[ $status = 1 ] || fail "standard error closed: exit code $status"
[ ! -s "$out/out" ] || fail 'a sentence in the wrong stream'
run --json "$out/quiet.json" > "$out/out" 2>&- <&-
[ $status = 0 ] || fail "standard error and input closed: exit code $status"
has "$out/quiet.json" '"means"'

# A reader that has gone.
mkfifo "$out/pipe"
exec 3<> "$out/pipe" 4> "$out/pipe"
exec 3<&-
run >&4 2> "$out/err"
exec 4>&-
expect 1 'cannot write to standard output: Broken pipe'

# 512 bytes a file at most; the sentence goes through a pipe.
status=0
sentence=$( (ulimit -f 1; run --report "$out/r.html" --json "$out/j.json" > /dev/null; exit $status) 2>&1) || status=$?
[ $status = 1 ] || fail "file size limit: exit code $status"
case $sentence in *'File too large'*) ;; *) fail "file size limit: $sentence" ;; esac
[ -z "$(find "$out" -name '[rj].*' -o -name '.spade*')" ] || { ls -A "$out"; fail 'half a file was left'; }

# A redirected standard output stays the file that it is, whatever is written to it.
run --json /dev/stdout > "$out/both.txt" 2> "$out/err"
[ $status = 0 ] || { cat "$out/err"; fail "/dev/stdout: exit code $status"; }
has "$out/both.txt" '"means"'
has "$out/both.txt" 'class kept'
