#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which of the tools of Debian's bpftrace package run on this kernel.

    tests/tools/compat.py [--kscope PATH]                        prints the list
    tests/tools/compat.py [--kscope PATH] --check DOCUMENT       compares it with the document's table, of which a column
                                                                 must be this kernel's; status 2: it has no such column

A tool "runs" when its script compiles, loads and attaches all its probes; with "warn" only under missing_probes=warn,
and then something is attached for each of its actions; otherwise it does not ("no"), and why is in the last column.
"""

import argparse
import concurrent.futures
import glob
import os
import platform
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KPROBES = "/sys/bus/event_source/devices/kprobe/type"
TOOLS = 38


def kernel():
    """How the document calls this kernel: 6.12, or 6.18 without kprobes."""
    version = ".".join(re.findall(r"\d+", platform.release())[:2])
    return version if os.path.exists(KPROBES) else version + " without kprobes"


def actions(path):
    """The line numbers of the attach points of each action; the tools have one on a line."""
    groups, more = [], False
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if not more and not re.match(r"(k|u)(ret)?probe:|tracepoint:|(interval|profile|software|hardware):", line):
                continue
            if not more:
                groups.append([])
            groups[-1].append(number)
            more = line.rstrip().endswith(",")
    return groups


def dry_run(kscope, path, **env):
    return subprocess.run([kscope, "--dry-run", path], capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, NO_COLOR="1", **env))


def state(kscope, path):
    """(runs | warn | no, reason)"""
    out = dry_run(kscope, path)
    if out.returncode == 0:
        return "runs", ""
    found = re.search(r"error: (.*)", out.stderr)
    reason = found[1] if found else "status %d" % out.returncode
    hint = re.search(r"hint: (this kernel .*|the kernel has this .*)", out.stderr)
    if hint:
        reason += " (%s)" % hint[1]
    out = dry_run(kscope, path, KSCOPE_MISSING_PROBES="warn")
    left = {int(n) for n in re.findall(r":(\d+):[-\d]+: warning: .* left out", out.stderr)}
    if out.returncode == 0 and all(set(group) - left for group in actions(path)):
        return "warn", reason
    return "no", reason


def table(document):
    """{tool: {kernel: state}} of the document's table, and its kernels."""
    rows, head = {}, []
    with open(document, encoding="utf-8") as f:
        for line in f:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if line.startswith("| tool |"):
                head = cells[1:-1]
            elif head and line.startswith("| `"):
                rows[cells[0].strip("`")] = dict(zip(head, cells[1:-1]))
            elif head and not line.startswith("|"):
                break
    return rows, head


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--kscope", default=ROOT + "/build/kscope")
    p.add_argument("--check", metavar="DOCUMENT")
    options = p.parse_args()
    paths = sorted(glob.glob("/usr/sbin/*.bt"))
    here, wrong = {}, []
    print("%-16s %s" % ("tool", kernel()))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda path: state(options.kscope, path), paths))
    for path, (result, reason) in zip(paths, found):
        name = os.path.basename(path)[:-3]
        here[name] = result
        print("%-16s %-4s  %s" % (name, here[name], reason), flush=True)
    if not options.check:
        return 0
    rows, kernels = table(options.check)
    if len(paths) != TOOLS:
        wrong.append("%d tools are installed, not %d" % (len(paths), TOOLS))
    if len(rows) != TOOLS:
        wrong.append("the document has %d tools, not %d" % (len(rows), TOOLS))
    wrong += ["the document does not have " + n for n in here if n not in rows]
    wrong += ["%s: %s is not a state" % (n, s) for n, row in rows.items() for s in row.values()
              if s not in ("runs", "warn", "no")]
    if kernel() in kernels:
        wrong += ["%s: %s here, the document says %s" % (n, s, rows[n].get(kernel())) for n, s in here.items()
                  if n in rows and rows[n].get(kernel()) != s]
    print("\n".join(wrong))
    return 1 if wrong else 0 if kernel() in kernels else 2


if __name__ == "__main__":
    sys.exit(main())
