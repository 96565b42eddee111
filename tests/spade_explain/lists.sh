#!/bin/sh
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
# A list of pictures, in the kit's form and by file names, gives one report with the means.
. "$(dirname "$0")/setting.sh"

count() { grep -c "$2" "$1" || true; }

"$program" net.pt --pictures index.json --augmentations 8 --interpreter saliency,occlusion \
  --report "$out/all.html" --json "$out/all.json" > "$out/all.txt"
[ "$(count "$out/all.json" '"interpreter"')" = 6 ] || fail 'not six explanations'
has "$out/all.txt" '3 pictures'
has "$out/all.json" '"means"'
has "$out/all.json" '"pictures": 3'
[ "$(count "$out/all.html" '<section class="picture"')" = 3 ] || fail 'not three sections'

"$program" net.pt --pictures index.json --limit 1 --augmentations 8 --interpreter saliency --json "$out/one.json" > "$out/one.txt"
has "$out/one.txt" '1 picture,'
has "$out/one.json" '"target": 4,'

"$program" net.pt --pictures files.json --augmentations 8 --interpreter saliency --json "$out/files.json" > /dev/null
[ "$(count "$out/files.json" '"auc"')" = 2 ] || fail 'not one picture with a mask, and the mean'

# Two pictures of one name are told apart, and a class has the name that the list gives it.
"$program" net.pt --pictures same_name.json --augmentations 8 --interpreter saliency,occlusion \
  --report "$out/same.html" --json "$out/same.json" > /dev/null
[ "$(count "$out/same.json" '"picture": "good.png"')" = 2 ] || fail 'the first picture is not twice good.png'
[ "$(count "$out/same.json" '"picture": "a folder/good.png"')" = 2 ] || fail 'the second picture has not its folder'
[ "$(count "$out/same.json" '"picture_file": "a folder/good.png"')" = 2 ] || fail 'the second picture has not its file'
[ "$(count "$out/same.json" '"mask_file": "mask.png"')" = 2 ] || fail 'not the mask of the second picture alone'
[ "$(count "$out/same.json" '"target_name": "goose"')" -ge 2 ] || fail 'the list names class 1'
has "$out/same.html" 'goose'
