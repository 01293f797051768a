/* SPDX-License-Identifier: Apache-2.0 */
/*
 * printf's format against its arguments: C's conversions "%-5.3llx", with the
 * types that each can print. The runtime's format.c prints what passes here.
 */
#include <string.h>

#include "check/pass.h"

struct conversion {
	const char *start;
	unsigned length; /* bytes, with the % */
	char letter;
};

/* Finds the next conversion at or after *p; false at the end. letter is 0 for one that is cut short. */
static bool next_conversion(const char **p, struct conversion *conv)
{
	const char *s = strchr(*p, '%');

	while (s && s[1] == '%')
		s = strchr(s + 2, '%');
	if (!s)
		return false;
	conv->start = s++;
	s += strspn(s, "-+ #0");
	s += strspn(s, "0123456789");
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	s += strspn(s, "hlzjtL");
	conv->letter = *s;
	if (s[0] == 'r' && (s[1] == 'x' || s[1] == 'h'))
		s++; /* %rx, %rh */
	conv->length = (unsigned)(s - conv->start) + (*s != 0);
	*p = s + (*s != 0);
	return true;
}

static bool prints_as_text(const struct type *t)
{
	switch ((int)t->kind) {
	case TYPE_STRING:
	case TYPE_BUFFER:
	case TYPE_TIMESTAMP:
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_KSYM:
	case TYPE_USYM:
	case TYPE_USERNAME:
	case TYPE_KSTACK:
	case TYPE_USTACK:
	case TYPE_ENUM:
	case TYPE_BOOL:
		return true;
	default:
		return false;
	}
}

static void check_conversion(struct check *c, struct node *format, const struct conversion *conv,
        const struct node *arg, unsigned number)
{
	char spelled[32];
	struct type *t = arg->type;
	unsigned n = conv->length < sizeof(spelled) - 1 ? conv->length : sizeof(spelled) - 1;

	memcpy(spelled, conv->start, n);
	spelled[n] = '\0';
	if (t->kind == TYPE_ERROR)
		return;
	switch (conv->letter) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
	case 'c':
	case 'p':
		if (type_as_int(t))
			return;
		diag_error(c->diag, arg->loc, FORMAT_INT, spelled, type_name(c->arena, t), number);
		return;
	case 'r':
		if (t->kind == TYPE_BUFFER)
			return;
		diag_error(c->diag, arg->loc, FORMAT_BUFFER, spelled, type_name(c->arena, t), number);
		return;
	case 's':
		if (prints_as_text(t))
			return;
		diag_error(c->diag, arg->loc, FORMAT_STRING, spelled, type_name(c->arena, t), number);
		return;
	default:
		diag_error(c->diag, format->loc, FORMAT_UNKNOWN, spelled);
	}
}

void check_format(struct check *c, struct node *call, struct node *format, struct node *args)
{
	const char *p = format->name;
	struct conversion conv;
	unsigned number = 0, given = list_length(args);
	struct node *arg = args;

	if (!c->final)
		return;
	if (strlen(format->name) != format->ival) {
		diag_error(c->diag, format->loc, FORMAT_NUL);
		return;
	}
	while (next_conversion(&p, &conv)) {
		number++;
		if (!conv.letter) {
			diag_error(c->diag, format->loc, FORMAT_CUT);
			return;
		}
		if (!arg)
			continue;
		check_conversion(c, format, &conv, arg, number);
		arg = arg->next;
	}
	if (number != given)
		diag_error(
		        c->diag, call->loc, FORMAT_COUNT, call->name, number, number == 1 ? "" : "s", given);
}
