#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The spade authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of the solver suite and of whole networks, from what Google Benchmark writes with --benchmark_out.

    python3 benchmarks/compare.py RUN.json              every pruner on whole networks
    python3 benchmarks/compare.py RUN.json --layers     and on each layer shape
    python3 benchmarks/compare.py OLD.json NEW.json     and how much faster the second run is
    python3 benchmarks/compare.py --families RUN.json   forward passes, loading and memory of model files
"""
import argparse
import json
import sys
from collections import defaultdict


def entries(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)["benchmarks"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{path}: no output of Google Benchmark ({error})")


def read(path):
    """(seconds, counters) of each suite benchmark by (network, shape, pruner); the ceiling in flop/s, or None."""
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    results = {}
    ceiling = None
    for entry in entries(path):
        if entry.get("run_type") == "aggregate" or "error_message" in entry:
            continue
        if entry["name"].startswith("ceiling_"):
            ceiling = max(ceiling or 0.0, entry["flop/s"])
        if not entry["name"].startswith("suite/"):
            continue
        _, network, shape, pruner = entry["name"].split("/")[:4]
        key = (network, shape, pruner)
        seconds = entry["real_time"] * scale[entry["time_unit"]]
        if key not in results or seconds < results[key][0]:  # of repetitions the quickest
            results[key] = (seconds, entry)
    if not results:
        sys.exit(f"{path}: nothing of the suite in it; run spade_benchmarks --benchmark_filter='suite|ceiling'")
    return results, ceiling


def row(seconds, weights, flops, ceiling, before):
    cells = [f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms", f"{weights / seconds / 1e6:.3g}"]
    cells.append(f"{flops / seconds / 1e9:.1f}" if flops else "-")
    cells.append(f"{100 * flops / seconds / ceiling:.0f} %" if flops and ceiling else "-")
    if before is not None:
        cells.append(f"{before / seconds:.2f}" if before else "-")
    return cells


def show(title, first, rows, comparing):
    names = [first, "time", "Mweights/s", "Gflop/s", "of ceiling"] + (["times faster"] if comparing else [])
    print(f"\n## {title}\n\n| {' | '.join(names)} |\n|{' --- |' + ' ---: |' * (len(names) - 1)}")
    for name, cells in rows:
        print(f"| {name} | {' | '.join(cells)} |")


def read_families(path):
    """Counters by (network, format) and then by what was measured: "forward/8", "load", "memory/8"."""
    results = defaultdict(dict)
    for entry in entries(path):
        if entry.get("run_type") == "aggregate" or not entry["name"].startswith("families/"):
            continue
        parts = [part for part in entry["name"].split("/") if part not in ("iterations:1", "manual_time")]
        if "error_message" in entry:
            print(f"{'/'.join(parts[1:])}: {entry['error_message']}", file=sys.stderr)
        else:
            results[tuple(parts[1:3])]["/".join(parts[3:])] = entry
    if not results:
        sys.exit(f"{path}: no model files in it; run spade_benchmarks --benchmark_filter=families with SPADE_MODELS_DIR")
    return results


def digits(value):
    return f"{value:.0f}" if value >= 99.5 else f"{value:.3g}"


def show_families(path):
    """A row for each model file. Of an archive, forward passes are compared with the traced file's graph."""
    batches = (1, 8, 64)
    heads = [f"batch {batch}" for batch in batches]
    heads += ["loading", "reading", "checks", "lowering", "self-check", "in passes", "forward", "autograd", "tape"]
    print(f"| network | format | {' | '.join(heads)} |\n| --- | --- |{' ---: |' * len(heads)}")
    worst = None
    for (network, form), measured in read_families(path).items():
        cells = []
        for batch in batches:
            entry = measured.get(f"forward/{batch}")
            if entry is None:
                cells.append("-")
                continue
            time = entry.get("graph_ms", entry.get("pt2_ms"))
            cells.append(f"{entry['ratio']:.2f} ({digits(time)})")
            if batch > 1 and (worst is None or entry["ratio"] > worst[0]):
                worst = (entry["ratio"], f"{network}, {form}, batch {batch}")
        load = measured.get("load")
        for name in ("load", "reading", "checking", "lowering", "self_check"):
            cells.append(digits(load[f"{name}_ms"]) if load else "-")
        cells.append(f"{load['passes']:.1f}" if load else "-")
        memory = next((entry for what, entry in measured.items() if what.startswith("memory/")), None)
        for name, rival in (("forward", "module_forward"), ("autograd", "module_autograd"), ("tape", "autograd")):
            ours, theirs = (memory.get(f"{side}_bytes") for side in (name, rival)) if memory else (None, None)
            cells.append(f"{ours / theirs:.2f} ({digits(ours / 1e6)} MB)" if ours and theirs else "-")
        print(f"| {network} | {form} | {' | '.join(cells)} |")
    if worst:
        print(f"\nLargest ratio at batch 8 and 64: {worst[0]:.3f} ({worst[1]})")


def main():
    parser = argparse.ArgumentParser(description="Tables of the solver suite, or of whole networks.")
    parser.add_argument("runs", nargs="+", metavar="RUN.json", help="one run, or two to compare")
    parser.add_argument("--layers", action="store_true", help="a table of each network's layer shapes too")
    parser.add_argument("--families", action="store_true", help="the table of model files instead")
    arguments = parser.parse_args()
    if arguments.families:
        if len(arguments.runs) > 1 or arguments.layers:
            parser.error("--families takes one run")
        show_families(arguments.runs[0])
        return
    if len(arguments.runs) > 2:
        parser.error("one run, or two to compare")
    results, ceiling = read(arguments.runs[-1])
    old = read(arguments.runs[0])[0] if len(arguments.runs) == 2 else None
    if ceiling:
        print(f"Ceiling (the quicker product of two large matrices): {ceiling / 1e9:.0f} Gflop/s")

    totals = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0, 0])
    shapes = defaultdict(list)
    incomplete = set()  # what has a shape that only one of the runs has
    for (network, shape, pruner), (seconds, entry) in results.items():
        flops = entry["flop/s"] * seconds
        before = old.get((network, shape, pruner), (0.0,))[0] if old is not None else None
        shapes[network].append((f"{pruner}, {shape}", row(seconds, entry["weights"], flops, ceiling, before)))
        total = totals[network, pruner]
        for i, value in enumerate((seconds, entry["weights"], flops, before or 0.0)):
            total[i] += entry["layers"] * value
        total[4] += int(entry["layers"])
        if old is not None and not before:
            incomplete.add((network, pruner))
    for network in shapes:
        rows = []
        for (name, pruner), total in totals.items():
            if name != network:
                continue
            before = None if old is None else 0.0 if (name, pruner) in incomplete else total[3]
            rows.append((f"{pruner}, {total[4]} layers", row(*total[:3], ceiling, before)))
        show(network, "pruner", rows, old is not None)
        if arguments.layers:
            show(f"{network}, one layer of each shape", "pruner, shape", shapes[network], old is not None)


if __name__ == "__main__":
    main()
