# SPDX-License-Identifier: Apache-2.0
"""The integer rules (src/check/operators.c), as programs with the output that they must have.

Every operator × width × sign × (literal, variable, map value, cast). The rules are written down here a second
time, in Python's unbounded integers, from the language's page and not from the compiler:

    operands are taken to 64 bits; the result is uint64 when both are unsigned (a literal that is not negative
    takes the other's sign), else int64; subtraction and negation yield int64; a shift has the sign of its left
    side and uses the low 6 bits of its right side; comparisons and logic yield bool; division rounds to zero,
    and by zero yields 0. Variables and map values hold 64 bits, a declared variable its own width.

programs() yields (name, script, expected stdout).
"""

WIDTHS = (8, 16, 32, 64)
TYPES = [(w, s) for w in WIDTHS for s in (False, True)]
BINARY = ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]
COMPOUND = ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^"]
SOURCES = ["literal", "variable", "declared", "map", "cast", "held"]
PER_PROGRAM = 120


class Value:
    """An operand: what it holds, how it is written, and what the rules see of it."""

    def __init__(self, text, value, signed, literal=False):
        self.text, self.value, self.signed, self.literal = text, value, signed, literal

    def unsigned(self):
        return not self.signed or (self.literal and self.value >= 0)


def wrap(v, bits, signed):
    v &= (1 << bits) - 1
    return v - (1 << bits) if signed and v >> (bits - 1) else v


def divide(a, b):
    if b == 0:
        return 0
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q


def arithmetic(op, a, b, signed):
    """Of two numbers that were taken to 64 bits of that sign."""
    a, b = wrap(a, 64, signed), wrap(b, 64, signed)
    if op == "/":
        r = divide(a, b)
    elif op == "%":
        r = a - b * divide(a, b) if b else 0
    elif op == "<<":
        r = a << (b & 63)
    elif op == ">>":
        r = a >> (b & 63)
    else:
        r = {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b}[op]
    return wrap(r, 64, signed)


def binary(op, a, b):
    """(value, signed) of an operator; signed is None for a bool."""
    if op in ("&&", "||"):
        return (bool(a.value and b.value) if op == "&&" else bool(a.value or b.value)), None
    signed = not (a.unsigned() and b.unsigned())
    if op in ("==", "!=", "<", "<=", ">", ">="):
        x, y = wrap(a.value, 64, signed), wrap(b.value, 64, signed)
        return {"==": x == y, "!=": x != y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op], None
    if op == "-":
        return arithmetic(op, a.value, b.value, True), True
    if op in ("<<", ">>"):
        return arithmetic(op, a.value, b.value, a.signed), a.signed
    if a.literal and b.literal:
        signed = a.signed or b.signed
    return arithmetic(op, a.value, b.value, signed), signed


def shown(result):
    value, signed = result
    return ("true" if value else "false") if signed is None else str(value)


def edges(width, signed):
    """Values worth trying of a type."""
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    some = [low, high, 0, 1, high // 3, 7, 64] + ([-1, -7, low + 1] if signed else [high - 1, high // 2 + 1])
    return [v for v in dict.fromkeys(some) if low <= v <= high]


def spelled(v):
    # -2^63 has no literal: 9223372036854775808 is one, and its negation
    return str(v) if v >= 0 else "(%d)" % v


class Program:
    """Collects lines to print, with the maps and variables that they read."""

    def __init__(self):
        self.lines, self.expected, self.names = [], [], 0

    def name(self):
        self.names += 1
        return "$v%d" % self.names

    def operand(self, source, width, signed, v):
        kind = "%sint%d" % ("" if signed else "u", width)
        if source == "literal":
            return Value(spelled(v), v, v < 1 << 63, v < 1 << 63)
        if source == "map":
            # a value that the compiler cannot know; all of one sign share a map
            where = "@%s[%d]" % ("su"[not signed], self.names)
            self.names += 1
            self.lines.append("%s = (%s)%s;" % (where, kind, spelled(v)))
            return Value(where, v, signed)
        name = self.name()
        if source == "held" and v < 1 << 63:
            # a variable that was given a literal only: an int64
            self.lines.append("%s = %s;" % (name, spelled(v)))
            return Value(name, v, True)
        if source == "cast":
            # a cast of something that has other bits above
            wide = wrap(v + (0x5a << width), 64, True) if width < 64 else wrap(v, 64, True)
            self.lines.append("%s = (int64)%s + @zero;" % (name, spelled(wide)))
            return Value("(%s)%s" % (kind, name), v, signed)
        if source == "declared":
            self.lines.append("let %s: %s = (%s)%s;" % (name, kind, kind, spelled(v)))
        else:
            self.lines.append("%s = (%s)%s;" % (name, kind, spelled(v)))
        return Value(name, v, signed)

    def show(self, text, result):
        self.lines.append("print(%s);" % text)
        self.expected.append(shown(result))

    def script(self):
        return "begin {\n\t@zero = 0;\n\t%s\n\tclear(@zero); clear(@s); clear(@u);\n}\n" % "\n\t".join(
            ["@s[-1] = (int64)0;", "@u[-1] = (uint64)0;"] + self.lines)


class Batch:
    def __init__(self, name):
        self.title, self.done, self.program = name, [], Program()

    def next(self):
        """The program that takes the next expression."""
        if len(self.program.expected) >= PER_PROGRAM:
            self.close()
        return self.program

    def close(self):
        if self.program.expected:
            name = "%s %d" % (self.title, len(self.done) + 1)
            self.done.append((name, self.program.script(), "\n".join(self.program.expected) + "\n"))
        self.program = Program()


def pick(items, *numbers):
    """One of the items, spread by the numbers: the same in every run."""
    h = 0
    for n in numbers:
        h = (h * 1000003 + n * 2654435761 + 12345) & 0xffffffff
        h ^= h >> 15
    return items[h % len(items)]


def binary_programs(rounds):
    batch = Batch("binary")
    for n, op in enumerate(BINARY):
        for i, (wa, sa) in enumerate(TYPES):
            for j, (wb, sb) in enumerate(TYPES):
                for r in range(rounds):
                    p = batch.next()
                    left, right = pick(SOURCES, n, i, j, r, 1), pick(SOURCES, n, i, j, r, 2)
                    a = pick(edges(wa, sa), n, i, j, r, 3)
                    b = pick(edges(wb, sb), n, i, j, r, 4)
                    if op in "/%" and b == 0 and right != "map" and right != "cast":
                        b = 3 # a zero that is known is an error
                    x, y = p.operand(left, wa, sa, a), p.operand(right, wb, sb, b)
                    p.show("%s %s %s" % (x.text, op, y.text), binary(op, x, y))
    batch.close()
    return batch.done


def unary_programs():
    batch = Batch("unary, casts, ternary")
    for width, signed in TYPES:
        for source in SOURCES:
            for n, v in enumerate(edges(width, signed)):
                p = batch.next()
                a = p.operand(source, width, signed, v)
                if source != "literal" or v <= 1 << 63:
                    p.show("-" + a.text, (wrap(-v, 64, True), True))
                p.show("!" + a.text, (v == 0, None))
                p.show("~" + a.text, (wrap(~v, 64, a.signed), a.signed))
                to, sign = pick(TYPES, width, signed, n, len(source))
                p.show("(%sint%d)%s" % ("" if sign else "u", to, a.text), (wrap(v, to, sign), sign))
                p.show("(bool)%s" % a.text, (v != 0, None))
                other = p.operand(pick(SOURCES[1:], n, width), 64, True, -2)
                mixed = wrap(v if n % 2 else -2, 64, True)
                p.show("%s == 0 ? %s : %s" % ("@zero" if n % 2 else "(@zero + 1)", a.text, other.text), (mixed, True))
    batch.close()
    return batch.done


def compound_programs():
    """$x op= y and @m op= y: as $x = $x op y, held in the target's width."""
    batch = Batch("compound assignment")
    for n, op in enumerate(COMPOUND):
        for i, (wa, sa) in enumerate(TYPES):
            for j, (wb, sb) in enumerate(TYPES):
                p = batch.next()
                target, right = pick(SOURCES[1:4], n, i, j, 5), pick(SOURCES[1:], n, i, j, 6)
                a, b = pick(edges(wa, sa), n, i, j, 7), pick(edges(wb, sb), n, i, j, 8)
                if op in "/%" and b == 0 and right != "map" and right != "cast":
                    b = 3
                if target == "map":
                    target_text, sign, bits = "@c%d[1]" % p.names, sa, 64
                    clear = "clear(@c%d);" % p.names
                    p.names += 1
                    p.lines.append("%s = (%sint%d)%s;" % (target_text, "" if sa else "u", wa, spelled(a)))
                else:
                    x, clear = p.operand(target, wa, sa, a), ""
                    target_text, sign, bits = x.text, sa, wa if target == "declared" else 64
                y = p.operand(right, wb, sb, b)
                adapts = right == "held" and b >= 0 # to the target, like the literal that it was given
                if target != "declared" and sign != y.signed and op not in ("<<", ">>") and not adapts:
                    sign = True # the target is int64 by both of its values
                value, _ = binary(op, Value("", wrap(a, 64, sign), sign), y)
                p.lines.append("%s %s= %s;" % (target_text, op, y.text))
                p.show(target_text, (wrap(value, bits, sign), sign))
                if clear:
                    p.lines.append(clear)
    batch.close()
    return batch.done


def step_programs():
    """++ and -- on both sides of variables, with and without a declared width, and of maps."""
    batch = Batch("++ and --")
    for width, signed in TYPES:
        for source in ("variable", "declared", "map"):
            for v in edges(width, signed):
                bits = width if source == "declared" else 64
                for op, step in (("++", 1), ("--", -1)):
                    p = batch.next()
                    after = wrap(v + step, bits, signed)
                    a = p.operand(source, width, signed, v)
                    p.show(a.text + op, (v, signed))
                    p.show(a.text, (after, signed))
                    p.show(op + a.text, (wrap(after + step, bits, signed), signed))
                    p.lines.append("%s%s;" % (a.text, op))
                    p.show(a.text, (wrap(after + 2 * step, bits, signed), signed))
    batch.close()
    return batch.done


def programs(rounds=1):
    return binary_programs(rounds) + unary_programs() + compound_programs() + step_programs()
