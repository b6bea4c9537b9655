/* SPDX-License-Identifier: Apache-2.0 */
#include "dial.h"

#include "hash.h"
#include "head_file.h"
#include "link_tls.h"
#include "machine.h"
#include "str.h"
#include "tcp.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELD 30.0 /* seconds: a link that lasted as long was a good one */

enum phase { PAUSED, CONNECTING, SHAKING, LINKED };

struct abl_dial {
	char *path;
	enum phase phase;
	double until; /* PAUSED: to then; CONNECTING, SHAKING: at the latest; LINKED: since */
	double first, pause;
	struct abl_head head;
	size_t at;                   /* of its addresses */
	char good[ABL_HEAD_ADDRESS]; /* that led to a head; "" = none yet */
	bool alone;                  /* the last try was of that one alone */
	int fd;                      /* -1: none, or the connection's */
	struct abl_tls *tls;
	struct abl_tls_connection *connection;
	short events;
	char why[120]; /* the first address of this try did not answer, or a later one that did was
			  none */
	char trouble[400];
};

int abl_dial_create(struct abl_dial **out, const char *path, double pause, struct abl_err *err)
{
	struct abl_token none = {0};
	struct abl_tls *tls = NULL;
	const int rc = abl_tls_create(&tls, &none, err); /* whether there is any TLS */

	abl_tls_destroy(tls);
	if (rc)
		return rc;
	*out = abl_calloc(1, sizeof **out);
	(*out)->path = abl_strdup(path);
	(*out)->first = pause;
	(*out)->fd = -1;
	return 0;
}

static void hang_up(struct abl_dial *d)
{
	if (d->connection)
		abl_tls_drop(d->connection);
	else if (d->fd >= 0)
		close(d->fd);
	d->connection = NULL;
	d->fd = -1;
}

void abl_dial_destroy(struct abl_dial *d)
{
	if (!d)
		return;
	hang_up(d);
	abl_tls_destroy(d->tls);
	free(d->path);
	explicit_bzero(&d->head, sizeof d->head);
	free(d);
}

/* Many workers lose their head at the same moment; they do not all come back at the same one. */
static double spread(void)
{
	const struct {
		double now;
		long pid;
	} what = {abl_clock_now(), (long)getpid()};

	return 1 - .5 * (double)(abl_hash64(&what, sizeof what) >> 40) / (double)(1 << 24);
}

static void pause_it(struct abl_dial *d)
{
	hang_up(d);
	d->pause = d->pause > 0 ? fmin(2 * d->pause, ABL_DIAL_LONGEST) : d->first;
	d->until = abl_clock_now() + d->pause * spread();
	d->phase = PAUSED;
}

static void note(struct abl_dial *d, const char *why)
{
	if (!*d->why || d->phase == SHAKING)
		snprintf(d->why, sizeof d->why, "%s", why);
}

/* Whether its process is known to be no more: it was one of this machine. */
static bool is_dead(const struct abl_head *head)
{
	char host[sizeof head->host] = "";

	return !gethostname(host, sizeof host - 1) && !strcmp(host, head->host) && head->pid > 0 &&
	       kill((pid_t)head->pid, 0) && errno == ESRCH;
}

static void tell_trouble(struct abl_dial *d)
{
	const struct abl_head *h = &d->head;

	if (is_dead(h))
		snprintf(d->trouble, sizeof d->trouble,
			 "'%.200s' is what a head left that ended (process %lld); waiting for the "
			 "next",
			 d->path, (long long)h->pid);
	else
		snprintf(d->trouble, sizeof d->trouble,
			 "cannot reach the head on '%s' at port %d: %s", h->host, h->port, d->why);
}

/* Begins with the first of the addresses from `at` on that can be begun with. */
static void call(struct abl_dial *d)
{
	for (; d->at < d->head.addresses; d->at++) {
		d->phase = CONNECTING;
		d->fd = abl_tcp_connect(d->head.address[d->at], d->head.port);
		if (d->fd < 0) {
			note(d, strerror(errno));
			continue;
		}
		abl_tcp_tune(d->fd, ABL_TCP_SILENCE_WORKER);
		d->events = POLLOUT;
		d->until = abl_clock_now() + ABL_DIAL_WAIT;
		return;
	}
	tell_trouble(d);
	pause_it(d);
}

static void call_next(struct abl_dial *d, const char *why)
{
	note(d, why);
	hang_up(d);
	d->at++;
	call(d);
}

/* The one that was good comes first, where the head still has it. */
static void prefer_good(struct abl_dial *d)
{
	char(*list)[ABL_HEAD_ADDRESS] = d->head.address;
	size_t i = 0;

	while (i < d->head.addresses && strcmp(list[i], d->good) != 0)
		i++;
	if (!*d->good || i == d->head.addresses)
		return;
	memmove(list + 1, list, i * sizeof *list);
	snprintf(*list, sizeof *list, "%s", d->good);
	d->alone = !d->alone;
	if (d->alone)
		d->head.addresses = 1;
}

static void begin(struct abl_dial *d)
{
	struct abl_err err = {0};
	int rc = abl_head_file_read(d->path, &d->head, &err);

	abl_tls_destroy(d->tls);
	d->tls = NULL;
	rc = rc ? rc : abl_tls_create(&d->tls, &d->head.token, &err);
	if (rc) {
		snprintf(d->trouble, sizeof d->trouble, "%.390s", err.text);
		pause_it(d);
		return;
	}
	prefer_good(d);
	d->at = 0;
	*d->why = '\0';
	call(d);
}

static void take_connection(struct abl_dial *d)
{
	struct pollfd ready = {.fd = d->fd, .events = POLLOUT};
	int why;

	if (poll(&ready, 1, 0) < 1)
		return;
	why = abl_tcp_connected(d->fd);
	if (why) {
		call_next(d, strerror(why));
		return;
	}
	d->connection = abl_tls_begin(d->tls, ABL_SIDE_WORKER, d->fd);
	d->phase = SHAKING;
	d->until = abl_clock_now() + ABL_DIAL_WAIT;
}

static bool shake(struct abl_dial *d, struct abl_link *out)
{
	const char *why = "";

	switch (abl_tls_shake(d->connection, &d->events, &why)) {
	case ABL_TLS_SHAKING:
		return false;
	case ABL_TLS_REFUSED:
		call_next(d, why);
		return false;
	case ABL_TLS_READY:
		break;
	}
	*out = abl_tls_link(d->connection);
	d->connection = NULL;
	d->fd = -1;
	d->phase = LINKED;
	d->alone = false;
	snprintf(d->good, sizeof d->good, "%s", d->head.address[d->at]);
	d->until = abl_clock_now();
	return true;
}

bool abl_dial_advance(struct abl_dial *d, struct abl_link *out)
{
	if (d->phase == PAUSED && abl_clock_now() >= d->until)
		begin(d);
	if (d->phase == CONNECTING)
		take_connection(d);
	if (d->phase == SHAKING && shake(d, out))
		return true;
	if ((d->phase == CONNECTING || d->phase == SHAKING) && abl_clock_now() >= d->until)
		call_next(d, "no answer in time");
	return false;
}

void abl_dial_again(struct abl_dial *d)
{
	if (d->phase != LINKED)
		return;
	if (abl_clock_now() - d->until >= HELD)
		d->pause = 0;
	*d->trouble = '\0';
	pause_it(d);
}

size_t abl_dial_descriptors(const struct abl_dial *d, struct pollfd *out, size_t most)
{
	if (d->fd < 0)
		return 0;
	if (most)
		*out = (struct pollfd){.fd = d->fd, .events = d->events};
	return 1;
}

double abl_dial_deadline(const struct abl_dial *d)
{
	return d->phase == LINKED ? INFINITY : d->until;
}

const char *abl_dial_trouble(const struct abl_dial *d)
{
	return d->trouble;
}
