/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's own record of what processes map, exec and fork, so that a process which lived
 * for a millisecond still has names for its addresses.
 */
#ifndef KSCOPE_RUNTIME_MAPPINGS_H
#define KSCOPE_RUNTIME_MAPPINGS_H

struct mapping_watch;
struct processes;

/* Starts watching all processes; NULL when the kernel does not let us, and then /proc is all there is. */
struct mapping_watch *mapping_watch_open(void);
/* Takes in what has happened since the last call. */
void mapping_watch_drain(struct mapping_watch *w, struct processes *p);
void mapping_watch_close(struct mapping_watch *w);

#endif
