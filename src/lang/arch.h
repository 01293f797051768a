/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers and calling conventions, one table per architecture. Offsets are into
 * struct pt_regs as kprobes and uprobes get it.
 */
#ifndef KSCOPE_LANG_ARCH_H
#define KSCOPE_LANG_ARCH_H

/* Offset of a register by its name ("ip", "sp", "ax", "di"); -1 if there is none. */
int arch_register(const char *name);

/* Offset of the register with integer argument n (from 0) of a function; -1 when it is on the stack. */
int arch_argument(unsigned n);

/* Where a stack argument is at the function's entry: bytes above the stack pointer. */
unsigned arch_stack_argument(unsigned n);

int arch_return_value(void);
int arch_stack_pointer(void);

#endif
