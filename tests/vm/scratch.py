#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the output of scratch.test:  scratch.py OUT ERR CALLS

Every line must be one that the script can print, and for each kind of line, printed and lost must add up
to the events made: to CALLS for the workload's calls, to the script's own counters for the rest.
"""

import re
import sys

OUT, ERR, CALLS = open(sys.argv[1]).read(), open(sys.argv[2]).read(), int(sys.argv[3])
KINDS = {"open": (r"(.+)\|\1\|\d+", "sys_enter_openat"), "exit": (r"(\w{100})\|syscalls", "sys_exit_openat"),
         "tick": (r"(tick-){20}\|end", "profile"), "switch": (r"(switch-){14}\|end", "software"),
         "wake": (r"(wake-){20}\|end", "sched_wakeup")}
bad = []
printed = dict.fromkeys(KINDS, 0)
counter = dict(re.findall(r"^@(\w+): (\d+)$", OUT, re.M))

for line in OUT.splitlines():
    kind = line.split(" ", 1)[0]
    if kind in KINDS and re.fullmatch(kind + " " + KINDS[kind][0], line):
        printed[kind] += 1
    elif line and not re.fullmatch(r"@\w+: \d+|@\w+\[[^\]]*\]: \d+", line):
        bad.append(line)
print("well-formed" if not bad else "%d lines are not well-formed:\n%s" % (len(bad), "\n".join(bad[:10])))

# lost: tracepoint:sched:sched_wakeup: 12 events lost: the ring buffer was full
lost = {kind: 0 for kind in KINDS}
for probe, number in re.findall(r"^lost: (.*?): (\d+) events lost: ", ERR, re.M):
    for kind in KINDS:
        if KINDS[kind][1] in probe:
            lost[kind] += int(number)
wrong = []
for kind in KINDS:
    # A probe that finds no slot counts nothing, so the script's counter may be too small by what is lost.
    made = CALLS if kind in ("open", "exit") else int(counter[kind])
    total = printed[kind] + lost[kind]
    if total != made and not (kind not in ("open", "exit") and printed[kind] <= made <= total):
        wrong.append("%s: %d printed + %d lost, %d made" % (kind, printed[kind], lost[kind], made))
    if not printed[kind]:
        wrong.append(kind + ": none printed")
print("adds up" if not wrong else "\n".join(wrong))
if bad or wrong:
    print(ERR[-3000:])
print("%s" % ", ".join("%s %d+%d" % (k, printed[k], lost[k]) for k in KINDS), file=sys.stderr)
