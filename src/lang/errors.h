/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every message that kscope can give has one row in errors.def:
 *
 *     ERROR(tag, "format", "hint" or NULL)
 *     WARNING(tag, "format", "hint" or NULL)
 *
 * diag_error(d, loc, TAG, args…) prints it; the compiler checks the arguments
 * against the row's format. diag_error_hint() gives a hint made at run time.
 */
#ifndef KSCOPE_LANG_ERRORS_H
#define KSCOPE_LANG_ERRORS_H

#include "base/diag.h"

enum message {
#define ERROR(tag, fmt, hint)   MSG_##tag,
#define WARNING(tag, fmt, hint) MSG_##tag,
#include "lang/errors.def"
	MSG_COUNT
};

#define ERROR(tag, fmt, hint)   static const char message_fmt_##tag[] __attribute__((unused)) = fmt;
#define WARNING(tag, fmt, hint) static const char message_fmt_##tag[] __attribute__((unused)) = fmt;
#include "lang/errors.def"

/* The tag's name, "UNDEF_VAR", for the tests' coverage of errors.def. */
const char *message_name(enum message m);

void diag_message(struct diag *d, enum message m, struct loc loc, const char *hint, ...);

static inline void __attribute__((format(printf, 1, 2))) message_check(const char *fmt, ...)
{
	(void)fmt;
}

/* Works for ERROR and WARNING rows alike; the row says which it is. */
#define diag_error(d, loc, tag, ...) diag_error_hint(d, loc, NULL, tag, ##__VA_ARGS__)
#define diag_error_hint(d, loc, hint, tag, ...)                                                              \
	do {                                                                                                 \
		if (0)                                                                                       \
			message_check(message_fmt_##tag, ##__VA_ARGS__);                                     \
		diag_message(d, MSG_##tag, loc, hint, ##__VA_ARGS__);                                        \
	} while (0)
#define diag_warning diag_error

#endif
