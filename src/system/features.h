/* SPDX-License-Identifier: Apache-2.0 */
/* What the running kernel can do, found by trying it: a row for each question of kscope --info. */
#ifndef KSCOPE_SYSTEM_FEATURES_H
#define KSCOPE_SYSTEM_FEATURES_H

enum feature_answer {
	FEATURE_NO,
	FEATURE_YES,
	FEATURE_DENIED, /* this process may not try */
};

struct feature {
	const char *group, *name;
	enum feature_answer (*test)(void);
};

extern const struct feature features[];
extern const unsigned features_count;

/* "1.1.2" */
const char *features_libbpf_version(void);

#endif
