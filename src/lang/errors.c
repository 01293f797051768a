/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of errors.def as a table, and the one function that every message passes through. */
#include "lang/errors.h"

#include <stddef.h>

struct message_row {
	const char *name, *fmt, *hint;
	enum severity severity;
};

static const struct message_row rows[] = {
#define ERROR(tag, fmt, hint)   [MSG_##tag] = { #tag, fmt, hint, SEV_ERROR },
#define WARNING(tag, fmt, hint) [MSG_##tag] = { #tag, fmt, hint, SEV_WARNING },
#include "lang/errors.def"
};

const char *message_name(enum message m)
{
	return rows[m].name;
}

void diag_message(struct diag *d, enum message m, struct loc loc, const char *hint, ...)
{
	const struct message_row *row = &rows[m];
	va_list ap;

	va_start(ap, hint);
	diag_vemit(d, row->severity, loc, hint ? hint : row->hint, row->fmt, ap);
	va_end(ap);
}
