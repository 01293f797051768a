/* SPDX-License-Identifier: Apache-2.0 */
/* Users' names. */
#ifndef KSCOPE_SYSTEM_USERS_H
#define KSCOPE_SYSTEM_USERS_H

#include <sys/types.h>

/* The name of a user in /etc/passwd; NULL when it has none there. Lives until the process ends. A static
 * program cannot ask other sources (nsswitch.conf(5)). */
const char *user_name(uid_t uid);

#endif
