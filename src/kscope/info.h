/* SPDX-License-Identifier: Apache-2.0 */
/* kscope --info: versions, and what the running kernel can do. */
#ifndef KSCOPE_KSCOPE_INFO_H
#define KSCOPE_KSCOPE_INFO_H

struct diag;

/* Prints it; returns the exit status. */
int info_print(struct diag *d);

#endif
