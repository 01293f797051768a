/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the architecture that kscope is built for. */
#include "lang/arch.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
/* struct pt_regs: arch/x86/include/asm/ptrace.h; arguments: System V ABI, AMD64, 3.2.3. */
static const char *const registers[] = { "r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8",
	"ax", "cx", "dx", "si", "di", "orig_ax", "ip", "cs", "flags", "sp", "ss" };
static const char *const arguments[] = { "di", "si", "dx", "cx", "r8", "r9" };
#define RETURN_VALUE    "ax"
#define STACK_ARGUMENTS 1 /* words above the stack pointer at entry: the return address */
#elif defined(__aarch64__)
/* struct user_pt_regs: arch/arm64/include/uapi/asm/ptrace.h; arguments: AAPCS64, 6.8. */
static const char *const registers[] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10",
	"r11", "r12", "r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24",
	"r25", "r26", "r27", "r28", "r29", "lr", "sp", "pc", "pstate" };
static const char *const arguments[] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7" };
#define RETURN_VALUE    "r0"
#define STACK_ARGUMENTS 0
#else
#error "registers of this architecture are not in the table yet"
#endif

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int arch_register(const char *name)
{
	for (size_t i = 0; i < COUNT(registers); i++) {
		if (strcmp(registers[i], name) == 0)
			return (int)(8 * i);
	}
	return -1;
}

int arch_argument(unsigned n)
{
	return n < COUNT(arguments) ? arch_register(arguments[n]) : -1;
}

unsigned arch_stack_argument(unsigned n)
{
	return 8 * (n - (unsigned)COUNT(arguments) + STACK_ARGUMENTS);
}

int arch_return_value(void)
{
	return arch_register(RETURN_VALUE);
}

int arch_stack_pointer(void)
{
	return arch_register("sp");
}
