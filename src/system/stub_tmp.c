/* temporary */
#include "system/kallsyms.h"
#include "system/elf_symbols.h"
#include "system/libraries.h"
#include <stddef.h>
#define W __attribute__((weak))
W struct kallsyms *kallsyms_load(bool d){(void)d;return NULL;}
W void kallsyms_free(struct kallsyms *k){(void)k;}
W int kallsyms_each(const struct kallsyms *k,const char*m,const char*n,int(*fn)(void*,const char*,const char*),void*a){(void)k;(void)m;(void)n;(void)fn;(void)a;return 0;}
W struct elf_symbols *elf_symbols_load(const char *p){(void)p;return NULL;}
W void elf_symbols_free(struct elf_symbols *e){(void)e;}
W uint64_t elf_symbols_offset(const struct elf_symbols *e,const char*n,uint64_t*s){(void)e;(void)n;(void)s;return 0;}
W int elf_symbols_each(const struct elf_symbols *e,const char*g,int(*fn)(void*,const char*),void*a){(void)e;(void)g;(void)fn;(void)a;return 0;}
W const char *library_find(struct arena *a,const char*n){(void)a;(void)n;return NULL;}
