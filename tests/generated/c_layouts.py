# SPDX-License-Identifier: Apache-2.0
"""Random C structs, laid out by the C compiler and by kscope: sizes and offsets must be the same.

    c_layouts.py KSCOPE [SEED [NUMBER]]

prints the definitions on which the two differ, or how many structs agree.
"""

import random
import subprocess
import sys
import tempfile

INTEGERS = ["char", "signed char", "unsigned char", "short", "unsigned short int", "int", "unsigned", "long",
            "long unsigned", "long long", "unsigned long long", "_Bool"]
BITS = {"char": 8, "unsigned char": 8, "short": 16, "unsigned short int": 16, "int": 32, "unsigned": 32, "long": 64,
        "long unsigned": 64, "_Bool": 1}
OTHERS = ["float", "double", "long double", "void *", "char **", "enum e", "enum w", "aligned_t", "row_t"]
HEAD = """enum e { E0, E1 = -1 };
enum w { W0, W1 = 1L << 40 };
typedef short aligned_t __attribute__((aligned(8)));
typedef int row_t[3];
"""


class Maker:
    def __init__(self, rng):
        self.rng, self.done, self.names = rng, [], 0

    def chance(self, p):
        return self.rng.random() < p

    def name(self):
        self.names += 1
        return "m%d" % self.names

    def attributes(self, p):
        out = ["packed"] if self.chance(p) else []
        if self.chance(p):
            out.append("aligned(%d)" % self.rng.choice([1, 2, 4, 8, 16, 32]))
        return " __attribute__((%s))" % ", ".join(out) if out else ""

    def member(self, depth):
        """A member's text, and the paths in it of which the offset can be asked."""
        name, kind = self.name(), self.rng.randrange(10)
        if kind < 3:
            base = self.rng.choice(sorted(BITS))
            if self.chance(0.2):
                return "%s : %d;" % (base, self.rng.randrange(BITS[base] + 1)), []
            # 57 bits and more may lie in nine bytes, which kscope refuses
            width = self.rng.randrange(1, min(BITS[base], 57) + 1)
            return "%s %s : %d;" % (base, name, width), []
        if kind == 3 and depth < 3:
            body, paths = self.body(depth + 1)
            tag = self.rng.choice(["struct", "union"])
            if self.chance(0.5):
                return "%s { %s }%s;" % (tag, body, self.attributes(0.15)), paths
            return "%s { %s } %s;" % (tag, body, name), [name] + [name + "." + p for p in paths]
        if kind == 4 and self.done:
            base = self.rng.choice(self.done[:12]) # of these only: sizes would grow without end
        else:
            base = self.rng.choice(INTEGERS + OTHERS)
        # gcc has no arrays of elements that are aligned to more than their size
        count = 0 if base == "aligned_t" else self.rng.choice([0, 0, 0, 1, 2])
        dims = "".join("[%d]" % self.rng.randrange(1, 5) for _ in range(count))
        return "%s %s%s%s;" % (base, name, dims, self.attributes(0.08)), [name]

    def body(self, depth):
        parts = [self.member(depth) for _ in range(self.rng.randrange(1, 8 - depth))]
        return " ".join(p[0] for p in parts), [path for p in parts for path in p[1]]

    def make(self, number):
        out = []
        for i in range(number):
            tag = "%s t%d" % (self.rng.choice(["struct"] * 4 + ["union"]), i)
            body, paths = self.body(0)
            out.append((tag, "%s { %s }%s;\n" % (tag, body, self.attributes(0.15)), paths))
            self.done.append(tag)
        return out


def questions(structs):
    """(tag, what) for everything that is compared."""
    for tag, _, paths in structs:
        yield tag, "sizeof(%s)" % tag
        for p in paths:
            yield tag, "offsetof(%s, %s)" % (tag, p)


def by_compiler(text, asked, tmp):
    with open(tmp + "/layout.c", "w", encoding="utf-8") as f:
        f.write("#include <stddef.h>\n#include <stdio.h>\n" + text + "int main(void)\n{\n")
        for _, what in asked:
            f.write('\tprintf("%%zu\\n", (size_t)%s);\n' % what)
        f.write("}\n")
    subprocess.run(["gcc", "-w", "-Wno-packed-bitfield-compat", "-o", tmp + "/layout", tmp + "/layout.c"], check=True)
    return subprocess.run([tmp + "/layout"], check=True, capture_output=True, text=True).stdout.split()


def by_kscope(kscope, text, asked):
    lines = ['printf("%s\\n", %s);' % (" ".join(["%d"] * len(part)), ", ".join(what for _, what in part))
             for part in (asked[i:i + 8] for i in range(0, len(asked), 8))]
    script = text + "begin {\n" + "\n".join(lines) + "\n}\n"
    out = subprocess.run([kscope, "--no-warnings", "-"], input=script, capture_output=True, text=True, check=False)
    if out.returncode:
        sys.exit(out.stderr[:3000])
    return out.stdout.split()


def main():
    seed, number = int(sys.argv[2]) if len(sys.argv) > 2 else 1, int(sys.argv[3]) if len(sys.argv) > 3 else 60
    structs = Maker(random.Random(seed)).make(number)
    text, asked = HEAD + "".join(s[1] for s in structs), list(questions(structs))
    with tempfile.TemporaryDirectory() as tmp:
        right = by_compiler(text, asked, tmp)
    got = by_kscope(sys.argv[1], text, asked)
    wrong = [(tag, what, a, b) for (tag, what), a, b in zip(asked, right, got) if a != b]
    for tag, what, a, b in wrong[:5]:
        print("%s is %s, not %s:\n    %s" % (what, a, b, dict(s[:2] for s in structs)[tag]))
    if wrong or len(right) != len(got):
        sys.exit("seed %d: %d of %d differ" % (seed, len(wrong) or abs(len(right) - len(got)), len(right)))
    print("%d structs agree" % number)


if __name__ == "__main__":
    main()
