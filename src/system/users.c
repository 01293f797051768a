/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/passwd, read once, when the first name is wanted. */
#include "system/users.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

struct user {
	struct user *next;
	uid_t uid;
	char *name;
};

static struct user *read_users(void)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct user *head = NULL, **tail = &head;
	struct passwd *p;

	while (f && (p = fgetpwent(f))) {
		struct user *u = mem_zalloc(sizeof(*u));

		u->uid = p->pw_uid;
		u->name = mem_strdup(p->pw_name);
		*tail = u;
		tail = &u->next;
	}
	if (f)
		fclose(f);
	return head;
}

const char *user_name(uid_t uid)
{
	static struct user *users;
	static int tried;

	if (!tried)
		users = read_users();
	tried = 1;
	for (const struct user *u = users; u; u = u->next) {
		if (u->uid == uid)
			return u->name;
	}
	return NULL;
}
