/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of bytes whose value may be kept in files: it does not change between versions. */
#ifndef KSCOPE_BASE_HASH_H
#define KSCOPE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 with a key of two words. */
uint64_t hash_sip(uint64_t key0, uint64_t key1, const void *data, size_t len);

#endif
