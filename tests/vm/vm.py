#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Virtual machines with Debian's kernels, for what the kernel at hand cannot do.

    tests/vm/vm.py [-a WORDS] [-t SECONDS] KERNEL [COMMAND]    e.g.  tests/vm/vm.py 6.1 'uname -a'

boots the newest cloud kernel whose version starts with KERNEL and runs a shell command in it, as root, with
this machine's files. tests/run.py uses `Machine` to run tests; this file knows nothing about them.

    kernel      Debian's linux-image-VERSION-cloud-amd64-unsigned, downloaded by apt-get, unpacked by dpkg -x, kept in
                ${XDG_CACHE_HOME:-~/.cache}/kscope/vm. Its three drivers for the files go into the initial RAM disk
    files       virtiofsd offers the host's root; the guest lays a memory file system over it, so nothing
                that is done inside is seen outside (see init)
    disk        256 MiB with ext4 under /run/vm, so that there is a block device to trace (without mke2fs: memory)
    stage       a directory of the host that is copied to /run/vm before `command` in it is run
    results     what the command writes to its descriptor 3, line by line (the second serial port)
    console     the first serial port, kept for the case that something hangs

The processor is emulated (qemu's TCG), so it runs on machines that cannot nest virtual machines, at about
a tenth of the speed. KSCOPE_VM_ACCEL=kvm uses the real one.
"""

import argparse
import glob
import gzip
import lzma
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kscope", "vm")
DRIVERS = ("virtio_pci", "virtiofs", "overlay", "virtio_blk", "ext4")
# What the kernel says on the console when it found a mistake in itself, or in what was loaded into it.
COMPLAINTS = re.compile(r"Kernel panic|Oops|BUG: |kernel BUG at|WARNING: CPU|WARNING: possible|INFO: task .* blocked|"
                        r"rcu.*detected.*stall|scheduling while atomic|Out of memory: Killed")


class Unavailable(Exception):
    """There can be no virtual machine here; the reason."""


def quiet(command, timeout, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, **options)


# --- kernels -------------------------------------------------------------------------------------


def by_version(name):
    return [int(n) for n in re.findall(r"\d+", name)]


def find_package(kernel):
    """The newest package of the kernel that apt knows."""
    pattern = r"^linux-image-%s\.[^ ]*cloud-amd64-unsigned$" % re.escape(kernel)
    for update in (False, True):
        if update: # a machine that was just installed has no lists yet
            if os.geteuid() != 0:
                break
            quiet(["apt-get", "-q", "update"], 180)
        out = quiet(["apt-cache", "search", "--names-only", pattern], 60).stdout
        names = [line.split()[0] for line in out.splitlines() if line.startswith("linux-image-")]
        if names:
            return max(names, key=by_version)
    raise Unavailable("apt knows no cloud kernel %s" % kernel)


def unpacked_kernel(kernel):
    """Directory of the unpacked package; downloads it if the cache has none."""
    have = [d for d in glob.glob("%s/linux-image-%s.*" % (CACHE, kernel)) if not d.endswith(".new")]
    if have:
        return max(have, key=by_version)
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("Debian's kernels need apt-get and dpkg")
    try:
        package = find_package(kernel)
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, suffix=".new") as tmp:
            os.chmod(tmp, 0o755)
            out = quiet(["apt-get", "-q", "download", package], 300, cwd=tmp)
            debs = glob.glob(tmp + "/*.deb")
            if out.returncode or not debs:
                raise Unavailable("cannot download %s: %s" % (package, out.stdout.strip()[-300:]))
            out = quiet(["dpkg", "-x", debs[0], tmp + "/unpacked"], 300)
            if out.returncode:
                raise Unavailable("cannot unpack %s: %s" % (package, out.stdout.strip()[-300:]))
            # in one step, so that a half one is never found; another run may have been faster
            if not os.path.exists(CACHE + "/" + package):
                os.rename(tmp + "/unpacked", CACHE + "/" + package)
        return CACHE + "/" + package
    except (OSError, subprocess.TimeoutExpired) as e:
        raise Unavailable("no kernel %s: %s" % (kernel, e))


def module_data(path):
    if path.endswith(".xz"):
        with lzma.open(path) as f:
            return f.read()
    with open(path, "rb") as f:
        return f.read()


def modules(directory):
    """(name, content) of the drivers and what they depend on, in the order in which they load."""
    files = {}
    for path in glob.glob(directory + "/**/modules/**/*.ko*", recursive=True):
        files[os.path.basename(path).split(".ko")[0].replace("-", "_")] = path
    done = []

    def add(name):
        if name not in files or any(name == n for n, _ in done): # built in, or there already
            return
        data = module_data(files[name])
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in (depends[1].decode().split(",") if depends else []):
            add(other.replace("-", "_"))
        done.append((name, data))

    for driver in DRIVERS:
        add(driver)
    return done


# --- the initial RAM disk ------------------------------------------------------------------------


def cpio(entries):
    """An archive in the format `newc` of (name, mode, content)."""
    out = bytearray()
    for number, (name, mode, data) in enumerate(list(entries) + [("TRAILER!!!", 0, b"")], 1):
        raw = name.encode() + b"\0"
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08x" % f for f in fields) + raw
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def ram_disk(kernel_directory, stage):
    directory, program = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755
    entries = [(d, directory, b"") for d in ("bin", "proc", "sys", "dev", "host", "layer", "new", "modules")]
    with open(shutil.which("busybox"), "rb") as f:
        entries.append(("bin/busybox", program, f.read()))
    with open(HERE + "/init", "rb") as f:
        entries.append(("init", program, f.read()))
    entries.append(("stage", stat.S_IFREG | 0o644, stage.encode() + b"\n"))
    for number, (name, data) in enumerate(modules(kernel_directory)):
        entries.append(("modules/%02d-%s" % (number, name), program, data))
    return gzip.compress(cpio(entries), 1)


# --- the machine ---------------------------------------------------------------------------------


def find_virtiofsd():
    for path in ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd"):
        if os.path.exists(path):
            return path
    return shutil.which("virtiofsd")


def check():
    """Raises Unavailable when this machine lacks what every virtual machine needs."""
    if os.geteuid() != 0:
        raise Unavailable("virtiofsd needs root")
    if os.uname().machine != "x86_64":
        raise Unavailable("the kernels are for x86-64")
    if not shutil.which("qemu-system-x86_64"):
        raise Unavailable("no qemu-system-x86_64")
    if not find_virtiofsd():
        raise Unavailable("no virtiofsd")
    busybox = shutil.which("busybox")
    if not busybox:
        raise Unavailable("no busybox")
    with open(busybox, "rb") as f:
        if b"/ld-linux" in f.read(4096):
            raise Unavailable("busybox is not static")


class Machine:
    """One boot. `append` adds to the kernel's command line."""

    def __init__(self, kernel, stage, append=""):
        check()
        self.kernel = kernel
        self.directory = unpacked_kernel(kernel)
        self.stage, self.append = stage, append
        os.chmod(stage, 0o755) # also for processes without privileges
        self.release = os.path.basename(glob.glob(self.directory + "/boot/vmlinuz-*")[0])[len("vmlinuz-"):]
        self.tmp = None
        self.daemon = self.qemu = None
        self.seconds = 0.0

    def start(self):
        self.tmp = tempfile.mkdtemp(prefix="kscope-vm.")
        t, socket = self.tmp, self.tmp + "/socket"
        with open(t + "/initrd", "wb") as f:
            f.write(ram_disk(self.directory, self.stage))
        log = open(t + "/log", "wb")
        self.daemon = subprocess.Popen([find_virtiofsd(), "--socket-path=" + socket, "-o", "source=/", "-o", "sandbox=chroot",
                                        "-o", "cache=always"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 10
        while not os.path.exists(socket):
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise Unavailable("virtiofsd does not start: " + self.text("log")[-300:].strip())
            time.sleep(0.05)
        disk = []
        mke2fs = shutil.which("mke2fs", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if mke2fs:
            with open(t + "/disk", "wb") as f:
                f.truncate(256 << 20)
            quiet([mke2fs, "-q", "-t", "ext4", "-F", t + "/disk"], 60)
            disk = ["-drive", "if=virtio,format=raw,cache=unsafe,file=%s/disk" % t]
        memory = os.environ.get("KSCOPE_VM_MEMORY", "2G")
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", os.environ.get("KSCOPE_VM_ACCEL", "tcg,thread=multi"), "-cpu", "max", "-smp", "2",
             "-m", memory, "-object", "memory-backend-memfd,id=memory,share=on,size=" + memory,
             "-numa", "node,memdev=memory", "-nodefaults", "-display", "none", "-no-reboot",
             "-serial", "file:%s/console" % t, "-serial", "file:%s/results" % t,
             "-chardev", "socket,id=files,path=" + socket, "-device", "vhost-user-fs-pci,chardev=files,tag=root", *disk,
             "-kernel", self.directory + "/boot/vmlinuz-" + self.release, "-initrd", t + "/initrd",
             # loglevel: warnings too; a slow machine is not a stuck one, so the watchdog is off
             "-append", "console=ttyS0 loglevel=5 panic=-1 lsm=capability,bpf mitigations=off nowatchdog " + self.append],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def text(self, name):
        try:
            with open(self.tmp + "/" + name, encoding="utf-8", errors="replace") as f:
                return f.read().replace("\r", "")
        except OSError:
            return ""

    def run(self, timeout, silence, each):
        """Boots, calls each(line) for every line of the results, and returns None, or why it was cut off."""
        start = heard = time.monotonic()
        size = done = 0
        why = None
        try:
            self.start()
            while True:
                ended = self.qemu.poll() is not None
                text = self.text("results")
                while "\n" in text[done:]:
                    end = text.index("\n", done)
                    each(text[done:end])
                    done = end + 1
                now = time.monotonic()
                said = len(text) + len(self.text("console"))
                if said != size:
                    size, heard = said, now
                if ended:
                    break
                if now - start > timeout:
                    why = "cut off after %d s" % timeout
                    break
                if now - heard > silence:
                    why = "cut off: it said nothing for %d s" % silence
                    break
                time.sleep(0.1)
            if not why and not re.search(r"^VM: ended with status \d+$", self.text("console"), re.M):
                why = "the machine stopped before its command ended"
            return why
        finally:
            self.seconds = time.monotonic() - start
            self.console = self.text("console")
            if self.qemu and not self.console:
                self.console = self.text("log")
            self.close()

    def close(self):
        for process in (self.qemu, self.daemon):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if self.tmp:
            shutil.rmtree(self.tmp, ignore_errors=True)

    def complaints(self):
        """What the kernel found wrong, with some lines of each."""
        lines = self.console.splitlines()
        return ["\n".join(lines[i:i + 12]) for i, line in enumerate(lines) if COMPLAINTS.search(line)]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("kernel", help="e.g. 6.12")
    p.add_argument("command", nargs="?", default="uname -a")
    p.add_argument("-a", "--append", default="", help="more words for the kernel's command line")
    p.add_argument("-t", "--timeout", type=int, default=600, help="seconds (600)")
    options = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="kscope-stage.") as stage:
        with open(stage + "/command", "w", encoding="utf-8") as f:
            f.write("cd /\n{\n%s\n} >&3 2>&1\n" % options.command)
        try:
            machine = Machine(options.kernel, stage, options.append)
            why = machine.run(options.timeout, options.timeout, lambda line: print(line, flush=True))
        except Unavailable as e:
            sys.exit("vm.py: %s" % e)
    if why:
        sys.exit("vm.py: %s; the console's last lines:\n%s" % (why, "\n".join(machine.console.splitlines()[-30:])))
    print("vm.py: %s, %.0f s" % (machine.release, machine.seconds), file=sys.stderr)
    for text in machine.complaints():
        print("vm.py: the kernel complains:\n" + text, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
