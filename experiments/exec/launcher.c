/* SPDX-License-Identifier: Apache-2.0 */
#include "launcher.h"

#include "files.h"
#include "link_process.h"
#include "machine.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum state {
	DUE,   /* is started at its time */
	BEGUN, /* has a link; no hello so far */
	JOINED,
	GIVEN_UP /* `why` says what is wrong with it */
};

struct started { /* a place, as it stands */
	const struct abl_place *place;
	enum state state;
	struct abl_backoff backoff;
	bool ever;      /* it had joined in this run */
	bool told;      /* that it cannot be reached, since it last could */
	char *log;      /* of what started it */
	long long from; /* where in the log its last start begins */
	char why[400];
};

struct abl_launcher {
	struct abl_launcher_setup setup;
	struct started *of; /* [count] */
	size_t count;
	bool waits_told; /* that nobody is there */
};

static double now_of(const struct abl_launcher *l)
{
	return l->setup.now ? l->setup.now() : abl_clock_now();
}

struct abl_launcher *abl_launcher_create(const struct abl_launcher_setup *setup)
{
	struct abl_launcher *l = abl_calloc(1, sizeof *l);

	l->setup = *setup;
	l->of = abl_calloc(setup->places->count + 1, sizeof *l->of);
	for (size_t i = 0; i < setup->places->count; i++) {
		const struct abl_place *p = &setup->places->items[i];
		struct abl_str name = {0};

		if (p->kind != ABL_PLACE_SSH && p->kind != ABL_PLACE_COMMAND)
			continue;
		abl_str_printf(&name, "worker-%s.log", p->name);
		l->of[l->count++] = (struct started){.place = p,
						     .log = abl_path_join(setup->logs, name.text),
						     .backoff.first = setup->wait};
		abl_str_finish(&name);
	}
	return l;
}

void abl_launcher_destroy(struct abl_launcher *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		free(l->of[i].log);
	free(l->of);
	free(l);
}

static struct started *find(struct abl_launcher *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->of[i].place->name, name))
			return &l->of[i];
	return NULL;
}

/* The last line that its launcher has said on standard error since it was started. */
static void last_words(const struct started *s, struct abl_str *out)
{
	const int fd = open(s->log, O_RDONLY | O_CLOEXEC);
	struct abl_str own = {0};
	char text[600], *last;
	ssize_t n = -1;
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st)) {
		const long long most = (long long)sizeof text - 1,
				from = st.st_size - s->from > most ? st.st_size - most : s->from;

		n = pread(fd, text, sizeof text - 1, from);
	}
	close(fd);
	while (n > 0 && (unsigned char)text[n - 1] <= ' ')
		n--;
	if (n <= 0)
		return;
	text[n] = '\0';
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' && *c != '\n')
			*c = ' ';
	last = strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
	abl_str_printf(&own, "  worker %s: ", s->place->name);
	if (!strstr(last, own.text)) /* what the worker itself says is for its log */
		abl_str_puts(out, last);
	abl_str_finish(&own);
}

static long long size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (long long)st.st_size;
}

/* How words that a worker could never come from end: waiting mends neither a path that is wrong nor
 * words that `ablate worker` refuses. ssh itself ends with 255, docker with 125. */
static bool is_hopeless(const char *why)
{
	static const char *const codes[] = {"exit code 2", "exit code 3", "exit code 126",
					    "exit code 127"};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		const char *at = strstr(why, codes[i]);

		if (at && !strchr("0123456789", at[strlen(codes[i])]))
			return true;
	}
	return false;
}

static void say(const struct abl_launcher *l, const struct abl_str *text)
{
	if (l->setup.says)
		l->setup.says(l->setup.data, text->text);
}

/* `refused`: by the head, which knows more of it. */
static void give_up(struct abl_launcher *l, struct started *s, const char *why, bool refused)
{
	struct abl_str text = {0};

	s->state = GIVEN_UP;
	snprintf(s->why, sizeof s->why, "%.399s", why);
	abl_str_printf(&text, "worker %s is left out: %s", s->place->name, why);
	say(l, &text);
	if (!refused && l->setup.left_out)
		l->setup.left_out(l->setup.data, s->place->name, why);
	abl_str_finish(&text);
}

/* It is tried again. Says so where it had been there, and once where it had not. */
static void put_off(struct abl_launcher *l, struct started *s, enum abl_remote_how how,
		    const char *why)
{
	const bool was_there = s->state == JOINED;
	const char *what = !was_there               ? "cannot be reached"
			   : how == ABL_REMOTE_LEFT ? "has left"
						    : "is lost";
	const double wait = abl_backoff_ended(&s->backoff, now_of(l));
	struct abl_str text = {0};
	char duration[32];

	s->state = DUE;
	snprintf(s->why, sizeof s->why, "%.399s", why);
	if (!s->told || was_there) {
		abl_str_printf(&text, "worker %s %s: %s; it is tried again in %s%s", s->place->name,
			       what, why, abl_format_duration(wait, duration),
			       was_there ? "" : ", and then less and less often");
		say(l, &text);
	}
	s->told = !was_there;
	abl_str_finish(&text);
}

static void start(struct abl_launcher *l, struct started *s)
{
	struct abl_word_list words = {0};
	struct abl_link link = {0};
	struct abl_err err = {0};
	int rc = abl_launch_words(s->place, &l->setup.words, &words, &err);

	abl_backoff_began(&s->backoff, now_of(l));
	s->from = size_of(s->log);
	rc = rc ? rc : abl_link_process_start(&link, (const char *const *)words.word, s->log, &err);
	abl_word_list_finish(&words);
	if (rc) {
		give_up(l, s, err.text, false);
		return;
	}
	s->state = BEGUN;
	l->setup.add(l->setup.data, &link, s->place->name);
}

/* Nobody is there, and all that can be tried was: says what is waited for. */
static void tell_waiting(struct abl_launcher *l)
{
	struct abl_str text = {0};
	double next = INFINITY;
	char duration[32];

	for (size_t i = 0; i < l->count; i++) {
		if (l->of[i].state == BEGUN || l->of[i].state == JOINED)
			return;
		if (l->of[i].state == DUE)
			next = fmin(next, l->of[i].backoff.again);
	}
	if (l->waits_told || !isfinite(next))
		return;
	l->waits_told = true;
	abl_str_printf(&text, "no worker is there: waits for");
	for (size_t i = 0, n = 0; i < l->count; i++)
		if (l->of[i].state == DUE)
			abl_str_printf(&text, "%s%s", n++ ? ", " : " ", l->of[i].place->name);
	abl_str_printf(&text, "; the next try is in %s",
		       abl_format_duration(fmax(next - now_of(l), 0), duration));
	say(l, &text);
	abl_str_finish(&text);
}

void abl_launcher_tick(struct abl_launcher *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->of[i].state == DUE && now_of(l) >= l->of[i].backoff.again)
			start(l, &l->of[i]);
	tell_waiting(l);
}

void abl_launcher_joined(struct abl_launcher *l, const char *name)
{
	struct started *s = find(l, name);
	struct abl_str text = {0};

	if (!s)
		return;
	if (s->told || s->ever) {
		abl_str_printf(&text, "worker %s is there%s", name, s->ever ? " again" : "");
		say(l, &text);
		abl_str_finish(&text);
	}
	s->state = JOINED;
	s->ever = true;
	s->told = l->waits_told = false;
	abl_backoff_joined(&s->backoff, now_of(l));
}

void abl_launcher_gone(struct abl_launcher *l, const char *name, enum abl_remote_how how,
		       const char *why)
{
	struct started *s = find(l, name);
	struct abl_str text = {0}, said = {0};

	if (!s || s->state == GIVEN_UP || s->state == DUE)
		return;
	abl_str_puts(&text, why);
	if (how == ABL_REMOTE_LOST)
		last_words(s, &said);
	if (how == ABL_REMOTE_REFUSED && strstr(why, "store"))
		abl_str_printf(&text, " (it was given '%s')",
			       s->place->store ? s->place->store : l->setup.words.store);
	if (said.length)
		abl_str_printf(&text, ": %s", said.text);
	if (how == ABL_REMOTE_REFUSED || (s->state == BEGUN && !s->ever && is_hopeless(why)))
		give_up(l, s, text.text, how == ABL_REMOTE_REFUSED);
	else
		put_off(l, s, how, text.text);
	abl_str_finish(&text), abl_str_finish(&said);
}

bool abl_launcher_has_more(const struct abl_launcher *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->of[i].state != GIVEN_UP)
			return true;
	return false;
}

void abl_launcher_why_none(const struct abl_launcher *l, struct abl_str *out)
{
	if (abl_launcher_has_more(l))
		return;
	for (size_t i = 0; i < l->count; i++)
		abl_str_printf(out, "%s%s: %s", i ? "; " : "", l->of[i].place->name, l->of[i].why);
}
