#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures kscope side by side with the installed bpftrace, in one run.

    bench/run.py [--save] [--rounds N] [SECTION…]      (as root; ./dev bench builds first)

Sections: startup memory events detach throughput compiler uprobe profile stacks. The tables are Markdown; --save also writes them to
bench/results.md. Runs of the two are interleaved, numbers are medians (ns per event: the least of the rounds). All of it runs in a mount
namespace with tracefs mounted, since bpftrace needs that.
"""

import argparse
import os
import platform
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = ROOT + "/build"
LOOP = BUILD + "/programs/syscalls"
CALLER = BUILD + "/programs/calls"
KSCOPE, BPFTRACE = BUILD + "/kscope", shutil.which("bpftrace")
NAMES = ("kscope", "bpftrace")
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("KSCOPE_", "BPFTRACE_"))}

output = []


def say(line=""):
    print(line, flush=True)
    output.append(line)


def table(head, rows):
    say()
    say("| " + " | ".join(head) + " |")
    say("|" + "|".join([" --- "] + [" ---: "] * (len(head) - 1)) + "|")
    for row in rows:
        say("| " + " | ".join(row) + " |")
    say()


def ratio(a, b):
    return "%.2f" % (a / b) if b else "-"


def measured(label, pair, form):
    """A table's row: both numbers in the given form, and kscope's as a part of bpftrace's."""
    return [label, form % pair[0], form % pair[1], ratio(*pair)]


class Tracer:
    """A kscope or bpftrace process of its own group, its output in files."""

    def __init__(self, name, script, *options):
        words = [KSCOPE if name == "kscope" else BPFTRACE, *options, "-e", script]
        self.name = name
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.start = time.monotonic()
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err, env=ENV,
                                        start_new_session=True)
        self.pid = self.process.pid
        self.status = None

    def text(self, file):
        """Its first MiB: this process stays small, since a child's ru_maxrss counts the memory of the process
        that it was before exec()."""
        return os.pread(file.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def wait(self, timeout):
        """Waits to the end: (wall seconds, rusage of it and its children), or ends the run."""
        pidfd = os.pidfd_open(self.pid)
        try:
            if not select.select([pidfd], [], [], timeout)[0]:
                self.kill()
                sys.exit("%s did not end within %d s\n%s" % (self.name, timeout, self.text(self.err)[-2000:]))
        finally:
            os.close(pidfd)
        wall = time.monotonic() - self.start
        _, status, usage = os.wait4(self.pid, 0)
        self.process.returncode = self.status = os.waitstatus_to_exitcode(status)
        if self.status:
            sys.exit("%s: status %d\n%s" % (self.name, self.status, self.text(self.err)[-2000:]))
        return wall, usage

    def attached(self, timeout=30):
        """Waits until the probes are attached: kscope says so, bpftrace has opened its last descriptor."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.process.poll() is None:
            if "Attached" in self.text(self.err):
                return
            if "Attaching" in self.text(self.out):
                last, since = 0, time.monotonic()
                while time.monotonic() - since < 0.5 and self.process.poll() is None:
                    now = len(os.listdir("/proc/%d/fd" % self.pid))
                    if now != last:
                        last, since = now, time.monotonic()
                    time.sleep(0.02)
                return
            time.sleep(0.005)
        self.kill()
        sys.exit("%s did not attach\n%s" % (self.name, self.text(self.err)[-2000:]))

    def interrupt(self):
        os.kill(self.pid, signal.SIGINT)
        self.wait(30)

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def resident(self):
        """VmRSS in MiB."""
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024

    def lost(self):
        """Events that it says were lost."""
        file, pattern = (self.out, rb"Lost (\d+) events") if self.name == "bpftrace" else (self.err, rb"(\d+) events lost")
        file.seek(0)
        return sum(int(n) for line in file for n in re.findall(pattern, line))


def loop(count, call="getppid", cpu=1):
    """ns per call of the loop program, on a CPU of its own where there are two."""
    words = [LOOP, str(count), call]
    if (os.cpu_count() or 1) > cpu:
        words = ["taskset", "-c", str(cpu), *words]
    return float(subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout)


def median_of(samples):
    return {name: statistics.median(values) for name, values in samples.items()}


def startup(rounds):
    wall, cpu, peak = ({n: [] for n in NAMES} for _ in range(3))
    for _ in range(max(rounds * 3, 15)):
        for name, script in zip(NAMES, ("begin { exit(); }", "BEGIN { exit(); }")):
            seconds, usage = Tracer(name, script).wait(30)
            wall[name].append(seconds * 1e3)
            cpu[name].append((usage.ru_utime + usage.ru_stime) * 1e3)
            peak[name].append(usage.ru_maxrss / 1024)
    say("## Startup: `begin { exit(); }`")
    rows = [measured(label, tuple(median_of(data)[n] for n in NAMES), form)
            for label, data, form in (("wall, ms", wall, "%.1f"), ("CPU with children, ms", cpu, "%.1f"),
                                      ("peak of the larger process, MiB", peak, "%.1f"))]
    table(("", *NAMES, "ratio"), rows)


def memory(rounds):
    script = "tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }"
    resident = {n: [] for n in NAMES}
    for _ in range(3):
        for name in NAMES:
            t = Tracer(name, script)
            t.attached()
            time.sleep(0.5)
            resident[name].append(t.resident())
            t.interrupt()
    say("## Resident while tracing: `%s`" % script)
    table(("", *NAMES, "ratio"), [measured("VmRSS, MiB", tuple(median_of(resident)[n] for n in NAMES), "%.1f")])


EVENTS = (
    ("@ = count()", "tracepoint:syscalls:sys_enter_getppid { @ = count(); }", None, 400000),
    ("@[pid] = count()", "tracepoint:syscalls:sys_enter_getppid { @[pid] = count(); }", None, 400000),
    ("@[comm] = count()", "tracepoint:syscalls:sys_enter_getppid { @[comm] = count(); }", None, 400000),
    ("@ = hist(args.ret)", "tracepoint:syscalls:sys_exit_getppid { @ = hist(args.ret); }",
     "tracepoint:syscalls:sys_exit_getppid { @ = hist(args->ret); }", 400000),
    ('printf("%d %d %s\\n", pid, tid, comm)',
     'tracepoint:syscalls:sys_enter_getppid { printf("%d %d %s\\n", pid, tid, comm); }', None, 2000),
)


def one_event_round(name, script, count):
    """ns per call under the probe, and what was lost. Short loops (printf) run in many bursts, which
    the buffers hold; long ones once."""
    t = Tracer(name, script)
    t.attached()
    if count < 10000:
        costs = []
        for _ in range(25):
            costs.append(loop(count))
            time.sleep(0.02)
        cost = statistics.median(costs)
    else:
        cost = loop(count)
    t.interrupt()
    return cost, t.lost()


def events(rounds):
    say("## ns per event: a loop of getppid(2) under the probe, less the bare loop")
    rows = []
    for label, script, other, count in EVENTS:
        cost, lost, bare = {n: [] for n in NAMES}, {n: 0 for n in NAMES}, []
        for i in range(rounds):
            bare.append(statistics.median(loop(count) for _ in range(1 if count > 10000 else 25)))
            for name in NAMES if i % 2 else NAMES[::-1]:
                ns, gone = one_event_round(name, other if other and name == "bpftrace" else script, count)
                cost[name].append(ns)
                lost[name] += gone
        # The least of the rounds: what else runs on the machine only ever adds.
        least = min(bare)
        pair = tuple(min(cost[n]) - least for n in NAMES)
        rows.append(measured("`%s`" % label, pair, "%.0f") + ["%.0f" % least, "%d, %d" % tuple(lost[n] for n in NAMES)])
    table(("", *NAMES, "ratio", "bare call", "lost"), rows)


CALLS = """openat close read write newfstat newfstatat lseek mmap munmap brk ioctl pread64 access dup fcntl getdents64 unlink
rename mkdir rmdir""".split()


def detach(rounds):
    script = ", ".join("tracepoint:syscalls:sys_enter_" + c for c in CALLS) + " { @ = count(); } interval:ms:1 { exit(); }"
    wall = {n: [] for n in NAMES}
    for i in range(5):
        for name in NAMES:
            if name == "kscope" or i < 3:
                wall[name].append(Tracer(name, script).wait(60)[0] * 1e3)
    say("## %d syscall tracepoints attached, a millisecond, detached" % len(CALLS))
    table(("", *NAMES, "ratio"), [measured("wall, ms", tuple(median_of(wall)[n] for n in NAMES), "%.0f")])


def throughput(rounds):
    total, rate = 1000000, 200000
    say("## printf: %s events at %s a second through one consumer" % (f"{total:,}", f"{rate:,}"))
    rows = []
    for name in NAMES:
        script = 'tracepoint:syscalls:sys_enter_getppid /pid == cpid/ { printf("%d %d %s\\n", pid, tid, comm); }'
        t = Tracer(name, script, "-c", "%s %d getppid 1 %d" % (LOOP, total, rate))
        wall, usage = t.wait(90)
        t.out.seek(0)
        lines = sum(1 for line in t.out if line.endswith(b" syscalls\n"))
        rows.append([name, f"{lines:,}", f"{t.lost():,}", f"{total - lines - t.lost():,}", "%.1f" % wall,
                     "%.1f" % (usage.ru_utime + usage.ru_stime)])
    table(("", "printed", "reported lost", "unaccounted", "wall, s", "CPU with the workload, s"), rows)


def compiler(rounds):
    say("## The compiler's memory: `kscope --dry-run`, peak of the larger process")
    scripts = [("one probe", "tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }"),
               ("20 probes of different actions", " ".join("tracepoint:syscalls:sys_enter_%s { @%s[pid] = count(); }" % (c, c)
                                                           for c in CALLS))]
    rows = []
    for label, script in scripts:
        runs = [Tracer("kscope", script, "--dry-run").wait(30) for _ in range(5)]
        rows.append([label, "%.1f" % (statistics.median(u.ru_maxrss for _, u in runs) / 1024),
                     "%.1f" % (statistics.median(w for w, _ in runs) * 1e3)])
    table(("", "MiB", "wall, ms"), rows)


def profile(rounds):
    """CPU of the tracer while it samples a busy program of 8 threads, symbols printed at the end included."""
    script = "profile:hz:999 { @[ustack] = count(); } interval:s:3 { exit(); }"
    cpu = {n: [] for n in NAMES}
    for _ in range(3):
        for name in NAMES:
            busy = [subprocess.Popen([CALLER, "spin", "4500"], stdout=subprocess.DEVNULL) for _ in range(8)]
            _, usage = Tracer(name, script).wait(60)
            for b in busy:
                b.kill()
                b.wait()
            cpu[name].append((usage.ru_utime + usage.ru_stime) * 1e3)
    say("## `profile:hz:999 { @[ustack] = count(); }` for 3 s beside 8 busy processes")
    table(("", *NAMES, "ratio"), [measured("CPU of the tracer, ms", tuple(median_of(cpu)[n] for n in NAMES), "%.0f")])


def stacks(rounds):
    """From the last event to the end: the process that made the stacks still runs, so that both find symbols."""
    script = "uprobe:%s:leaf { @[ustack] = count(); }" % CALLER
    os.environ.update(BPFTRACE_MAP_KEYS_MAX="20000", KSCOPE_MAX_MAP_KEYS="20000")
    ENV.update(BPFTRACE_MAP_KEYS_MAX="20000", KSCOPE_MAX_MAP_KEYS="20000")
    wall, rows, printed = {n: [] for n in NAMES}, [], {}
    for _ in range(3):
        for name in NAMES:
            t = Tracer(name, script)
            t.attached()
            caller = subprocess.Popen([CALLER, "paths", "10000", "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            caller.stdout.readline()
            start = time.monotonic()
            os.kill(t.pid, signal.SIGINT)
            t.wait(120)
            wall[name].append((time.monotonic() - start) * 1e3)
            caller.communicate()
            t.out.seek(0)
            printed[name] = sum(1 for line in t.out if line.startswith(b"@["))
    say("## 10,000 different user stacks printed")
    rows.append(measured("wall from Ctrl-C to the end, ms", tuple(median_of(wall)[n] for n in NAMES), "%.0f"))
    rows.append(["keys printed", *("%d" % printed[n] for n in NAMES), ""])
    table(("", *NAMES, "ratio"), rows)
    for key in ("BPFTRACE_MAP_KEYS_MAX", "KSCOPE_MAX_MAP_KEYS"):
        del ENV[key]


def uprobe(rounds):
    """Start-up is until the probe is attached: the command of -c starts then. The end waits for the kernel's grace
    periods, which are measured with the whole."""
    script = "uprobe:%s:leaf { @ = count(); }" % CALLER
    start, wall, cpu = ({n: [] for n in NAMES} for _ in range(3))
    for _ in range(max(rounds, 7)):
        for name in NAMES:
            t = Tracer(name, script, "-c", "/bin/echo started")
            while b"started" not in os.pread(t.out.fileno(), 65536, 0):
                time.sleep(0.0005)
            start[name].append((time.monotonic() - t.start) * 1e3)
            seconds, usage = t.wait(30)
            wall[name].append(seconds * 1e3)
            cpu[name].append((usage.ru_utime + usage.ru_stime) * 1e3)
    say("## Startup with one uprobe")
    table(("", *NAMES, "ratio"), [measured("until it is attached, ms", tuple(median_of(start)[n] for n in NAMES), "%.1f"),
                                  measured("to the end, detaching included, ms", tuple(median_of(wall)[n] for n in NAMES), "%.1f"),
                                  measured("CPU with children, ms", tuple(median_of(cpu)[n] for n in NAMES), "%.1f")])


SECTIONS = {f.__name__: f for f in (startup, memory, events, detach, throughput, compiler, uprobe, profile, stacks)}


def with_tracefs():
    """Runs this program again in a mount namespace where tracefs is mounted, unless it is already."""
    if any(os.path.isdir(p + "/events") for p in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")):
        return
    if os.environ.get("KSCOPE_BENCH_NS"):
        sys.exit("tracefs cannot be mounted")
    script = ("mount -t debugfs debugfs /sys/kernel/debug; mount -t tracefs tracefs /sys/kernel/tracing; "
              'export KSCOPE_BENCH_NS=1; exec "$@"')
    os.execvp("unshare", ["unshare", "-m", "bash", "-c", script, "bash", sys.executable, *sys.argv])


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("sections", nargs="*", metavar="SECTION", help=" ".join(SECTIONS))
    p.add_argument("--save", action="store_true", help="write bench/results.md too")
    p.add_argument("--rounds", type=int, default=5, help="rounds of the event section (5)")
    o = p.parse_args()
    unknown = [s for s in o.sections if s not in SECTIONS]
    if unknown:
        p.error("unknown section " + " ".join(unknown))
    if os.geteuid() != 0 or not BPFTRACE:
        sys.exit("the benchmark needs root and an installed bpftrace")
    with_tracefs()
    version = subprocess.run([BPFTRACE, "--version"], capture_output=True, text=True, env=ENV).stdout.strip()
    say("# kscope beside %s" % version)
    say()
    say("Linux %s, %d CPUs. Medians of interleaved runs, of ns per event the least; the ratio is kscope's number divided by bpftrace's. Made by "
        "`./dev bench --save`." % (".".join(platform.release().split(".")[:2]), os.cpu_count()))
    say()
    for name in o.sections or SECTIONS:
        SECTIONS[name](o.rounds)
    if o.save:
        with open(ROOT + "/bench/results.md", "w") as f:
            f.write("\n".join(output).rstrip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
