/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing images. The seal's first fields keep their places in all versions, so that each can name another.
 */
#include "lang/seal.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "lang/image.h"

#define SEAL_MAGIC "KSCOPE\r\n"

struct seal {
	char magic[8];
	uint32_t version; /* IMAGE_VERSION */
	uint32_t reserved;
	uint64_t length; /* of the object */
	uint64_t hash;   /* of the object, with version and length as the key */
};

static uint64_t seal_hash(const struct seal *s, const void *object)
{
	return hash_sip(s->version, s->length, object, s->length);
}

void *seal_add(struct arena *a, const void *object, size_t *len)
{
	struct seal s = { .magic = SEAL_MAGIC, .version = IMAGE_VERSION, .length = *len };
	char *image = arena_alloc(a, *len + sizeof(s));

	s.hash = seal_hash(&s, object);
	memcpy(image, object, *len);
	memcpy(image + *len, &s, sizeof(s));
	*len += sizeof(s);
	return image;
}

const char *seal_check(const void *image, size_t *len)
{
	struct seal s;

	if (*len < sizeof(s))
		return "it is cut short or damaged";
	memcpy(&s, (const char *)image + *len - sizeof(s), sizeof(s));
	if (memcmp(s.magic, SEAL_MAGIC, sizeof(s.magic)) != 0)
		return "it is cut short or damaged";
	if (s.version != IMAGE_VERSION)
		return "it was made by another version of kscope";
	if (s.length != *len - sizeof(s))
		return "it is cut short or damaged";
	if (s.reserved || s.hash != seal_hash(&s, image))
		return "it is damaged: its checksum is wrong";
	*len = s.length;
	return NULL;
}
