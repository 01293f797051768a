/* SPDX-License-Identifier: Apache-2.0 */
/* Which LLVM is linked in. */
#include <llvm-c/Core.h>
#include <stdio.h>

#include "codegen/codegen.h"

const char *codegen_llvm_version(void)
{
	static char text[48];
	unsigned major, minor, patch;

	LLVMGetVersion(&major, &minor, &patch);
	snprintf(text, sizeof(text), "%u.%u.%u", major, minor, patch);
	return text;
}
