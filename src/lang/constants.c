/* SPDX-License-Identifier: Apache-2.0 */
/* The values come from this machine's headers where it has them; they are ABI. */
#include "lang/constants.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/str.h"

static const struct {
	const char *name;
	int64_t value;
} constants[] = {
#define CONST(name)              { #name, name },
#define CONST_VALUE(name, value) { #name, value },
#include "lang/constants.def"
};

#define COUNT (sizeof(constants) / sizeof(constants[0]))

bool constant_by_name(const char *name, int64_t *value)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(constants[i].name, name) == 0) {
			*value = constants[i].value;
			return true;
		}
	}
	return false;
}

void constants_offer(struct nearest *near, const char *wanted)
{
	for (size_t i = 0; i < COUNT; i++)
		nearest_offer(near, wanted, constants[i].name);
}
