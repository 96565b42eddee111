#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# The same seed gives the same figures for any number of threads; another seed gives others.
. "$(dirname "$0")/setting.sh"

run() {
  name=$1
  shift
  "$program" net.pt good.png --mask mask.png --plan plan.json --augmentations 24 --interpreter saliency,occlusion \
    --json "$out/$name.json" "$@" > /dev/null
  # What may differ: times, and the command line.
  sed '/"seconds": {/,/}/d; /"seconds":/d; /"command":/d' "$out/$name.json" > "$out/$name.figures"
}

run first --seed 3
run again --seed 3
run one_thread --seed 3 --threads 1
run other --seed 4
for name in again one_thread; do
  cmp "$out/first.figures" "$out/$name.figures" || fail "$name differs"
done
sed -i '/"seed":/d' "$out/first.figures" "$out/other.figures"
! cmp -s "$out/first.figures" "$out/other.figures" || fail 'the seed changes nothing'
