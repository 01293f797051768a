/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file's bytes to a description. The checks go from what anybody may hand us by mistake
 * (another ELF file) over what happens to files (cut, changed) to what a script may have done.
 */
#include "runtime/image_file.h"

#include "lang/image.h"
#include "lang/program.h"
#include "lang/seal.h"
#include "runtime/elf.h"

struct program *image_file_read(const void *image, size_t *size, struct arena *a, const char **why)
{
	const void *section;
	size_t len;

	if (!elf_is_bpf(image, *size)) {
		*why = "it is not a BPF object";
		return NULL;
	}
	if (!elf_is_whole(image, *size)) {
		*why = "it is cut short or damaged";
		return NULL;
	}
	section = elf_section(image, *size, IMAGE_SECTION, &len);
	if (!section) {
		*why = "it is a BPF object, but kscope did not make it";
		return NULL;
	}
	*why = seal_check(image, size);
	if (*why)
		return NULL;
	if (!elf_is_sound(image, *size)) {
		*why = "it is damaged";
		return NULL;
	}
	return image_read(section, len, a, why);
}
