#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# A name that is empty, as an unset variable leaves it, is not taken for an option that was not given.
. "$(dirname "$0")/setting.sh"

refused() {
  name=$1
  shift
  status=0
  "$program" "$@" > "$out/out" 2> "$out/err" || status=$?
  [ $status = 2 ] || { cat "$out/err"; fail "$name: exit code $status, not 2"; }
  has "$out/err" "spade-explain: $name: the name is empty;"
  [ ! -s "$out/out" ] || fail "$name: something was printed"
}

refused MODEL '' good.png
refused PICTURE net.pt ''
for option in --report --json --plan --mask --classes; do
  refused $option net.pt good.png $option ''
done
refused --pictures net.pt --pictures ''
