#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes an image and seals it again, so that what stands behind the seal can be tested.

    tests/image.py FILE                    checks the seal: status 0 or 1
    tests/image.py FILE OLD NEW            replaces all OLD by NEW, of the same length (\\xNN stands for a byte)
    tests/image.py --first FILE OLD NEW    only the first
    tests/image.py --version N FILE        as if another version had made it

See src/lang/seal.c for the format: magic, version, reserved, length of the object, SipHash-2-4 of it.
"""

import struct
import sys

MASK = (1 << 64) - 1
SEAL = struct.Struct("<8sIIQQ")


def sip(k0, k1, data):
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotate(x, n):
        return (x << n | x >> (64 - n)) & MASK

    def rounds(n):
        a, b, c, d = v
        for _ in range(n):
            a = (a + b) & MASK
            b = rotate(b, 13) ^ a
            a = rotate(a, 32)
            c = (c + d) & MASK
            d = rotate(d, 16) ^ c
            a = (a + d) & MASK
            d = rotate(d, 21) ^ a
            c = (c + b) & MASK
            b = rotate(b, 17) ^ c
            c = rotate(c, 32)
        v[:] = a, b, c, d

    whole = len(data) & ~7
    last = int.from_bytes(data[whole:], "little") | (len(data) & 0xff) << 56
    for word in [*struct.unpack("<%dQ" % (whole // 8), data[:whole]), last]:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def text_bytes(text):
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


def main(words):
    first = words[0] == "--first"
    version = int(words[1]) if words[0] == "--version" else None
    words = words[1 if first else 2 if version is not None else 0:]
    name = words[0]
    with open(name, "rb") as f:
        data = f.read()
    magic, made_by, reserved, length, hash_ = SEAL.unpack(data[-SEAL.size:])
    code = data[:-SEAL.size]
    if magic != b"KSCOPE\r\n" or length != len(code) or hash_ != sip(made_by, length, code):
        sys.exit("%s: not sealed" % name)
    if len(words) == 3:
        old, new = text_bytes(words[1]), text_bytes(words[2])
        if old not in code or len(old) != len(new):
            sys.exit("%s is not in %s, or %s has another length" % (words[1], name, words[2]))
        code = code.replace(old, new, 1 if first else -1)
    made_by = made_by if version is None else version
    with open(name, "wb") as f:
        f.write(code + SEAL.pack(magic, made_by, reserved, len(code), sip(made_by, len(code), code)))


main(sys.argv[1:])
