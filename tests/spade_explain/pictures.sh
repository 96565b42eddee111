#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# Pictures of every kind are explained, with and without a mask, and both files are written.
. "$(dirname "$0")/setting.sh"

for picture in good grey rgba sixteen_bit; do
  "$program" net.pt $picture.png --mask mask.png --classes classes.txt --plan plan.json --augmentations 16 \
    --report "$out/$picture.html" --json "$out/$picture.json" > "$out/$picture.txt"
  has "$out/$picture.txt" 'AUC dense'
  has "$out/$picture.txt" "wrote $out/$picture.html"
  has "$out/$picture.json" "\"picture\": \"$picture.png\""
  has "$out/$picture.json" "\"picture_file\": \"$picture.png\""
  has "$out/$picture.json" '"mask_file": "mask.png"'
  has "$out/$picture.json" '"size": null'
  has "$out/$picture.json" '"class_kept"'
  has "$out/$picture.html" '</html>'
done

"$program" net.pt good.png --sparsity 0.5 --pruner magnitude --interpreter Saliency,occlusion,saliency > "$out/plain.txt"
has "$out/plain.txt" 'interpreters: saliency, occlusion'
has "$out/plain.txt" 'magnitude'
! grep -q AUC "$out/plain.txt" || fail 'an AUC without a mask'

# A picture of one pixel is explained where it is enlarged.
"$program" net.pt one_pixel.png --size 16 --augmentations 4 --interpreter saliency --json "$out/one.json" > "$out/one.txt"
has "$out/one.txt" 'class kept'
has "$out/one.json" '"size": 16'
has "$out/one.json" '"mask_file": null'
# Nothing pruned: the trace is the network.
"$program" net.pt good.png --sparsity 0 --interpreter saliency --augmentations 4 --json "$out/dense.json" > "$out/dense.txt"
has "$out/dense.json" '"kl": 0.0'
has "$out/dense.txt" 'note: nothing was pruned'
"$program" no_weights.pt good.png --interpreter saliency --augmentations 4 > "$out/no_weights.txt"
has "$out/no_weights.txt" 'note: nothing was pruned'
! grep -q note "$out/plain.txt" || fail 'a note on a run that pruned'
# A result can go to a pipe.
"$program" net.pt good.png --interpreter saliency --augmentations 4 --json /dev/stdout | grep -q '"explanations"' || fail 'no JSON in the pipe'
