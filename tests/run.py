#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The one runner of kscope's tests.

    tests/run.py [--filter RE] [--list] [-v] [--build DIR] [--kscope PATH] [--all] [--vm | --vm-all]

Without --all it only runs what is built; `./dev test` passes --all, which builds the release preset,
runs everything, then repeats what needs no long tracing with the sanitizers' build, and lets clang and
clang-format look over the sources. A test is a file or a block of a file:

    tests/unit/test_*.c     cmocka programs; each of their tests counts
    tests/parser/X.bt       X.ast is what `kscope -d ast X.bt` prints
    tests/check/X.bt        X.err is what `kscope --dry-run X.bt` says on stderr, with status 1 and an empty stdout;
                            or X.warn, with status 0. A first line `// args: --foo` adds options
    tests/codegen/X.bt      each line of X.ir appears, in this order, in `kscope -d codegen-opt X.bt`
    tests/runtime/*.test    blocks as below: scripts that run, and what they print
    tests/cli/*.test        the same for the command line
    tests/package/*.test    the same for the manual, the shells' completions and the packages
    tests/tools/*.test      the same for the tools of the bpftrace package
    tests/vm/*.test         the same, made for the virtual machines
    tests/vm                the .test files' blocks marked VM (--vm-all: all of them, and the examples), in virtual
                            machines with other kernels; named `vm KERNEL: NAME`. --vm runs only these. A --filter
                            or a name chooses them only when it speaks of vm: `./dev test 'vm 6.1: runtime/loops'`
    tests/generated/*.py    programs with known output: the integer rules' matrix, and random ones
    docs/one-liners.md      each ```sh block runs, and prints what the ```text block behind it shows, by its shape:
                            see OneLiner
    examples/*.bt           compile; so does each block marked ```bt or ```bpftrace in README.md and docs/
    src/lang/errors.def     each row is expected by one of the tests above

A .test file holds blocks of `FIELD value` lines; lines indented by a tab belong to the field above them
(the tab is taken off). A block starts at NAME; `#` in the first column is a comment. Fields:

    NAME           what is tested, unique in the file
    PROG           a script, given by -e
    FILE           or a script's path
    ARGS           options, before the script; words for the shell
    PARAMS         positional parameters, after the script
    RUN            instead of these: a command line for bash, usually with {kscope}
    STDIN          its standard input; /dev/null otherwise
    ENV            NAME=value, a line each
    BESIDE         a shell command that runs once kscope said "Attached"; when it ends, kscope gets SIGINT
    EXPECT         all of stdout; blanks at the ends of lines and empty lines at its start and end do not count
    EXPECT_EXACT   all of stdout as one C string with its quotes
    EXPECT_RE      regular expressions, a line each, that are found in stdout (in any order)
    EXPECT_NONE_RE the same: not found
    STDERR         all of stderr, with "Attached N probes" taken away
    STDERR_RE      found in stderr; STDERR_NONE_RE: not found
    JSON           each line of stdout is a JSON object; with a value: and so is each line of stderr
    STATUS         exit status, 0 by default; -N: killed by signal N; "any"
    COMPARE        `bpftrace`: run it with bpftrace too (for {kscope}) and demand the same stdout, after
                   KEEP           regular expression: only lines that match stay
                   NORMALISE      s/RE/TEXT/ lines
                   SORT           lines are sorted; `SORT unique` drops double ones too
                   PROG_BPFTRACE  a script for bpftrace when it has to be another one
    REQUIRES       a line each: root | bpftrace | program X | event GROUP/EVENT | file PATH | btf |
                   kernel >= 6.12 (or: kernel < 6.12) | kprobe | fentry | traceable FUNCTION | symbol NAME |
                   field struct X: NAME | vm (in a virtual machine only) | not-vm
    VM             also runs in the virtual machines of `./dev test`, because it depends on the kernel; `VM preempt`:
                   also in the one that preempts everywhere; `VM no`: not, when the file's head says VM
    TIMEOUT        seconds, 15 by default (more where it is slow: sanitizers, virtual machines)
    WAYS           `no`: the script is not run once more through an image and with -f json, as all PROG and FILE blocks of
                   tests/runtime are (their expectations hold for the image; of JSON, each line must be valid)
    SERIAL         not beside other tests (before the first NAME: the whole file)
    ASAN           `no`: not with the sanitizers (too slow, or it limits memory)

{kscope} {build} {programs} {tests} {root} {tmp} are replaced in all fields but PROG's braces stay as they are:
only these words are. A test runs in {tmp}, a directory of its own, in a process group of its own that
is killed at the end; a process left behind in it is a failure.

The last line is `N passed, N failed, N skipped`; the exit status is 1 when something failed.
"""

import argparse
import ast
import concurrent.futures
import difflib
import glob
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, TESTS + "/vm")
import vm # noqa: E402

FIELDS = set("""NAME PROG FILE ARGS PARAMS RUN STDIN ENV BESIDE EXPECT EXPECT_EXACT EXPECT_RE EXPECT_NONE_RE STDERR
STDERR_RE STDERR_NONE_RE STATUS COMPARE KEEP NORMALISE SORT PROG_BPFTRACE REQUIRES VM TIMEOUT SERIAL ASAN
JSON WAYS""".split())
ATTACHED = re.compile(r"^Attached \d+ probes?$", re.M)


class Skip(Exception):
    pass


class Fail(Exception):
    pass


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def diff(expected, got):
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=3)
    text = "\n".join(list(lines)[:80])
    return text or "expected %r\ngot      %r" % (expected[-200:], got[-200:])


class Config:
    """Where things are, and with which build the tests run."""

    def __init__(self, options, build, asan):
        self.build = os.path.abspath(build)
        self.kscope = os.path.abspath(options.kscope) if options.kscope and not asan else self.build + "/kscope"
        self.programs = os.path.abspath(options.programs or self.build + "/programs")
        self.asan = asan
        self.prefix = "asan: " if asan else ""
        self.slow = (4 if asan else 1) * options.slow
        self.in_vm = options.in_vm
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("KSCOPE_", "BPFTRACE_"))}
        self.env.pop("NO_COLOR", None)
        self.env.update(LC_ALL="C.UTF-8", TZ="UTC", CMOCKA_MESSAGE_OUTPUT="STDOUT",
                        # LLVM keeps what it allocates
                        ASAN_OPTIONS="detect_leaks=0:exitcode=99:abort_on_error=0",
                        UBSAN_OPTIONS="print_stacktrace=1")


# --- processes -----------------------------------------------------------------------------------


class Process:
    """A command in a process group of its own, with its output in files."""

    def __init__(self, command, cwd, env, stdin=None):
        self.out = tempfile.TemporaryFile()
        self.err = tempfile.TemporaryFile()
        self.input = None
        if stdin is not None:
            self.input = tempfile.TemporaryFile()
            self.input.write(stdin.encode("utf-8", "surrogateescape"))
            self.input.seek(0)
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=self.input or subprocess.DEVNULL,
                                        stdout=self.out, stderr=self.err, start_new_session=True)
        self.pid = self.process.pid

    def text(self, file):
        size = os.fstat(file.fileno()).st_size
        return os.pread(file.fileno(), min(size, 64 << 20), 0).decode("utf-8", "surrogateescape")

    def stdout(self):
        return self.text(self.out)

    def stderr(self):
        return self.text(self.err)

    def wait(self, seconds):
        """Its status, or None when it did not end in time."""
        try:
            return self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number):
        try:
            os.killpg(self.pid, number)
            return True
        except (ProcessLookupError, PermissionError):
            return False

    def left_behind(self):
        """What processes of the group outlive their leader by two seconds."""
        end = time.monotonic() + 2
        while self.signal(0):
            if time.monotonic() > end:
                return subprocess.run(["ps", "-o", "pid,stat,args", "-g", str(self.pid)], capture_output=True,
                                      text=True).stdout
            time.sleep(0.02)
        return ""

    def close(self):
        self.signal(signal.SIGKILL)
        if self.process.poll() is None:
            self.process.wait()
        for f in (self.out, self.err, self.input):
            if f:
                f.close()


def simple(config, command, cwd, timeout=20, stdin=None):
    """Runs a command to its end: (status, stdout, stderr)."""
    p = Process(command, cwd, config.env, stdin)
    try:
        status = p.wait(timeout * config.slow)
        if status is None:
            raise Fail("timed out after %d s: %s\n%s" % (timeout * config.slow, shlex.join(command), p.stderr()[-2000:]))
        return status, p.stdout(), p.stderr()
    finally:
        p.close()


# --- requirements --------------------------------------------------------------------------------


def event_exists(config, name):
    group, _, event = name.partition("/")
    for place in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing"):
        if os.path.isdir(place + "/events"):
            return os.path.isdir("%s/events/%s/%s" % (place, group, event))
    status, out, _ = simple(config, [config.kscope, "-l", "tracepoint:%s:%s" % (group, event)], "/")
    return status == 0 and out.strip() != ""


def traceable_functions():
    """A line each; where that list cannot be read, all functions."""
    try:
        return "\n" + read("/sys/kernel/tracing/available_filter_functions")
    except OSError:
        return "\n" + re.sub(r"^\S+ \S ", "", read("/proc/kallsyms"), flags=re.M)


def require(config, line):
    """Raises Skip when the machine lacks what the line asks for."""
    word, _, rest = line.strip().partition(" ")
    if rest and word in ("root", "bpftrace", "btf", "kprobe", "fentry", "vm", "not-vm"): # several in one line
        require(config, rest)
    if word == "root":
        ok, what = os.geteuid() == 0, "needs root"
    elif word == "bpftrace":
        ok, what = os.geteuid() == 0 and shutil.which("bpftrace"), "needs the installed bpftrace, and root"
    elif word == "program":
        ok, what = shutil.which(rest), "no program '%s'" % rest
    elif word == "event":
        ok, what = event_exists(config, rest), "this kernel has no event %s" % rest
    elif word == "file":
        ok, what = os.path.exists(rest), "no %s" % rest
    elif word == "btf":
        ok, what = os.path.exists("/sys/kernel/btf/vmlinux"), "this kernel has no BTF"
    elif word == "kernel":
        have = [int(n) for n in re.findall(r"\d+", platform.release())[:2]]
        wanted = [int(n) for n in re.findall(r"\d+", rest)]
        ok, what = (have < wanted, "for Linux before %s" % rest[1:].strip()) if rest.startswith("<") else \
                   (have >= wanted, "needs Linux %s" % rest.lstrip(">= "))
    elif word == "kprobe":
        ok, what = os.path.exists("/sys/bus/event_source/devices/kprobe/type"), "this kernel has no kprobes"
    elif word == "traceable":
        ok, what = "\n%s\n" % rest in traceable_functions(), "this kernel has no function %s to probe" % rest
    elif word == "symbol":
        ok, what = re.search(r"^\S+ \S %s$" % re.escape(rest), read("/proc/kallsyms"), re.M), "this kernel shows no symbol " + rest
    elif word == "field":
        kind, _, name = rest.partition(": ")
        _, out, _ = simple(config, [config.kscope, "-lv", kind], "/")
        ok, what = re.search(r"\b%s\b[^ ]*;" % name, out), "%s of this kernel has no %s" % (kind, name)
    elif word == "fentry":
        # the trampolines of BPF are calls that the function tracer put into the functions
        ok = os.path.exists("/sys/kernel/btf/vmlinux") and " register_ftrace_direct\n" in read("/proc/kallsyms")
        what = "this kernel has no fentry (no BTF or no direct calls of ftrace)"
    elif word == "vm":
        ok, what = config.in_vm, "only in a virtual machine"
    elif word == "not-vm":
        ok, what = not config.in_vm, "not in a virtual machine"
    else:
        raise Fail("unknown requirement '%s'" % line)
    if not ok:
        raise Skip(what)


# --- .test files ---------------------------------------------------------------------------------


def parse_blocks(path):
    """Yields a dictionary for each block of a .test file; `line` is where it starts."""
    common, blocks, field = {}, [], None
    current = common
    for number, line in enumerate(read(path).splitlines(), 1):
        if line.startswith("#"):
            continue
        if line.startswith("\t"):
            if not field:
                raise Fail("%s:%d: an indented line belongs to no field" % (path, number))
            current[field].append(line[1:])
            continue
        if not line.strip():
            if field:
                current[field].append("")
            continue
        word, _, rest = line.partition(" ")
        if word not in FIELDS:
            raise Fail("%s:%d: unknown field '%s'" % (path, number, word))
        if word == "NAME":
            current = {"line": number}
            blocks.append(current)
        if word in current:
            raise Fail("%s:%d: a second %s in one block" % (path, number, word))
        field = word
        current[field] = [rest.strip()] if rest.strip() else []
    for block in blocks:
        for key, lines in common.items():
            block.setdefault(key, lines)
        for key in list(block):
            if key != "line":
                block[key] = "\n".join(block[key]).strip("\n")
    return blocks


def trimmed(text):
    """Without blanks at the ends of lines, and without empty lines at both ends."""
    return re.sub(r"[ \t]+$", "", text, flags=re.M).strip("\n")


class BlockTest:
    """A block of a .test file."""

    def __init__(self, room, path, block):
        self.name = "%s/%s: %s" % (room, os.path.basename(path)[:-5], block["NAME"])
        self.where = "%s:%d" % (os.path.relpath(path, ROOT), block["line"])
        self.block = block
        self.serial = "SERIAL" in block
        self.path = path

    def fill(self, text, config, tmp):
        values = dict(kscope=config.kscope, build=config.build, programs=config.programs, tests=TESTS, root=ROOT, tmp=tmp)
        return re.sub(r"\{(kscope|build|programs|tests|root|tmp)\}", lambda m: values[m[1]], text)

    def command(self, config, tmp, tracer):
        b = {k: self.fill(v, config, tmp) for k, v in self.block.items() if k != "line"}
        prog = b.get("PROG_BPFTRACE") if tracer != config.kscope and "PROG_BPFTRACE" in b else b.get("PROG")
        if "RUN" in b:
            line = self.block["RUN"].replace("{kscope}", shlex.quote(tracer))
            line = self.fill(line, config, tmp)
        else:
            words = [shlex.quote(tracer), b.get("ARGS", "")]
            if prog is not None:
                words += ["-e", shlex.quote(prog)]
            elif "FILE" in b:
                words += [b["FILE"]]
            words.append(b.get("PARAMS", ""))
            line = "exec " + " ".join(w for w in words if w)
        return ["/bin/bash", "-c", line]

    def beside(self, config, tmp, process, deadline, env):
        """Waits until the probes are attached, runs BESIDE, then interrupts the trace."""
        command = self.fill(self.block["BESIDE"], config, tmp)
        while not ATTACHED.search(process.stderr()) and not re.search(r"^Attaching \d+ probe", process.stdout(), re.M) \
                and not attached_json(process, tmp):
            if process.wait(0.005) is not None:
                return
            if time.monotonic() > deadline:
                raise Fail("it did not say that it is attached\n" + process.stderr()[-2000:])
        if not ATTACHED.search(process.stderr()) and not attached_json(process, tmp):
            settle(process) # bpftrace tells before it attaches
        workload = Process(["/bin/bash", "-c", command], tmp, dict(env, KSCOPE_PID=str(process.pid)))
        try:
            if workload.wait(deadline - time.monotonic()) is None:
                raise Fail("BESIDE timed out\n" + workload.stderr()[-2000:])
        finally:
            workload.close()
        if process.process.poll() is None:
            os.kill(process.pid, signal.SIGINT)

    def execute(self, config, tmp, tracer):
        env = dict(config.env)
        for line in self.fill(self.block.get("ENV", ""), config, tmp).splitlines():
            key, _, value = line.partition("=")
            env[key] = value
        stdin = self.block.get("STDIN")
        timeout = float(self.block.get("TIMEOUT", "15")) * config.slow
        deadline = time.monotonic() + timeout
        p = Process(self.command(config, tmp, tracer), tmp, env, None if stdin is None else stdin + "\n")
        try:
            if "BESIDE" in self.block:
                self.beside(config, tmp, p, deadline, env)
            status = p.wait(deadline - time.monotonic())
            if status is None:
                raise Fail("timed out after %g s\nstdout: %s\nstderr: %s" % (timeout, p.stdout()[-2000:], p.stderr()[-2000:]))
            left = p.left_behind()
            if left:
                raise Fail("it left processes behind:\n" + left)
            return status, p.stdout(), p.stderr()
        finally:
            p.close()

    def normalise(self, text):
        text = re.sub(r"^Attach(ing|ed) \d+ probes?(\.\.\.)?\n", "", text, flags=re.M)
        lines = text.split("\n")
        if "KEEP" in self.block:
            lines = [l for l in lines if re.search(self.block["KEEP"], l)]
        for rule in self.block.get("NORMALISE", "").splitlines():
            parts = re.split(r"(?<!\\)" + re.escape(rule[1]), rule)
            if rule[0] != "s" or len(parts) != 4:
                raise Fail("bad NORMALISE rule '%s'" % rule)
            lines = [re.sub(parts[1], parts[2], l) for l in lines]
        if "SORT" in self.block:
            lines = sorted(set(lines) if self.block["SORT"] == "unique" else lines)
        return trimmed("\n".join(lines))

    def run(self, config):
        for line in self.block.get("REQUIRES", "").splitlines():
            require(config, line)
        if config.asan and self.block.get("ASAN") == "no":
            raise Skip("not with the sanitizers")
        with tempfile.TemporaryDirectory(prefix="kscope-test.") as tmp:
            os.chmod(tmp, 0o755)
            status, out, err = self.execute(config, tmp, config.kscope)
            self.judge(config, tmp, status, out, err)
            if "COMPARE" in self.block and not config.asan:
                require(config, "bpftrace")
                _, other, other_err = self.execute(config, tmp, TESTS + "/bpftrace")
                mine, theirs = self.normalise(out), self.normalise(other)
                if mine != theirs:
                    raise Fail("differs from bpftrace (expected)\n%s\n%s" % (diff(theirs, mine), other_err[-1000:]))
                if not mine:
                    raise Fail("nothing to compare: both print nothing that KEEP lets through\n" + other_err[-1000:])

    def judge(self, config, tmp, status, out, err):
        b = {k: self.fill(v, config, tmp) for k, v in self.block.items() if k != "line"}
        problems = []
        wanted = b.get("STATUS", "0")
        if wanted != "any" and status != int(wanted):
            problems.append("status %d, expected %s" % (status, wanted))
        if "EXPECT" in b and trimmed(out) != trimmed(b["EXPECT"]):
            problems.append("stdout:\n" + diff(trimmed(b["EXPECT"]), trimmed(out)))
        if "EXPECT_EXACT" in b and out != ast.literal_eval(b["EXPECT_EXACT"]):
            problems.append("stdout: %r\nexpected %s" % (out, b["EXPECT_EXACT"]))
        if "JSON" in b:
            problems += json_problems(out) + (json_problems(err) if b["JSON"] else [])
        if "STDERR" in b:
            said = ATTACHED.sub("", err).strip("\n")
            if said != b["STDERR"].strip("\n"):
                problems.append("stderr:\n" + diff(b["STDERR"].strip("\n"), said))
        for field, text, found in (("EXPECT_RE", out, True), ("EXPECT_NONE_RE", out, False),
                                   ("STDERR_RE", err, True), ("STDERR_NONE_RE", err, False)):
            for line in b.get(field, "").splitlines():
                if line and bool(re.search(line, text, re.M)) != found:
                    problems.append("%s: %s" % (field, line))
        if config.asan and re.search(r"ERROR: AddressSanitizer|runtime error:", err):
            problems.append("a sanitizer complains")
        if problems:
            raise Fail("\n".join(problems) + "\nstdout: %s\nstderr: %s" % (out[-1500:], err[-3000:]))


class OneLiner(BlockTest):
    """A command of docs/one-liners.md beside its output, which need not be the same but has to look the same."""
    block_re = re.compile(r"(?:<!-- (?P<words>[a-z]+: [^\n]*) -->\n)?```sh\n(?P<command>.*?)```\n\n```text\n(?P<output>.*?)```\n",
                          re.S)
    fields = {"requires": "REQUIRES", "beside": "BESIDE", "timeout": "TIMEOUT"}
    bucket = re.compile(r"^\[\S+( \S+[)\]])? +\d+ +\|[@ ]*\|$")

    def __init__(self, path, text, match):
        above = re.findall(r"\n\n([^\s<`#].*)", text[:match.start()]) # first lines of paragraphs
        block = {"NAME": re.split(r"[?.:,] ", above[-1])[0].rstrip("?.:") if above else "?", "REQUIRES": "root", "TIMEOUT": "20",
                 "line": text.count("\n", 0, match.start("command")),
                 "RUN": "exec " + re.sub(r"^kscope\b", "{kscope}", match["command"].rstrip(), flags=re.M)}
        self.any_names = False
        for word in (match["words"] or "").split("; "):
            key, _, value = word.partition(": ")
            if key == "any" and value == "names":
                self.any_names = True
            elif key == "requires":
                block["REQUIRES"] += "\n" + value
            elif key:
                block[self.fields[key]] = value
        if "kprobe" in block["REQUIRES"]:
            block["VM"] = ""
        super().__init__("docs", path, block)
        self.name = "docs/one-liners: " + block["NAME"]
        self.output = match["output"]

    def shape(self, text):
        """What does not depend on the machine: lines with numbers and names replaced, each run of equal ones once."""
        shapes = []
        for line in text.splitlines():
            line = line.rstrip()
            if self.bucket.match(line):
                line = "BUCKET"
            elif re.match(r"^    (0x[0-9a-f]+|\S+\+\d+)$", line):
                line = "    FRAME"
            elif self.any_names:
                line = re.sub(r"\[[^\]]*\]", "[NAMES]", line)
            line = re.sub(r" *-?(0x[0-9a-f]+|(?<![A-Za-z_])\d+(\.\d+)?)", " N", line)
            line = re.sub(r'(\{"min": N, "max": N, "count": N\}(, )?)+', "BUCKETS", line)
            if line and line != (shapes or [""])[-1]:
                shapes.append(line)
        return shapes

    def judge(self, config, tmp, status, out, err):
        shown, got = self.shape(self.output), self.shape(out)
        # lines that were cut from the page may have any shape, or that of both their neighbours
        pattern = re.sub(r"(?m)^(.+\n)…\n\1", r"\1(?:(?:.*\\n)*\1)?", "".join(
            "…\n" if l == "…" else re.escape(l).replace("\\\n", "\n") + "\n" for l in shown))
        pattern = re.sub(r"(?m)^…\n", r"(?:.*\\n)*", pattern)
        if status or not re.fullmatch(pattern, "\n".join(got) + "\n"):
            raise Fail("status %d, shape:\n%s\n%s\n%s" % (status, diff("\n".join(shown), "\n".join(got)), out[-2000:],
                                                        err[-2000:]))


def attached_json(process, tmp):
    """Whether a trace with -f json says that it is attached, on stdout or in the file `json`."""
    path = tmp + "/json"
    return '"attached_probes"' in process.stdout() or os.path.exists(path) and '"attached_probes"' in read(path)


def json_problems(text):
    """What of the text's lines is no JSON object with type and data."""
    problems = []
    for line in text.splitlines():
        try:
            line.encode("utf-8")
            said = json.loads(line)
            if not isinstance(said.get("type"), str) or "data" not in said or len(said) != 2:
                problems.append("not an object with type and data: " + line[:200])
        except (ValueError, AttributeError) as e:
            problems.append("not JSON (%s): %s" % (e, line[:200]))
    return problems[:10]


class OtherWay:
    """A block of tests/runtime once more: through an image, or with JSON as its output."""

    def __init__(self, block, way):
        self.inner, self.way = block, way
        self.name = "%s (%s)" % (block.name, way)
        self.where, self.serial = block.where, block.serial

    @staticmethod
    def fits(test):
        b = test.block
        return not {"RUN", "COMPARE"} & set(b) and ("PROG" in b or "FILE" in b) and b.get("WAYS") != "no" and \
            not re.search(r"(^|\s)(-[dflo]|--emit)", b.get("ARGS", ""))

    def run(self, config):
        for line in self.inner.block.get("REQUIRES", "").splitlines():
            require(config, line)
        args = self.inner.block.get("ARGS", "")
        with tempfile.TemporaryDirectory(prefix="kscope-test.") as tmp:
            os.chmod(tmp, 0o755)
            block = dict(self.inner.block)
            if self.way == "json":
                block["ARGS"] = "-f json -o json " + args
            else:
                words = self.inner.command(config, tmp, config.kscope)[2][len("exec "):]
                block["RUN"] = "{kscope} --emit image " + words.split(" ", 1)[1] + \
                    " && KSCOPE_COMPILER=/nonexistent exec {kscope} %s image" % args
            test = BlockTest(self.name.split("/")[0], self.inner.path, block)
            status, out, err = test.execute(config, tmp, config.kscope)
            if self.way == "image":
                test.judge(config, tmp, status, out, err)
                return
            wanted = block.get("STATUS", "0")
            problems = json_problems(read(tmp + "/json") if os.path.exists(tmp + "/json") else "")
            if wanted != "any" and status != int(wanted):
                problems.append("status %d, expected %s" % (status, wanted))
            if problems:
                raise Fail("\n".join(problems) + "\nstderr: " + err[-2000:])


def settle(process):
    """Waits until a tracer has opened all its perf events: no new descriptor for 0.7 s."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 0.7:
        try:
            now = len(os.listdir("/proc/%d/fd" % process.pid))
        except OSError:
            return
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.05)


# --- paired files --------------------------------------------------------------------------------


class FileTest:
    serial = False

    def __init__(self, room, script, expected):
        self.room, self.script, self.expected = room, script, expected
        self.name = "%s/%s" % (room, os.path.basename(script)[:-3])
        self.where = os.path.relpath(script, ROOT)

    def options(self):
        with open(self.script, "rb") as f:
            first = f.readline(1 << 16).decode("utf-8", "replace")
        m = re.match(r"//\s*args:\s*(.*)", first)
        return shlex.split(m[1]) if m else []

    def kscope(self, config, *options):
        words = [config.kscope, *options, *self.options(), os.path.basename(self.script)]
        return simple(config, words, os.path.dirname(self.script))

    def same(self, expected, got, what, err=""):
        if expected != got:
            raise Fail("%s:\n%s\n%s" % (what, diff(expected, got), err[-2000:]))


class ParserTest(FileTest):
    def run(self, config):
        status, out, err = self.kscope(config, "-d", "ast")
        self.same(read(self.expected), out, "stdout", err)
        if status:
            raise Fail("status %d\n%s" % (status, err))


class CheckTest(FileTest):
    def run(self, config):
        if os.geteuid() != 0:
            raise Skip("needs root")
        bad = self.expected.endswith(".err")
        status, out, err = self.kscope(config, "--dry-run", *([] if bad else ["-q"]))
        self.same(read(self.expected), err, "stderr")
        if out:
            raise Fail("stdout is not empty:\n" + out[-2000:])
        if status != (1 if bad else 0):
            raise Fail("status %d" % status)


class CodegenTest(FileTest):
    def run(self, config):
        if os.geteuid() != 0:
            raise Skip("needs root")
        status, out, err = self.kscope(config, "-d", "codegen-opt")
        if status:
            raise Fail("status %d\n%s" % (status, err))
        at = 0
        for line in read(self.expected).splitlines():
            if not line.strip():
                continue
            found = out.find(line.strip(), at)
            if found < 0:
                raise Fail("not in the IR, or not after the line before it: %s\n%s" % (line, out[at:][:6000]))
            at = found + len(line.strip())


class ScriptTest:
    """A script that has to compile: an example, or a block in a document."""
    serial = False

    def __init__(self, name, where, text):
        self.name, self.where, self.text = name, where, text
        self.kprobes = re.search(r"^\s*(k|kr|kprobe|kretprobe):", text, re.M) is not None

    def run(self, config):
        require(config, "root")
        if self.kprobes:
            require(config, "kprobe")
        with tempfile.TemporaryDirectory(prefix="kscope-test.") as tmp:
            with open(tmp + "/script.bt", "w", encoding="utf-8") as f:
                f.write(self.text)
            status, out, err = simple(config, [config.kscope, "--dry-run", "script.bt"], tmp)
        if status:
            raise Fail("status %d\n%s" % (status, err[-3000:]))


def document_blocks(path):
    """(line, text) of each block of a document that is marked as a script."""
    start, lines = 0, []
    for number, line in enumerate(read(path).splitlines(), 1):
        if start and line.strip().startswith("```"):
            yield start, "\n".join(lines) + "\n"
            start, lines = 0, []
        elif start:
            lines.append(line)
        elif re.match(r"\s*```(bt|bpftrace)\s*$", line):
            start = number


class GeneratedTest:
    """A program of tests/generated/, made when it is its turn, with the output that it must have."""
    serial = False

    def __init__(self, name, where, make):
        self.name, self.where, self.make = "generated/" + name, "tests/generated/" + where, make

    def run(self, config):
        if os.geteuid() != 0:
            raise Skip("needs root")
        script, expected = self.make()
        with tempfile.TemporaryDirectory(prefix="kscope-test.") as tmp:
            with open(tmp + "/script.bt", "w", encoding="utf-8") as f:
                f.write(script)
            status, out, err = simple(config, [config.kscope, "-q", "--no-warnings", "script.bt"], tmp, 30)
        if status or err:
            raise Fail("status %d\n%s\n%s" % (status, err[-3000:], script))
        if trimmed(out) != trimmed(expected):
            raise Fail("stdout:\n%s\n%s" % (diff(trimmed(expected), trimmed(out)), script))


RANDOM_PROGRAMS = 100


def generated_tests():
    sys.path.insert(0, TESTS + "/generated")
    sys.dont_write_bytecode = True
    import matrix
    import random_programs
    for name, script, expected in matrix.programs():
        yield GeneratedTest("matrix: " + name, "matrix.py", lambda script=script, expected=expected: (script, expected))
    for seed in range(RANDOM_PROGRAMS):
        yield GeneratedTest("random: %d" % seed, "random_programs.py", lambda seed=seed: random_programs.program(seed))


class UnitTest:
    """A cmocka program. It counts as many tests as it reports."""
    serial = False

    def __init__(self, source):
        self.program = os.path.basename(source)[:-2]
        self.name = "unit/" + self.program
        self.where = os.path.relpath(source, ROOT)

    def run(self, config):
        path = config.build + "/tests/" + self.program
        if not os.path.exists(path):
            raise Skip("not built")
        status, out, err = simple(config, [path], TESTS, 60)
        results = [(self.name + ": " + m[2], {"OK": "pass", "FAILED": "fail", "SKIPPED": "skip"}[m[1]])
                   for m in re.finditer(r"^\[ +(OK|FAILED|SKIPPED) +\] (\w+)$", out, re.M)]
        results = list(dict(results).items())
        if not results or (status and not any(r == "fail" for _, r in results)):
            raise Fail("status %d\n%s\n%s" % (status, out[-3000:], err[-3000:]))
        detail = out[-4000:] + err[-4000:]
        return [(n, r, detail if r == "fail" else "the test says so") for n, r in results]


# --- coverage of errors.def ----------------------------------------------------------------------

STRING = r'"((?:[^"\\]|\\.)*)"'


def error_rows():
    """(tag, regular expression of its text, reason for having no test)."""
    text = read(ROOT + "/src/lang/errors.def")
    for m in re.finditer(r"^(?:ERROR|WARNING)\(\s*(\w+),\s*((?:%s\s*)+)(.*)$" % STRING, text, re.M):
        fmt = "".join(re.findall(STRING, m[2]))
        fmt = fmt.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
        parts = re.split(r"%(?:[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j)?[a-zA-Z]|%)", fmt)
        reason = re.search(r"/\* no test: (.*?) \*/", m[0])
        yield m[1], ".*".join(re.escape(p) for p in parts), reason[1] if reason else None


def expectations():
    """All texts on stderr that some test expects."""
    texts = [read(p) for ext in ("err", "warn") for p in glob.glob(TESTS + "/check/*." + ext)]
    for path in glob.glob(TESTS + "/*/*.test"):
        try:
            blocks = parse_blocks(path)
        except Fail:
            continue
        for block in blocks:
            texts.append(block.get("STDERR", ""))
            texts.append(block.get("EXPECT", ""))
            # a regular expression: its escapes taken off, it reads like the text
            texts.append(re.sub(r"\\(\W)", r"\1", block.get("STDERR_RE", "")))
    return texts


class CoverageTest:
    name, where, serial = "errors.def coverage", "src/lang/errors.def", False

    def run(self, config):
        texts, results = expectations(), []
        for tag, pattern, reason in error_rows():
            name = "errors.def coverage: " + tag
            if any(re.search(pattern, t) for t in texts):
                results.append((name, "pass", ""))
            elif reason:
                results.append((name, "skip", reason))
            else:
                results.append((name, "fail", "no test expects its text: " + re.sub(r"\\(.)", r"\1", pattern)))
        return results


# --- sources -------------------------------------------------------------------------------------


def project_files(*patterns):
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
                         capture_output=True, text=True)
    return [f for f in out.stdout.split("\n") if f and os.path.exists(os.path.join(ROOT, f))]


class ClangTest:
    """clang's warnings are other ones than gcc's."""
    name, where, serial = "sources: clang has no warnings", "src", False

    def run(self, config):
        if not shutil.which("clang"):
            raise Skip("no clang")
        llvm = "/usr/lib/llvm-19/include"
        files = project_files("src/*.c", "tests/programs/*.c")
        errors = []
        for name in files:
            words = ["clang", "-fsyntax-only", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                     "-Wswitch-enum", "-DKSCOPE_VERSION=\"0\"", "-DKSCOPE_LIBEXECDIR=\"/\"",
                     "-I" + ROOT + "/src", "-I" + config.build + "/gen", "-I" + config.build + "/gen/parser", "-isystem", llvm, name]
            status, out, err = simple(config, words, ROOT, 60)
            if status:
                errors.append(err)
        if errors:
            raise Fail("\n".join(errors)[:6000])


class FormatTest:
    name, where, serial = "sources: clang-format agrees", ".clang-format", False

    def run(self, config):
        tool = shutil.which("clang-format-14")
        if not tool:
            raise Skip("no clang-format-14, whose layout is the project's")
        files = project_files("*.c", "*.h")
        status, out, err = simple(config, [tool, "--dry-run", "-Werror", "-style=file", *files], ROOT, 120)
        if status:
            raise Fail("run ./dev format for: " + " ".join(sorted(set(re.findall(r"^(\S+?):\d+:\d+: ", err, re.M)))))


class Spdx:
    name, where, serial = "sources: SPDX lines", "src", False

    def run(self, config):
        bad = [f for f in project_files("src/*.c", "src/*.h", "src/*.y", "src/*.l", "tests/*.c", "*.py", "dev", ".ci/run",
                                        "CMakeLists.txt")
               if "SPDX-License-Identifier: Apache-2.0" not in read(os.path.join(ROOT, f))[:600]]
        if bad:
            raise Fail("no SPDX line in " + " ".join(bad))


# --- virtual machines ----------------------------------------------------------------------------


class VmTest:
    """A boot of a virtual machine, in which this program runs the tests that it is given."""
    where, serial = "tests/vm", True
    # kernel, words for its command line, the tests with this word at VM (all when empty), seconds until it is cut off
    boots = (("6.12", "", ""), ("6.1", "", ""), ("6.12", "preempt=full", "preempt"))

    def __init__(self, kernel, append, mark, everything, wanted):
        self.name = "vm %s" % kernel + (append and " " + append)
        self.kernel, self.append, self.everything = kernel, append, everything and not mark
        self.tests = [t for t in collect() if self.chosen(t, mark) and wanted(self.name + ": " + t.name)]
        self.waiting, self.results, self.release, self.reasons, self.preempt = {}, [], "", {}, ""

    def chosen(self, test, mark):
        if self.everything:
            return isinstance(test, BlockTest) or test.name.startswith("examples/") or getattr(test, "kprobes", False)
        if getattr(test, "kprobes", False): # a document's or an example's, which not every host can attach
            return not mark
        words = test.block.get("VM", "no") if isinstance(test, BlockTest) else "no"
        return mark in words if mark else words != "no"

    def stage(self, config, tmp):
        """What the machine runs is a copy, so that a build meanwhile does not disturb it."""
        for name in ("tests", "examples", "docs", "README.md", "src/lang"):
            if os.path.isdir(ROOT + "/" + name):
                shutil.copytree(ROOT + "/" + name, tmp + "/" + name, ignore=shutil.ignore_patterns("__pycache__"))
            elif os.path.exists(ROOT + "/" + name):
                shutil.copy(ROOT + "/" + name, tmp + "/" + name)
        os.mkdir(tmp + "/build")
        for path in glob.glob(os.path.dirname(config.kscope) + "/kscope*"):
            if os.path.isfile(path):
                shutil.copy(path, tmp + "/build/")
        shutil.copytree(config.programs, tmp + "/build/programs")
        with open(tmp + "/names", "w", encoding="utf-8") as f:
            f.write("".join(t.name + "\n" for t in self.tests))
        python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        with open(tmp + "/command", "w", encoding="utf-8") as f:
            f.write("printf '{\"preempt\": \"%s\"}\\n' \"$(cat /sys/kernel/debug/sched/preempt)\" >&3\n")
            f.write("cd /run/vm && exec %s tests/run.py --only names --in-vm --slow 5 --report 3\n" % shlex.quote(python))

    def heard(self, line):
        """A line of the runner inside: what it began, or what it found."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "begins" in said:
            self.waiting[said["begins"]] = True
        elif "ends" in said:
            self.waiting.pop(said["ends"], None)
        elif "preempt" in said:
            self.preempt = said["preempt"] # e.g. none (voluntary) full
        elif "name" in said:
            name, result, detail = said["name"], said["result"], said["detail"]
            self.results.append((self.name + ": " + name, result, detail))

    def run(self, config):
        start = time.monotonic()
        if not self.tests:
            raise Skip("no test is marked for it")
        with tempfile.TemporaryDirectory(prefix="kscope-stage.") as tmp:
            try:
                self.stage(config, tmp)
                machine = vm.Machine(self.kernel, tmp, self.append)
                self.release = machine.release
                why = machine.run(3600 if self.everything else 300, 240, self.heard)
            except vm.Unavailable as e:
                self.reasons[str(e)] = len(self.tests)
                self.results = [(self.name + ": " + t.name, "skip", str(e)) for t in self.tests]
                return self.results
        own = []
        # a test may report several results (`name: sub`), or end the machine
        missing = [t.name for t in self.tests
                   if not any(r[0].startswith(self.name + ": " + t.name) for r in self.results)]
        if why or missing:
            own.append("%s; %d tests without a result: %s\nwere running: %s\nthe console's last lines:\n%s" % (
                why or "it lost results", len(missing), ", ".join(missing[:20]), ", ".join(self.waiting),
                "\n".join(machine.console.splitlines()[-30:])))
        if self.append == "preempt=full" and "(full)" not in self.preempt:
            own.append("the kernel does not preempt everywhere: " + self.preempt)
        own += ["the kernel complains:\n" + text for text in machine.complaints()[:3]]
        detail = "%s, %.0f s" % (self.release, time.monotonic() - start)
        self.results.append((self.name + ": the machine runs to its end", "fail" if own else "pass",
                             "\n".join(own) or detail))
        self.reasons = {}
        for _, result, why in self.results:
            if result == "skip":
                self.reasons[why] = self.reasons.get(why, 0) + 1
        self.seconds = time.monotonic() - start
        return self.results

    @staticmethod
    def table(tests):
        """
        kernel                                passed  failed  skipped  seconds
        vm 6.1 (6.1.0-56-cloud-amd64)             61       0        2       93
            2 skipped: needs Linux 6.12
        """
        lines = ["%-58s %7s %7s %8s %8s" % ("kernel", "passed", "failed", "skipped", "seconds")]
        for t in tests:
            count = {w: sum(r[1] == w for r in t.results) for w in ("pass", "fail", "skip")}
            lines.append("%-58s %7d %7d %8d %8.0f" % (t.name + (t.release and " (%s)" % t.release), count["pass"],
                         count["fail"], count["skip"], getattr(t, "seconds", 0)))
            lines += ["    %d skipped: %s" % (n, why) for why, n in sorted(t.reasons.items())]
        return "\n".join(lines)


# --- running -------------------------------------------------------------------------------------


class Broken:
    """A test file that cannot be read."""
    serial = False

    def __init__(self, name, why):
        self.name, self.where, self.why = name, name, why

    def run(self, config):
        raise Fail(self.why)


def collect():
    tests = [UnitTest(p) for p in sorted(glob.glob(TESTS + "/unit/test_*.c"))]
    rooms = (("parser", ParserTest, ("ast",)), ("check", CheckTest, ("err", "warn")), ("codegen", CodegenTest, ("ir",)))
    for room, kind, extensions in rooms:
        for script in sorted(glob.glob("%s/%s/*.bt" % (TESTS, room))):
            expected = [script[:-2] + e for e in extensions if os.path.exists(script[:-2] + e)]
            if expected:
                tests.append(kind(room, script, expected[0]))
            else:
                tests.append(Broken(os.path.relpath(script, TESTS), "no ." + " or .".join(extensions) + " beside it"))
    for room in ("cli", "package", "runtime", "tools", "vm"):
        for path in sorted(glob.glob("%s/%s/*.test" % (TESTS, room))):
            try:
                blocks = [BlockTest(room, path, b) for b in parse_blocks(path)]
                tests += blocks
                if room == "runtime":
                    tests += [OtherWay(t, way) for t in blocks if OtherWay.fits(t) for way in ("image", "json")]
            except Fail as e:
                tests.append(Broken(os.path.relpath(path, TESTS), str(e)))
    path = ROOT + "/docs/one-liners.md"
    text = read(path) if os.path.exists(path) else ""
    tests += [OneLiner(path, text, match) for match in OneLiner.block_re.finditer(text)]
    for path in sorted(glob.glob(ROOT + "/examples/*.bt")):
        tests.append(ScriptTest("examples/" + os.path.basename(path), os.path.relpath(path, ROOT), read(path)))
    for path in [ROOT + "/README.md"] + sorted(glob.glob(ROOT + "/docs/*.md")):
        if os.path.exists(path):
            short = os.path.relpath(path, ROOT)
            tests += [ScriptTest("%s:%d" % (short, n), short, text) for n, text in document_blocks(path)]
    tests += generated_tests()
    tests.append(CoverageTest())
    return tests


class Report:
    def __init__(self, verbose, descriptor=None):
        self.verbose, self.lock, self.descriptor = verbose, threading.Lock(), descriptor
        self.passed, self.failed, self.skipped = [], [], []

    def tell(self, **words):
        """A line for the runner outside, when this one runs in a virtual machine."""
        if self.descriptor is not None:
            os.write(self.descriptor, json.dumps(words).encode() + b"\n")

    def add(self, name, result, detail, where=""):
        with self.lock:
            self.tell(name=name, result=result, detail=detail[:8000])
            if result == "pass":
                self.passed.append(name)
                if self.verbose:
                    print("ok    %s%s" % (name, detail and " (%s)" % detail), flush=True)
            elif result == "skip":
                self.skipped.append((name, detail))
            else:
                self.failed.append(name)
                print("FAIL  %s (%s)" % (name, where), flush=True)
                for line in detail.encode("utf-8", "backslashreplace").decode().splitlines()[:150]:
                    print("      " + line, flush=True)

    def run(self, config, test):
        start = time.monotonic()
        name = config.prefix + test.name
        self.tell(begins=name)
        try:
            many = test.run(config)
            if many is None:
                self.add(name, "pass", "%.2f s" % (time.monotonic() - start))
            for sub, result, detail in many or ():
                self.add(config.prefix + sub, result, detail, test.where)
        except Skip as e:
            self.add(name, "skip", str(e))
        except Fail as e:
            self.add(name, "fail", str(e), test.where)
        except Exception as e: # a mistake in the runner or in a test's fields
            self.add(name, "fail", "%s: %s" % (type(e).__name__, e), test.where)
        finally:
            self.tell(ends=name)

    def run_all(self, config, tests, jobs):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda t: self.run(config, t), [t for t in tests if not t.serial]))
        for test in tests:
            if test.serial:
                self.run(config, test)

    def close(self, table):
        if table:
            print(table)
        if self.skipped:
            print("skipped:")
            groups = {}
            for name, why in self.skipped:
                groups.setdefault((name.split(": ")[0], why), []).append(name)
            for (head, why), names in groups.items():
                if len(names) > 5: # a virtual machine that is not there
                    names = ["%s: %d tests" % (head, len(names))]
                for name in names:
                    print("  %s: %s" % (name, why))
        if self.failed:
            print("failed:")
            for name in self.failed:
                print("  " + name)
        print("%d passed, %d failed, %d skipped" % (len(self.passed), len(self.failed), len(self.skipped)), flush=True)
        return 1 if self.failed or not self.passed else 0


def build(preset, report):
    """Builds a preset; a failure is a failed test."""
    start = time.monotonic()
    out = subprocess.run([ROOT + "/dev", "build", preset], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if out.returncode:
        report.add("build: " + preset, "fail", (out.stdout + out.stderr)[-6000:], "CMakeLists.txt")
        return False
    report.add("build: " + preset, "pass", "%.0f s" % (time.monotonic() - start))
    return True


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("tests", nargs="*", help="names, or parts of them")
    p.add_argument("--filter", metavar="RE", help="only tests whose name matches")
    p.add_argument("--list", action="store_true", help="list the tests")
    p.add_argument("-v", "--verbose", action="store_true", help="name the tests that pass")
    p.add_argument("-j", "--jobs", type=int, default=2, help="tests side by side (2)")
    p.add_argument("--build", default=ROOT + "/build", help="build directory")
    p.add_argument("--kscope", help="the binary, when it is not in the build directory")
    p.add_argument("--programs", help="directory of the workload programs, likewise")
    p.add_argument("--all", action="store_true", help="build first; sanitizers and source checks after")
    p.add_argument("--quick", action="store_true", help="with --all: no sanitizers")
    p.add_argument("--asan", action="store_true", help="only with the sanitizers")
    p.add_argument("--vm", action="store_true", help="only the tests in virtual machines")
    p.add_argument("--vm-all", action="store_true", help="all tests that a kernel matters to in virtual machines, not a choice")
    p.add_argument("--slow", type=float, default=1, help="tests may take so many times as long")
    p.add_argument("--in-vm", action="store_true", help="this is a virtual machine")
    p.add_argument("--only", metavar="FILE", help="only the tests that FILE names, a line each")
    p.add_argument("--report", metavar="FD", type=int, help="write the results to this descriptor, as JSON lines")
    options = p.parse_args()
    only = set(read(options.only).splitlines()) if options.only else None

    def wanted(name):
        if only is not None and name not in only:
            return False
        if options.filter and not re.search(options.filter, name):
            return False
        return not options.tests or any(t in name for t in options.tests)

    tests = [t for t in collect() if wanted(t.name) or t.name.startswith("unit/")
             and any(wanted(t.name + ": " + n) for n in re.findall(r"cmocka_unit_test\w*\((\w+)", read(ROOT + "/" + t.where)))]
    sources = [t for t in (ClangTest(), FormatTest(), Spdx()) if wanted(t.name)]
    # a boot is not for every filter that matches some test in it, only for those that mean it
    machines = []
    chosen = options.filter or options.tests
    if "vm" in " ".join([options.filter or ""] + options.tests) if chosen else \
            options.vm or options.vm_all or (options.all and not options.quick):
        machines = [VmTest(*boot, options.vm_all, wanted) for boot in VmTest.boots]
        machines = [m for m in machines if m.tests or not chosen]
    if options.vm:
        tests = sources = []
    if options.list:
        for t in tests + sources:
            print(t.name)
        for m in machines:
            print("\n".join("%s: %s" % (m.name, t.name) for t in m.tests))
        return 0
    report = Report(options.verbose, options.report)
    if not options.asan and (not options.all or build("release", report)):
        report.run_all(Config(options, options.build, False), tests + sources + machines, options.jobs)
    if options.vm:
        options.all = False
    # One way is enough with the sanitizers.
    quick = [t for t in tests if not isinstance(t, (CoverageTest, OtherWay)) and not t.name.startswith(("tools/", "package/"))]
    if options.asan or (options.all and not options.quick and quick):
        if build("asan", report):
            report.run_all(Config(options, ROOT + "/build/asan", True), quick, options.jobs)
    return report.close(VmTest.table(machines) if machines else "")


if __name__ == "__main__":
    sys.exit(main())
