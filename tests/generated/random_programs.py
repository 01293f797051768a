# SPDX-License-Identifier: Apache-2.0
"""Random, well-typed programs with the output that they must have.

A seed makes a program of begin and end blocks over integers, strings, tuples and maps, with all kinds of
loops and jumps. Each piece is made twice: as text, and as a Python function that does the same. The integer
rules are matrix.py's. Programs end, and print some hundred lines at most.

    python3 tests/generated/random_programs.py SEED        prints the program and what it must print
"""

import random
import sys

import matrix

LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 _-./"
MAX_STEPS = 4000 # of statements: a program that runs longer is made again


class Jump(Exception):
    pass


class Break(Jump):
    pass


class Continue(Jump):
    pass


class Return(Jump):
    pass


class TooLong(Exception):
    pass


class Env:
    def __init__(self):
        self.vars, self.maps, self.out, self.steps, self.exited = {}, {}, [], 0, False

    def step(self):
        self.steps += 1
        if self.steps > MAX_STEPS or len(self.out) > 400:
            raise TooLong()


class Expr:
    """text, type ("i", "u": 64-bit integers, "s": string, (types…): tuple), run(env); literal: see matrix."""

    def __init__(self, text, type, run, literal=False):
        self.text, self.type, self.run, self.literal = text, type, run, literal


class Var:
    def __init__(self, name, type, bits=64):
        self.name, self.type, self.bits = name, type, bits


class Map:
    def __init__(self, name, keys, value, agg=None):
        self.name, self.keys, self.value, self.agg = name, keys, value, agg


def shown(v, type):
    if isinstance(type, tuple):
        return "(%s)" % ", ".join(shown(x, t) for x, t in zip(v, type))
    return str(v)


def default(type):
    return tuple(default(t) for t in type) if isinstance(type, tuple) else "" if type == "s" else 0


def quoted(s):
    return '"%s"' % s


def constant(v, type):
    """Text of a known value."""
    if isinstance(type, tuple):
        return "(%s)" % ", ".join(constant(x, t) for x, t in zip(v, type))
    if type == "s":
        return quoted(v)
    return "(int64)%s" % matrix.spelled(v) if type == "i" and v > -(1 << 63) else \
        "(uint64)%d" % v if type == "u" else "((int64)-9223372036854775807 - 1)"


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = 0
        self.scopes = [[]]
        self.loops = 0     # around, as generated
        self.commutes = 0  # in a for over a map: the order is not known
        self.maps = []
        self.depth = 0

    # --- names ---

    def fresh(self):
        self.names += 1
        return "$v%d" % self.names

    def vars(self, type=None):
        return [v for s in self.scopes for v in s if type is None or v.type == type]

    def scalar_type(self):
        return self.r.choice("iiius")

    def any_type(self, depth=0):
        if self.r.random() < (0.25 if depth == 0 else 0.15):
            return tuple(self.any_type(depth + 1) for _ in range(self.r.randint(2, 3)))
        return self.scalar_type()

    # --- expressions ---

    def expr(self, type, depth=2):
        if isinstance(type, tuple):
            return self.tuple_expr(type, depth)
        if type == "s":
            return self.string_expr(depth)
        return self.int_expr(type, depth)

    def known(self, type, depth):
        """A variable, map value or tuple's field of that type, or None."""
        choices = [lambda v=v: Expr(v.name, type, lambda e: e.vars[v.name]) for v in self.vars(type)]
        for v in self.vars():
            if isinstance(v.type, tuple):
                choices += [lambda v=v, i=i: Expr("%s.%d" % (v.name, i), type, lambda e: e.vars[v.name][i])
                            for i, t in enumerate(v.type) if t == type]
        if depth > 0 and not self.commutes:
            choices += [lambda m=m: self.map_read(m, depth - 1) for m in self.maps if m.value == type and not m.agg]
        return self.r.choice(choices)() if choices else None

    def map_read(self, m, depth):
        k = self.key(m, depth)
        return Expr(m.name + k.text, m.value, lambda e: e.maps[m.name].get(k.run(e), default(m.value)))

    def key(self, m, depth):
        """The text in brackets, and the tuple of values."""
        if not m.keys:
            return Expr("", None, lambda e: ())
        parts = [self.key_part(t, depth) for t in m.keys]
        text = ", ".join(p.text for p in parts)
        if len(parts) > 1 and self.r.random() < 0.2:
            text = "(%s)" % text
        return Expr("[%s]" % text, None, lambda e: tuple(p.run(e) for p in parts))

    def key_part(self, type, depth):
        r = self.r
        if isinstance(type, tuple):
            return self.tuple_expr(type, depth)
        if type == "s":
            return self.string_expr(depth)
        if r.random() < 0.5:
            v = r.randint(0, 5)
            return Expr(str(v), type, lambda e: v)
        # few different keys, of any width
        e, width = self.int_expr(type, depth), r.choice((8, 16, 32, 64))
        text = "(%sint%d)((%s) & 3)" % ("" if type == "i" else "u", width, e.text)
        return Expr(text, type, lambda env: e.run(env) & 3)

    def tuple_expr(self, type, depth):
        if self.r.random() < 0.4:
            e = self.known(type, depth)
            if e:
                return e
        if depth > 0 and self.r.random() < 0.15:
            return self.ternary(type, depth)
        parts = [self.expr(t, depth - 1) for t in type]
        return Expr("(%s)" % ", ".join(p.text for p in parts), type, lambda e: tuple(p.run(e) for p in parts))

    def string_expr(self, depth):
        r = self.r
        n = r.random()
        if depth > 0 and n < 0.12:
            return self.ternary("s", depth)
        if depth > 0 and n < 0.2:
            s = self.string_expr(depth - 1)
            return Expr("str(%s)" % s.text, "s", s.run)
        if depth > 0 and n < 0.3:
            s, limit = self.string_expr(depth - 1), r.randint(0, 12)
            if r.random() < 0.5:
                return Expr("str(%s, %d)" % (s.text, limit), "s", lambda e: s.run(e)[:limit])
            i = self.int_expr("u", depth - 1)
            return Expr("str(%s, (%s) & 15)" % (s.text, i.text), "s", lambda e: s.run(e)[:i.run(e) & 15])
        if n < 0.7:
            e = self.known("s", depth)
            if e:
                return e
        if n < 0.75 and depth > 0:
            return self.block_expr("s", depth)
        # mostly few and short ones, so that some are equal
        length = r.choice((0, 1, 2, 3, 7, 8, 9, 15, 16)) if r.random() < 0.9 else r.randint(20, 140)
        text = "".join(r.choice("ab") if length < 3 else r.choice(LETTERS) for _ in range(length))
        return Expr(quoted(text), "s", lambda e: text)

    def ternary(self, type, depth):
        c, a, b = self.condition(depth - 1), self.expr(type, depth - 1), self.expr(type, depth - 1)
        return Expr("(%s ? %s : %s)" % (c.text, a.text, b.text), type, lambda e: a.run(e) if c.run(e) else b.run(e))

    def block_expr(self, type, depth):
        name, value = self.fresh(), self.expr(self.r.choice("iu"), depth - 1)
        self.scopes.append([Var(name, value.type)])
        result = self.expr(type, depth - 1)
        self.scopes.pop()

        def run(e):
            e.vars[name] = value.run(e)
            return result.run(e)
        cast = "int64" if value.type == "i" else "uint64"
        # a block at the end of a block would be a statement
        last = "(%s)" % result.text if result.text.startswith("{") else result.text
        return Expr("{ let %s = (%s)(%s); %s }" % (name, cast, value.text, last), type, run)

    def int_expr(self, type, depth):
        """An integer of that sign, by a cast if need be."""
        e = self.some_int(depth)
        if e.type == type or (e.literal and type == "i"):
            return e
        bits = 64
        return Expr("(%sint64)(%s)" % ("" if type == "i" else "u", e.text), type,
                    lambda env: matrix.wrap(int(e.run(env)), bits, type == "i"))

    def some_int(self, depth):
        r = self.r
        n = r.random()
        if depth <= 0 or n < 0.35:
            e = self.known(r.choice("iu"), depth)
            if e and n < 0.25:
                return e
            v = r.choice((0, 1, 2, 3, 5, 8, 100, 255, 256, 4095, 65536, -1, -2, -100, 1 << 31, 1 << 40))
            return Expr(matrix.spelled(v), "i", lambda env: v, literal=v >= 0)
        if n < 0.6:
            return self.binary(depth)
        if n < 0.65:
            a = self.some_int(depth - 1)
            op = r.choice("-~")
            if op == "-":
                return Expr("-(%s)" % a.text, "i", lambda env: matrix.wrap(-int(a.run(env)), 64, True))
            return Expr("~(%s)" % a.text, a.type, lambda env: matrix.wrap(~int(a.run(env)), 64, a.type == "i"))
        if n < 0.72:
            a, width, sign = self.some_int(depth - 1), r.choice((8, 16, 32, 64)), r.choice((True, False))
            return Expr("(%sint%d)(%s)" % ("" if sign else "u", width, a.text), "i" if sign else "u",
                        lambda env: matrix.wrap(int(a.run(env)), width, sign))
        if n < 0.78:
            s = self.string_expr(depth - 1)
            return Expr("strlen(%s)" % s.text, "u", lambda env: len(s.run(env)))
        if n < 0.83:
            t = r.choice("iu")
            return self.ternary(t, depth)
        if n < 0.87:
            return self.block_expr(r.choice("iu"), depth)
        if n < 0.9 and self.maps and not self.commutes:
            m = r.choice(self.maps)
            if m.keys and not m.agg:
                return Expr("len(%s)" % m.name, "u", lambda env: len(env.maps[m.name]))
        if n < 0.94 and not self.commutes:
            aggs = [m for m in self.maps if m.agg]
            if aggs:
                m = r.choice(aggs)
                k = self.key(m, depth - 1)
                return Expr("(int64)%s%s" % (m.name, k.text), "i", lambda env: env.maps[m.name].get(k.run(env), 0))
        c = self.condition(depth - 1)
        return Expr("(uint64)(%s)" % c.text, "u", lambda env: int(bool(c.run(env))))

    def binary(self, depth):
        op = self.r.choice(matrix.BINARY)
        a, b = self.some_int(depth - 1), self.some_int(depth - 1)
        if op in "/%" and b.literal:
            b = Expr("7", "i", lambda env: 7, literal=True)
        elif op in "/%":
            # nothing that the compiler may know to be zero
            c = b
            b = Expr("((%s) | 1)" % c.text, c.type, lambda env: c.run(env) | 1)
        value = lambda e, env: matrix.Value("", int(e.run(env)), e.type == "i", e.literal)
        signed = matrix.binary(op, matrix.Value("", 1, a.type == "i", a.literal),
                               matrix.Value("", 1, b.type == "i", b.literal))[1]
        if op == "&&":
            run = lambda env: int(bool(a.run(env)) and bool(b.run(env)))
        elif op == "||":
            run = lambda env: int(bool(a.run(env)) or bool(b.run(env)))
        else:
            run = lambda env: int(matrix.binary(op, value(a, env), value(b, env))[0])
        # two literals make a literal; it is cast, so that only one place knows what that means
        if a.literal and b.literal:
            return Expr("(int64)(%s %s %s)" % (a.text, op, b.text), "i", run)
        # a bool prints as true or false, and has a byte in tuples
        cast = "(uint64)" if signed is None else ""
        return Expr("%s(%s %s %s)" % (cast, a.text, op, b.text), "i" if signed else "u", run)

    def condition(self, depth):
        r = self.r
        n = r.random()
        if n < 0.3:
            a, b = self.string_expr(depth), self.string_expr(depth)
            eq = r.random() < 0.6
            return Expr("%s %s %s" % (a.text, "==" if eq else "!=", b.text), "u",
                        lambda env: (a.run(env) == b.run(env)) == eq)
        if n < 0.4:
            a, b, k = self.string_expr(depth), self.string_expr(depth), r.choice((0, 1, 2, 3, 7, 8, 9, 16, 20))
            return Expr("strncmp(%s, %s, %d) == 0" % (a.text, b.text, k), "u",
                        lambda env: a.run(env)[:k] == b.run(env)[:k])
        if n < 0.48:
            types = [v.type for v in self.vars() if isinstance(v.type, tuple)]
            if types:
                t = r.choice(types)
                a, b = self.tuple_expr(t, depth), self.tuple_expr(t, depth)
                return Expr("%s == %s" % (a.text, b.text), "u", lambda env: a.run(env) == b.run(env))
        if n < 0.6 and not self.commutes:
            maps = [m for m in self.maps if m.keys]
            if maps:
                m = r.choice(maps)
                k = self.key(m, max(depth, 1))
                inner = k.text[1:-1]
                if len(m.keys) > 1 and not inner.startswith("("):
                    inner = "(%s)" % inner
                elif len(m.keys) > 1:
                    inner = "(%s)" % inner if not self.one_group(inner) else inner
                return Expr("has_key(%s, %s)" % (m.name, inner), "u", lambda env: k.run(env) in env.maps[m.name])
        a, b = self.some_int(depth), self.some_int(depth)
        op = r.choice(("==", "!=", "<", "<=", ">", ">="))
        value = lambda e, env: matrix.Value("", int(e.run(env)), e.type == "i", e.literal)
        return Expr("%s %s %s" % (a.text, op, b.text), "u",
                    lambda env: matrix.binary(op, value(a, env), value(b, env))[0])

    @staticmethod
    def one_group(text):
        """Is the whole text one pair of parentheses?"""
        depth = 0
        for i, ch in enumerate(text):
            depth += (ch == "(") - (ch == ")")
            if depth == 0 and i < len(text) - 1:
                return False
        return True

    # --- statements: (lines, run) ---

    def block(self, size, variables=()):
        self.scopes.append(list(variables))
        self.depth += 1
        parts = [self.statement() for _ in range(size)]
        self.depth -= 1
        self.scopes.pop()
        return (["\t" + line for lines, _ in parts for line in lines], lambda e: [run(e) for _, run in parts])

    def statement(self):
        r = self.r
        kinds = ["assign"] * 5 + ["compound"] * 3 + ["step"] * 2
        if not self.commutes:
            kinds += ["map"] * 5 + ["print"] * 4 + ["delete", "find", "agg", "agg", "step_value"]
        if self.depth < 4:
            kinds += ["if"] * 3 + ["scope"]
            if not self.commutes and self.loops < 3:
                kinds += ["range"] * 2 + ["while", "unroll", "for_map", "for_map"]
        if self.loops and not self.commutes:
            kinds += ["jump"]
        lines, run = getattr(self, "s_" + r.choice(kinds))()

        def counted(e):
            e.step()
            run(e)
        return lines, counted

    def s_assign(self):
        r = self.r
        existing = self.vars()
        if self.commutes:
            existing = list(self.scopes[-1])
        if existing and r.random() < 0.5:
            v = r.choice(existing)
            e = self.expr(v.type)
            if v.type in ("i", "u"):
                text = "%s = (%sint%d)(%s);" % (v.name, "" if v.type == "i" else "u", v.bits, e.text)
                return [text], lambda env: env.vars.__setitem__(v.name, matrix.wrap(int(e.run(env)), v.bits, v.type == "i"))
            return ["%s = %s;" % (v.name, e.text)], lambda env: env.vars.__setitem__(v.name, e.run(env))
        t = self.any_type()
        e = self.expr(t)
        v = Var(self.fresh(), t)
        self.scopes[-1].append(v)
        if t in ("i", "u"):
            kind = "int" if t == "i" else "uint"
            if r.random() < 0.4:
                v.bits = r.choice((8, 16, 32, 64))
                text = "let %s: %s%d = (%s%d)(%s);" % (v.name, kind, v.bits, kind, v.bits, e.text)
            else:
                text = "%s%s = (%s64)(%s);" % (r.choice(("", "let ")), v.name, kind, e.text)
            return [text], lambda env: env.vars.__setitem__(v.name, matrix.wrap(int(e.run(env)), v.bits, t == "i"))
        return ["%s%s = %s;" % (r.choice(("", "let ")), v.name, e.text)], lambda env: env.vars.__setitem__(v.name, e.run(env))

    def int_vars(self):
        return [v for v in (self.scopes[-1] if self.commutes else self.vars()) if v.type in ("i", "u")]

    def s_compound(self):
        if not self.int_vars():
            return self.s_assign()
        v, op = self.r.choice(self.int_vars()), self.r.choice(matrix.COMPOUND)
        e = self.int_expr(v.type, 2)
        if op in "/%":
            text = "(%s | 1)" % e.text
            f = lambda env: e.run(env) | 1
        else:
            text, f = "(%sint64)(%s)" % ("" if v.type == "i" else "u", e.text), e.run
            if v.bits < 64 and e.literal:
                text = "((%sint%d)(%s))" % ("" if v.type == "i" else "u", v.bits, e.text)
                f = lambda env: matrix.wrap(e.run(env), v.bits, v.type == "i")
        if v.bits < 64:
            # a constant has to fit
            text, g = "(%sint%d)(%s)" % ("" if v.type == "i" else "u", v.bits, text), f
            if op in "/%":
                text = "(%s | 1)" % text
            f = lambda env: matrix.wrap(int(g(env)), v.bits, v.type == "i") | (op in "/%")

        def run(env):
            signed = v.type == "i"
            env.vars[v.name] = matrix.wrap(matrix.arithmetic(op, env.vars[v.name], int(f(env)), signed), v.bits, signed)
        return ["%s %s= %s;" % (v.name, op, text)], run

    def s_step(self):
        maps = [] if self.commutes else [m for m in self.maps if m.value in ("i", "u") and not m.agg]
        op = self.r.choice(("++", "--"))
        step = 1 if op == "++" else -1
        if maps and self.r.random() < 0.6:
            m = self.r.choice(maps)
            k = self.key(m, 2)

            def run(env):
                at = k.run(env)
                env.maps[m.name][at] = matrix.wrap(env.maps[m.name].get(at, 0) + step, 64, m.value == "i")
            text = m.name + k.text
        elif self.int_vars():
            v = self.r.choice(self.int_vars())
            text = v.name

            def run(env):
                env.vars[v.name] = matrix.wrap(env.vars[v.name] + step, v.bits, v.type == "i")
        else:
            return self.s_assign()
        return [text + op + ";" if self.r.random() < 0.5 else op + text + ";"], run

    def s_step_value(self):
        if not self.int_vars():
            return self.s_print()
        v = self.r.choice(self.int_vars())
        op = self.r.choice(("++", "--"))
        before = self.r.random() < 0.5

        def run(env):
            old = env.vars[v.name]
            env.vars[v.name] = matrix.wrap(old + (1 if op == "++" else -1), v.bits, v.type == "i")
            env.out.append(str(env.vars[v.name] if before else old))
        return ["print(%s);" % (op + v.name if before else v.name + op)], run

    def s_map(self):
        maps = [m for m in self.maps if not m.agg]
        m = self.r.choice(maps)
        k, e = self.key(m, 1), self.expr(m.value)
        text = e.text
        if m.value in ("i", "u"):
            text = "(%sint64)(%s)" % ("" if m.value == "i" else "u", text)
            if self.r.random() < 0.4:
                op = self.r.choice(matrix.COMPOUND)
                if op in "/%":
                    text, f = "(%s | 1)" % text, lambda env: int(e.run(env)) | 1
                else:
                    f = lambda env: int(e.run(env))

                def run(env):
                    v, at = f(env), k.run(env)
                    env.maps[m.name][at] = matrix.arithmetic(op, env.maps[m.name].get(at, 0), v, m.value == "i")
                return ["%s%s %s= %s;" % (m.name, k.text, op, text)], run

        def run(env):
            v = e.run(env)
            env.maps[m.name][k.run(env)] = int(v) if m.value in ("i", "u") else v
        return ["%s%s = %s;" % (m.name, k.text, text)], run

    def s_agg(self):
        aggs = [m for m in self.maps if m.agg]
        if not aggs:
            return self.s_map()
        m = self.r.choice(aggs)
        k, e = self.key(m, 1), self.int_expr("i", 2)

        def run(env):
            at = k.run(env)
            v = int(e.run(env)) % 100000
            old = env.maps[m.name].get(at)
            new = {"count": lambda: (old or 0) + 1, "sum": lambda: (old or 0) + v,
                   "max": lambda: v if old is None else max(old, v), "min": lambda: v if old is None else min(old, v)}
            env.maps[m.name][at] = new[m.agg]()
        arg = "" if m.agg == "count" else "(int64)((((%s) %% 100000) + 100000) %% 100000)" % e.text
        return ["%s%s = %s(%s);" % (m.name, k.text, m.agg, arg)], run

    def s_delete(self):
        maps = [m for m in self.maps if m.keys]
        if not maps:
            return self.s_print()
        m = self.r.choice(maps)
        k = self.key(m, 2)
        return ["delete(%s%s);" % (m.name, k.text)], lambda env: env.maps[m.name].pop(k.run(env), None)

    def s_find(self):
        maps = [m for m in self.maps if len(m.keys) == 1 and not m.agg and m.value in ("i", "u", "s")]
        fit = [(m, v) for m in maps for v in self.vars(m.value) if v.bits == 64]
        if not fit:
            return self.s_print()
        m, v = self.r.choice(fit)
        k = self.key(m, 1)

        def run(env):
            if k.run(env) in env.maps[m.name]:
                env.vars[v.name] = env.maps[m.name][k.run(env)]
                env.out.append("found")
            else:
                env.out.append("none")
        return ['if (find(%s, %s, %s)) { print("found"); } else { print("none"); }' % (m.name, k.text[1:-1], v.name)], run

    def s_print(self):
        r = self.r
        if r.random() < 0.6:
            e = self.expr(self.any_type())
            if e.text.startswith("@") and "[" not in e.text: # print(@m) prints the map
                return self.s_assign()
            return ["print((%s));" % e.text if r.random() < 0.1 else "print(%s);" % e.text], \
                lambda env: env.out.append(shown(e.run(env), e.type))
        parts = [self.expr(self.scalar_type()) for _ in range(r.randint(1, 12 if r.random() < 0.1 else 4))]
        formats = {"i": "%lld", "u": "%llu", "s": "%s"}
        text = " ".join(formats[p.type] for p in parts)
        args = ", ".join(p.text for p in parts)
        return ['printf("%s\\n", %s);' % (text, args)], \
            lambda env: env.out.append(" ".join(str(int(v) if p.type != "s" else v)
                                                for p, v in ((p, p.run(env)) for p in parts)))

    def s_scope(self):
        lines, run = self.block(self.r.randint(1, 3))
        return ["{"] + lines + ["}"], run

    def s_if(self):
        c = self.condition(2)
        lines, yes = self.block(self.r.randint(1, 3))
        lines = ["if (%s) {" % c.text] + lines
        no = None
        if self.r.random() < 0.4:
            more, no = self.block(self.r.randint(1, 3))
            lines += ["} else {"] + more
        return lines + ["}"], lambda env: yes(env) if c.run(env) else no(env) if no else None

    def looped(self, size, variables=()):
        self.loops += 1
        body = self.block(size, variables)
        self.loops -= 1
        return body

    @staticmethod
    def iterate(env, run, items, before=None):
        for i in items:
            if before:
                before(i)
            try:
                run(env)
            except Continue:
                pass
            except Break:
                break

    def s_range(self):
        name, low = self.fresh(), self.r.randint(-3, 3)
        count = self.r.randint(0, 5)
        start = Expr(str(low), "i", lambda env: low)
        if self.r.random() < 0.3:
            x = self.int_expr("u", 1)
            start = Expr("((%s) & 7)" % x.text, "u", lambda env: x.run(env) & 7)
        lines, run = self.looped(self.r.randint(1, 4), [Var(name, "i")])

        def loop(env):
            first = start.run(env)
            self.iterate(env, run, range(first, low + count), lambda i: env.vars.__setitem__(name, i))
        return ["for (%s : %s..%d) {" % (name, start.text, low + count)] + lines + ["}"], loop

    def s_while(self):
        name, limit = self.fresh(), self.r.randint(1, 5)
        lines, run = self.looped(self.r.randint(1, 3))

        def loop(env):
            env.vars[name] = 0
            while env.vars[name] < limit:
                env.vars[name] += 1
                env.step()
                try:
                    run(env)
                except Continue:
                    pass
                except Break:
                    break
        return ["%s = 0;" % name, "while (%s < %d) {" % (name, limit), "\t%s++;" % name] + lines + ["}"], loop

    def s_unroll(self):
        count = self.r.randint(1, 4)
        lines, run = self.looped(self.r.randint(1, 2))
        return ["unroll (%d) {" % count] + lines + ["}"], lambda env: self.iterate(env, run, range(count))

    def s_jump(self):
        c = self.condition(1)
        word, jump = self.r.choice((("break", Break), ("continue", Continue), ("return", Return)))

        def run(env):
            if c.run(env):
                raise jump()
        return ["if (%s) { %s; }" % (c.text, word)], run

    def s_for_map(self):
        """Sums over a map, which does not depend on the order."""
        maps = [m for m in self.maps if m.keys]
        if not maps:
            return self.s_range()
        m = self.r.choice(maps)
        total, kv = self.fresh(), self.fresh()
        key = m.keys[0] if len(m.keys) == 1 else tuple(m.keys)
        value = "i" if m.agg else m.value
        self.commutes += 1
        self.loops += 1
        item = Var(kv, (key, value))
        self.scopes.append([])
        lines, run = self.block(self.r.randint(0, 2), [item])
        # the block's own variables are gone: what is added is made of $kv only
        scopes, self.scopes = self.scopes, [[item]]
        # an aggregation's value is of the sign that its argument has
        term = self.int_expr("u", 2) if not m.agg else Expr("(uint64)%s.1" % kv, "u", lambda env: env.vars[kv][1])
        self.scopes = scopes
        self.scopes.pop()
        self.loops -= 1
        self.commutes -= 1
        if m.agg:
            lines, run = [], lambda env: None

        def loop(env):
            env.vars[total] = 0
            for k, v in list(env.maps[m.name].items()):
                env.vars[kv] = (k[0] if len(m.keys) == 1 else k, v)
                run(env)
                env.vars[total] = matrix.wrap(env.vars[total] + int(term.run(env)), 64, False)
            env.out.append(str(env.vars[total]))
        lines = ["%s = (uint64)0;" % total, "for (%s : %s) {" % (kv, m.name)] + lines
        return lines + ["\t%s += (uint64)(%s);" % (total, term.text), "}", "print(%s);" % total], loop

    # --- the program ---

    def make_maps(self):
        r = self.r
        for i in range(r.randint(2, 6)):
            keys = [self.any_type(1) for _ in range(r.choice((0, 1, 1, 2, 3)))]
            agg = r.choice(("count", "sum", "min", "max")) if r.random() < 0.25 and i else None
            self.maps.append(Map("@m%d" % i, keys, "i" if agg else self.any_type(), agg))

    def program(self):
        self.make_maps()
        parts = []
        for probe in ["begin"] + ["end"] * (self.r.random() < 0.5):
            size = self.r.randint(4, 14)
            self.scopes = []
            lines, run = self.block(size)
            predicate = ""
            if self.r.random() < 0.2:
                self.scopes = [[]]
                c = self.condition(2)
                predicate, body = " /%s/" % c.text, run
                run = lambda env, c=c, body=body: body(env) if c.run(env) else None
            parts.append((["%s%s {" % (probe, predicate)] + lines + ["}"], run))
        lines = ["config = { print_maps_on_exit = 0 }"] + [l for lines, _ in parts for l in lines]
        # every map has its types: a key and a value of each
        lines += ["end {"] + ["\t" + l for m in self.maps for l in self.typed(m)] + ["}"]
        env = Env()
        env.maps = {m.name: {} for m in self.maps}
        for _, run in parts:
            try:
                run(env)
            except Return:
                pass
        for m in self.maps:
            if m.keys:
                env.out.append(str(len(env.maps[m.name])))
        return "\n".join(lines) + "\n", "".join(line + "\n" for line in env.out)

    def typed(self, m):
        keys = "[%s]" % ", ".join(constant(default(t), t) for t in m.keys) if m.keys else ""
        if m.agg:
            yield "if (@never) { %s%s = %s(%s); }" % (m.name, keys, m.agg, "" if m.agg == "count" else "(int64)1")
        else:
            yield "if (@never) { %s%s = %s; }" % (m.name, keys, constant(default(m.value), m.value))
        if m.keys:
            yield "print(len(%s));" % m.name


def program(seed):
    """(script, expected stdout)."""
    for attempt in range(1000):
        try:
            script, expected = Generator(seed * 1000 + attempt).program()
            return script.replace("end {", "end {\n\t@never = 0;", 1) if script.count("end {") == 1 else \
                script[::-1].replace("{ dne", ";0 = reven@\t\n{ dne", 1)[::-1], expected
        except TooLong:
            pass
    raise AssertionError("no program for seed %d" % seed)


if __name__ == "__main__":
    text, output = program(int(sys.argv[1]))
    print(text)
    print("/* prints:\n%s*/" % output)
