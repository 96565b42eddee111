#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Ctrl-C in the middle: exit code 130, one sentence, no files. SIGTERM likewise, with 143.
. "$(dirname "$0")/setting.sh"

interrupt() {
  signal=$1
  code=$2
  "$program" net.pt good.png --augmentations 100000000 --report "$out/report.html" --json "$out/report.json" \
    > "$out/$signal.txt" 2> "$out/$signal.err" &
  pid=$!
  # Until it listens: before main, LibTorch's libraries are loaded, which may take seconds.
  for _ in $(seq 600); do
    grep -q '^SigBlk:.*[2367abef]$' /proc/$pid/status && break  # SIGINT is bit 1
    sleep 0.1
  done
  sleep 2
  kill -0 $pid || fail "$signal: it ended by itself"
  kill -s "$signal" $pid
  status=0
  wait $pid || status=$?
  [ $status = "$code" ] || fail "$signal: exit code $status, not $code"
  [ "$(grep -c 'spade-explain: interrupted; no file was written' "$out/$signal.err")" = 1 ] || { cat "$out/$signal.err"; fail "$signal: no sentence"; }
  [ ! -s "$out/$signal.txt" ] || fail "$signal: something was printed"
  [ "$(ls -A "$out" | grep -c -v "\.txt$\|\.err$")" = 0 ] || { ls -A "$out"; fail "$signal: files were left"; }
}

interrupt INT 130
interrupt TERM 143

# While results are written, to a pipe that nobody reads, one request comes too late and two end the program.
mkfifo "$out/unread"
exec 3<> "$out/unread"
"$program" net.pt --pictures index.json --augmentations 2 --report /dev/stdout > "$out/unread" 2> "$out/unread.err" 3<&- &
pid=$!
dd bs=1 count=1 <&3 > "$out/begun" 2> /dev/null  # waits for the first byte
kill -s TERM $pid
sleep 2
kill -0 $pid || fail 'one signal ended it while it wrote'
kill -s TERM $pid
status=0
wait $pid || status=$?
[ $status = 143 ] || fail "writing: exit code $status, not 143"
has "$out/unread.err" 'spade-explain: interrupted while the results were written'
