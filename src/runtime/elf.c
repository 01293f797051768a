/* SPDX-License-Identifier: Apache-2.0 */
/* Reads just enough of an ELF64 object; libbpf reads the rest of it. */
#include "runtime/elf.h"

#include <elf.h>
#include <string.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

struct object {
	const char *data;
	size_t size;
	uint64_t sections; /* offset of the table */
	unsigned nsections;
	unsigned names; /* index of the section names' section */
};

static bool in_range(size_t size, uint64_t offset, uint64_t len)
{
	return offset <= size && len <= size - offset;
}

static bool read_header(Elf64_Ehdr *header, const void *image, size_t size)
{
	if (size < sizeof(*header))
		return false;
	memcpy(header, image, sizeof(*header));
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_machine == EM_BPF &&
	       header->e_shentsize == sizeof(Elf64_Shdr);
}

static bool open_object(struct object *o, const void *image, size_t size)
{
	Elf64_Ehdr header;

	if (!read_header(&header, image, size))
		return false;
	*o = (struct object){
		.data = image,
		.size = size,
		.sections = header.e_shoff,
		.nsections = header.e_shnum,
		.names = header.e_shstrndx,
	};
	return in_range(size, o->sections, (uint64_t)o->nsections * sizeof(Elf64_Shdr));
}

bool elf_is_bpf(const void *image, size_t size)
{
	Elf64_Ehdr header;

	return read_header(&header, image, size);
}

bool elf_is_whole(const void *image, size_t size)
{
	struct object o;

	return open_object(&o, image, size);
}

static bool get_section(const struct object *o, unsigned i, Elf64_Shdr *out)
{
	if (i >= o->nsections)
		return false;
	memcpy(out, o->data + o->sections + (uint64_t)i * sizeof(*out), sizeof(*out));
	return out->sh_type == SHT_NOBITS || in_range(o->size, out->sh_offset, out->sh_size);
}

/* The NUL-terminated string at an offset of a string table, or NULL. */
static const char *get_string(const struct object *o, const Elf64_Shdr *table, uint64_t offset)
{
	const char *s;

	if (table->sh_type != SHT_STRTAB || offset >= table->sh_size)
		return NULL;
	s = o->data + table->sh_offset + offset;
	return memchr(s, 0, table->sh_size - offset) ? s : NULL;
}

const void *elf_section(const void *image, size_t size, const char *name, size_t *len)
{
	Elf64_Shdr names, section;
	struct object o;

	if (!open_object(&o, image, size) || !get_section(&o, o.names, &names))
		return NULL;
	for (unsigned i = 1; i < o.nsections; i++) {
		const char *s;

		if (!get_section(&o, i, &section))
			return NULL;
		s = get_string(&o, &names, section.sh_name);
		if (s && strcmp(s, name) == 0 && section.sh_type != SHT_NOBITS) {
			*len = section.sh_size;
			return o.data + section.sh_offset;
		}
	}
	return NULL;
}

static bool symbols_are_sound(const struct object *o, const Elf64_Shdr *table)
{
	Elf64_Shdr strings;
	Elf64_Sym symbol;

	if (!get_section(o, table->sh_link, &strings))
		return false;
	for (uint64_t at = 0; at + sizeof(symbol) <= table->sh_size; at += sizeof(symbol)) {
		memcpy(&symbol, o->data + table->sh_offset + at, sizeof(symbol));
		if (!get_string(o, &strings, symbol.st_name))
			return false;
		if (symbol.st_shndx >= o->nsections && symbol.st_shndx < SHN_LORESERVE)
			return false;
	}
	return true;
}

bool elf_is_sound(const void *image, size_t size)
{
	Elf64_Shdr names, section;
	struct object o;

	if (!open_object(&o, image, size) || !get_section(&o, o.names, &names))
		return false;
	for (unsigned i = 0; i < o.nsections; i++) {
		if (!get_section(&o, i, &section))
			return false;
		if (i && !get_string(&o, &names, section.sh_name))
			return false;
		if (section.sh_type == SHT_SYMTAB && !symbols_are_sound(&o, &section))
			return false;
	}
	return true;
}

static bool find_symbol(const struct object *o, const Elf64_Shdr *table, const Elf64_Shdr *strings,
        const char *name, Elf64_Sym *out)
{
	for (uint64_t at = 0; at + sizeof(*out) <= table->sh_size; at += sizeof(*out)) {
		const char *s;

		memcpy(out, o->data + table->sh_offset + at, sizeof(*out));
		s = get_string(o, strings, out->st_name);
		if (s && strcmp(s, name) == 0)
			return true;
	}
	return false;
}

bool elf_symbol(const void *image, size_t size, const char *name, uint64_t *offset, uint64_t *symbol_size)
{
	Elf64_Shdr table, strings;
	struct object o;
	Elf64_Sym symbol;

	if (!open_object(&o, image, size))
		return false;
	for (unsigned i = 1; i < o.nsections; i++) {
		if (!get_section(&o, i, &table))
			return false;
		if (table.sh_type != SHT_SYMTAB || !get_section(&o, table.sh_link, &strings))
			continue;
		if (find_symbol(&o, &table, &strings, name, &symbol)) {
			*offset = symbol.st_value;
			*symbol_size = symbol.st_size;
			return true;
		}
	}
	return false;
}
