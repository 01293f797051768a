/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload for uprobes and stacks: calls N functions of known names and arguments.
 *
 *   calls N        traced_add(i, 10), traced_text("call"), traced_many(1, …, 8) N times, then sleeps 100 ms
 *   calls paths N [wait]  N calls of leaf(), each by another way through 14 frames of left() and right()
 *   calls shape    give_shape(&shape, &shape.next), a struct with members of every kind
 *   calls spin MS  outer_spin() -> inner_spin() burns that many milliseconds of CPU
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __clang__
#define TRACED __attribute__((noinline, used))
#else
#define TRACED __attribute__((noinline, noclone, used))
#endif

volatile long sink;

TRACED long traced_add(long a, long b)
{
	sink = a + b;
	return a + b;
}

TRACED long traced_text(const char *text)
{
	sink = text[0];
	return -1;
}

TRACED long traced_many(long a, long b, long c, long d, long e, long f, long g, long h)
{
	sink = a + b + c + d + e + f + g + h;
	return g * 10 + h;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

TRACED long inner_spin(double until)
{
	long n = 0;

	while (now_ms() < until)
		for (int i = 0; i < 1000; i++)
			sink = ++n;
	return n;
}

TRACED long outer_spin(double until)
{
	return inner_spin(until) + sink;
}

enum colour { RED, GREEN = 5, BLUE };

struct vertex {
	int x, y;
};

/* tests/runtime/structs.test has it too. */
struct shape {
	char kind;
	char name[11];
	struct vertex centre;
	union {
		unsigned whole;
		unsigned char parts[4];
	};
	unsigned visible : 1, layer : 5;
	int shift : 6;
	enum colour colour;
	struct vertex corners[3];
	char labels[2][6];
	short matrix[2][3];
	const char *title;
	struct shape *next;
	const char *const *words;
	struct {
		unsigned char low : 4, high : 4;
		unsigned long long big;
	} __attribute__((packed)) tight;
};

TRACED long give_shape(const struct shape *s, struct shape *const *next)
{
	sink = s->centre.x + (*next)->centre.x;
	return sink;
}

static long make_shape(void)
{
	static const char *const words[] = { "one", "two", NULL };
	static struct shape second = { .kind = 'b', .name = "second", .centre = { 7, 8 }, .title = "below" };
	static struct shape first = {
		.kind = 'a',
		.name = "first",
		.centre = { -3, 4 },
		.whole = 0x04030201,
		.visible = 1,
		.layer = 19,
		.shift = -5,
		.colour = BLUE,
		.corners = { { 1, 2 }, { 3, 4 }, { 5, 6 } },
		.labels = { "left", "right" },
		.matrix = { { 1, 2, 3 }, { 4, -5, 6 } },
		.title = "a title",
		.next = &second,
		.words = words,
		.tight = { 3, 12, 1ULL << 40 },
	};

	/* A probe cannot wait for a page: all of it must be in memory. */
	sink = *(volatile const char *)first.title + *(volatile const char *)second.title;
	sink = *(volatile const char *)words[0] + *(volatile const char *)words[1];
	return give_shape(&first, &first.next) != 4;
}

TRACED long leaf(void)
{
	return ++sink;
}

TRACED long left(unsigned way, int depth);
TRACED long right(unsigned way, int depth);

/* One bit of the way is one frame. */
static inline long step(unsigned way, int depth)
{
	if (depth == 0)
		return leaf();
	return way & 1 ? left(way >> 1, depth - 1) : right(way >> 1, depth - 1);
}

TRACED long left(unsigned way, int depth)
{
	return step(way, depth) + 1;
}

TRACED long right(unsigned way, int depth)
{
	return step(way, depth) + 2;
}

int main(int argc, char **argv)
{
	static const char text[] = "call";
	int n = argc > 1 ? atoi(argv[1]) : 1;

	if (argc > 1 && strcmp(argv[1], "shape") == 0)
		return (int)make_shape();
	if (argc > 2 && strcmp(argv[1], "paths") == 0) {
		for (unsigned i = 0; i < (unsigned)atoi(argv[2]); i++)
			left(i, 14);
		if (argc > 3) { /* done is said, and the process stays until its input ends */
			puts("done");
			fflush(stdout);
			while (getchar() != EOF)
				;
		}
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "spin") == 0)
		return outer_spin(now_ms() + atoi(argv[2])) == 0;
	/* A probe cannot wait for a page: it must be in memory. */
	sink = *(volatile const char *)text;
	for (int i = 0; i < n; i++) {
		traced_add(i, 10);
		traced_text(text);
		traced_many(1, 2, 3, 4, 5, 6, 7, 8);
	}
	return 0;
}
