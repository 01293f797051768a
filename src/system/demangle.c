/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Demangling is the C++ runtime's, __cxa_demangle() of the Itanium C++ ABI, 3.4. Rust's older names
 * ("legacy") are C++ names too, of nested namespaces, that end in a hash and carry what is not allowed in an
 * identifier as $…$ (rustc, compiler/rustc_symbol_mangling/src/legacy.rs): that is put back here.
 *
 *     _ZN4core3ops8function6FnOnce9call_once17h0123456789abcdefE   core::ops::function::FnOnce::call_once
 *     _ZN50_$LT$T$u20$as$u20$a..b..Into$LT$U$GT$$GT$4into17h…E     <T as a::b::Into<U>>::into
 */
#include "system/demangle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The demangler is recursive and keeps its state on the stack. */
#define MAX_MANGLED 8192

#define HASH_DIGITS 16

/* cxxabi.h, which only a C++ compiler finds. */
char *__cxa_demangle(const char *mangled, char *buf, size_t *size, int *status);

static bool is_hash(const char *p)
{
	for (unsigned i = 0; i < HASH_DIGITS; i++)
		if (!p[i] || !strchr("0123456789abcdef", p[i]))
			return false;
	return true;
}

/* A nested name whose last part is "h" and 16 hexadecimal digits; *end receives where its E is. */
static bool is_rust(const char *name, const char **end)
{
	const char *p;

	if (strncmp(name, "_ZN", 3) != 0)
		return false;
	p = strstr(name, "17h");
	while (p && !(is_hash(p + 3) && p[3 + HASH_DIGITS] == 'E'))
		p = strstr(p + 1, "17h");
	if (!p)
		return false;
	*end = p + 3 + HASH_DIGITS;
	/* Compilers add suffixes: ".llvm.1234". */
	return (*end)[1] == '\0' || (*end)[1] == '.';
}

static const struct {
	const char *code, *text;
} escapes[] = {
	{ "$SP$", "@" },
	{ "$BP$", "*" },
	{ "$RF$", "&" },
	{ "$LT$", "<" },
	{ "$GT$", ">" },
	{ "$LP$", "(" },
	{ "$RP$", ")" },
	{ "$C$", "," },
};

/* Bytes of the escape at p, 0 if there is none; *c receives what it stands for. */
static size_t unescape(const char *p, char *c)
{
	unsigned long code;
	char *end;

	for (unsigned i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		size_t len = strlen(escapes[i].code);

		if (strncmp(p, escapes[i].code, len) == 0) {
			*c = escapes[i].text[0];
			return len;
		}
	}
	if (p[0] != '$' || p[1] != 'u')
		return 0;
	code = strtoul(p + 2, &end, 16);
	if (end == p + 2 || *end != '$' || code < 0x20 || code > 0x7e)
		return 0;
	*c = (char)code;
	return (size_t)(end + 1 - p);
}

/* In place: what is put back is never longer. */
static void restore_rust(char *s)
{
	char *out = s, *hash = strrchr(s, ':');

	if (hash && hash > s && hash[-1] == ':' && hash[1] == 'h')
		hash[-1] = '\0';
	for (const char *p = s; *p;) {
		bool starts = p == s || p[-1] == ':';
		char c;
		size_t n;

		if (starts && p[0] == '_' && p[1] == '$')
			p++; /* keeps the part an identifier */
		n = unescape(p, &c);
		if (n) {
			*out++ = c;
			p += n;
		} else if (p[0] == '.' && p[1] == '.') {
			*out++ = ':';
			*out++ = ':';
			p += 2;
		} else {
			*out++ = *p++;
		}
	}
	*out = '\0';
}

char *demangle(const char *name)
{
	const char *end;
	char *text, *copy;
	int status;

	if (name[0] != '_' || name[1] != 'Z' || strnlen(name, MAX_MANGLED) == MAX_MANGLED)
		return NULL;
	if (!is_rust(name, &end))
		return __cxa_demangle(name, NULL, NULL, &status);
	copy = strndup(name, (size_t)(end + 1 - name));
	if (!copy)
		return NULL;
	text = __cxa_demangle(copy, NULL, NULL, &status);
	free(copy);
	if (text)
		restore_rust(text);
	return text;
}
