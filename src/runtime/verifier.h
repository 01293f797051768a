/* SPDX-License-Identifier: Apache-2.0 */
/* What a failed load means, in words and at the script's own line. */
#ifndef KSCOPE_RUNTIME_VERIFIER_H
#define KSCOPE_RUNTIME_VERIFIER_H

#include "base/source.h"

struct session;

/* Reports why the load failed: privileges, the verifier's rejection, or another error of bpf(2). */
void verifier_report(struct session *s, int err);

/* -d verifier: asks for the log of every program before the load, prints them behind it. */
void verifier_keep_logs(struct session *s);
void verifier_dump_logs(struct session *s);

/* For tests: the place in the script that a log's last source line names; LOC_NONE if there is none. */
struct loc verifier_place(const struct source *source, const char *log);
/* The cause in words, from a log; NULL if it is not one of the common ones. */
const char *verifier_cause(const char *log);

#endif
