/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload for the tools of the bpftrace package: does what its arguments say, one after another.
 *
 *   tools ACTION[:ARGUMENT[:ARGUMENT]]...
 *
 *   net              goes on in a network of its own, which has only the loopback device
 *   tcp:PORT:BYTES   "server" listens on 127.0.0.1 (backlog 7), "client" sends to it and closes first
 *   tcp6:PORT:BYTES  the same on ::1
 *   call:PORT:MS     tries for so long to connect to 127.0.0.1
 *   nap:MS           nanosleep
 *   thread           a thread that begins in tool_thread()
 *   unix:TEXT        text through a pair of UNIX sockets
 *   spin:N:MS        N processes compete for the first CPU
 *   memory:MB:N      fills memory, N times over, in a process "hog"
 *   host:NAME        looks a name up
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void do_net(const char *a, const char *b)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	(void)a, (void)b;
	need(unshare(CLONE_NEWNET) == 0, "unshare");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0, "lo");
	close(fd);
}

static socklen_t address(struct sockaddr_storage *s, int family, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)s;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)s;

	memset(s, 0, sizeof(*s));
	s->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		v4->sin_port = htons((uint16_t)port);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_port = htons((uint16_t)port);
	v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

static void client(int family, int port, size_t bytes)
{
	struct sockaddr_storage s;
	socklen_t size = address(&s, family, port);
	int fd = socket(family, SOCK_STREAM, 0);
	char data[1024] = "", last;

	prctl(PR_SET_NAME, "client");
	need(fd >= 0 && connect(fd, (struct sockaddr *)&s, size) == 0, "connect");
	while (bytes) {
		ssize_t n = write(fd, data, bytes < sizeof(data) ? bytes : sizeof(data));

		need(n > 0, "write");
		bytes -= (size_t)n;
	}
	shutdown(fd, SHUT_WR);
	need(read(fd, &last, 1) == 0, "read");
	close(fd);
	_exit(0);
}

static void tcp(int family, const char *port, const char *bytes)
{
	struct sockaddr_storage s;
	socklen_t size = address(&s, family, atoi(port));
	int fd, peer, one = 1;
	char data[1024];

	if (fork() == 0) {
		prctl(PR_SET_NAME, "server");
		fd = socket(family, SOCK_STREAM, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		need(fd >= 0 && bind(fd, (struct sockaddr *)&s, size) == 0 && listen(fd, 7) == 0, "listen");
		if (fork() == 0)
			client(family, atoi(port), strtoul(bytes, NULL, 0));
		peer = accept(fd, NULL, NULL);
		need(peer >= 0, "accept");
		while (read(peer, data, sizeof(data)) > 0)
			;
		close(peer);
		wait(NULL);
		_exit(0);
	}
	wait(NULL);
}

static void do_tcp(const char *a, const char *b)
{
	tcp(AF_INET, a, b);
}

static void do_tcp6(const char *a, const char *b)
{
	tcp(AF_INET6, a, b);
}

static void do_call(const char *a, const char *b)
{
	struct sockaddr_storage s;
	socklen_t size = address(&s, AF_INET, atoi(a));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	connect(fd, (struct sockaddr *)&s, size);
	usleep((useconds_t)atoi(b) * 1000);
	close(fd);
}

static void do_nap(const char *a, const char *b)
{
	struct timespec t = { atoi(a) / 1000, atoi(a) % 1000 * 1000000L };

	(void)b;
	syscall(SYS_nanosleep, &t, NULL);
}

void *tool_thread(void *arg);
void *tool_thread(void *arg)
{
	return arg;
}

static void do_thread(const char *a, const char *b)
{
	pthread_t t;

	(void)a, (void)b;
	if (pthread_create(&t, NULL, tool_thread, NULL) == 0)
		pthread_join(t, NULL);
}

static void do_unix(const char *a, const char *b)
{
	char data[256];
	int fds[2];

	(void)b;
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
	need(write(fds[0], a, strlen(a)) > 0 && read(fds[1], data, sizeof(data)) > 0, "socketpair");
	close(fds[0]);
	close(fds[1]);
}

static void do_spin(const char *a, const char *b)
{
	double end = now_ms() + atoi(b);
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	for (int i = 0; i < atoi(a); i++)
		if (fork() == 0) {
			sched_setaffinity(0, sizeof(first), &first);
			while (now_ms() < end)
				;
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
}

static void do_memory(const char *a, const char *b)
{
	size_t bytes = (size_t)atoi(a) << 20;

	if (fork() == 0) {
		volatile char *p = malloc(bytes);

		prctl(PR_SET_NAME, "hog");
		need(p != NULL, "malloc");
		for (int n = 0; n < atoi(b); n++)
			for (size_t i = 0; i < bytes; i += 4096)
				p[i]++;
		_exit(0);
	}
	wait(NULL);
}

static void do_host(const char *a, const char *b)
{
	struct addrinfo *list;

	(void)b;
	if (getaddrinfo(a, NULL, NULL, &list) == 0)
		freeaddrinfo(list);
	if (!gethostbyname(a))
		return;
}

static const struct action {
	const char *name;
	void (*run)(const char *a, const char *b);
} actions[] = {
	{ "net", do_net },
	{ "tcp", do_tcp },
	{ "tcp6", do_tcp6 },
	{ "call", do_call },
	{ "nap", do_nap },
	{ "thread", do_thread },
	{ "unix", do_unix },
	{ "spin", do_spin },
	{ "memory", do_memory },
	{ "host", do_host },
};

static int act(char *word)
{
	char *a = strchr(word, ':'), *b = NULL;

	if (a)
		*a++ = '\0';
	b = a ? strchr(a, ':') : NULL;
	if (b)
		*b++ = '\0';
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(word, actions[i].name)) {
			actions[i].run(a ? a : "", b ? b : "");
			return 0;
		}
	fprintf(stderr, "tools: unknown action '%s'\n", word);
	return 2;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (act(argv[i]))
			return 2;
	return 0;
}
