/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that a report of a defect should say about the machine. */
#include "kscope/info.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "kscope/compiler.h"
#include "system/features.h"

static const char *answer_words(enum feature_answer answer)
{
	switch (answer) {
	case FEATURE_YES:
		return "yes";
	case FEATURE_NO:
		return "no";
	case FEATURE_DENIED:
		return "unknown (no permission to try)";
	}
	return "";
}

static void print_features(void)
{
	const char *group = "";

	for (unsigned i = 0; i < features_count; i++) {
		const struct feature *f = &features[i];

		if (f->group != group)
			printf("\n%s\n", f->group);
		group = f->group;
		printf("  %s: %s\n", f->name, answer_words(f->test()));
	}
}

int info_print(struct diag *d)
{
	struct utsname u;
	int status;

	uname(&u);
	printf("System\n");
	printf("  OS: %s %s %s\n", u.sysname, u.release, u.version);
	printf("  architecture: %s\n", u.machine);
	printf("\nBuild\n");
	printf("  kscope: %s\n", KSCOPE_VERSION);
	printf("  libbpf: %s\n", features_libbpf_version());
	fflush(stdout);
	/* An installation without the compiler still runs images. */
	status = compiler_versions(d);
	print_features();
	return status;
}
