/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include "files.h"
#include "str.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096 /* stages at a time, as --workers */

#define USAGE "--on takes local, ssh:HOST,HOST, FILE.hosts, slurm, calls, or 'command:WORDS'"

void abl_place_drop(struct abl_place *place)
{
	free(place->name), free(place->host), free(place->gpus);
	free(place->store), free(place->data), free(place->program);
	abl_word_list_finish(&place->words);
	*place = (struct abl_place){0};
}

void abl_places_finish(struct abl_places *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		abl_place_drop(&p->items[i]);
	free(p->items);
	*p = (struct abl_places){0};
}

const struct abl_place *abl_places_of(const struct abl_places *p, enum abl_place_kind kind)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].kind == kind)
			return &p->items[i];
	return NULL;
}

bool abl_places_have_workers(const struct abl_places *p)
{
	return p->count > (abl_places_of(p, ABL_PLACE_LOCAL) ? 1u : 0u);
}

static bool is_taken(const struct abl_places *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->items[i].name, name))
			return true;
	return false;
}

/* It becomes a part of a file's name. */
static void add_name(struct abl_str *out, const char *text)
{
	for (const char *c = text; *c && out->length < 64; c++)
		abl_str_add(out, isalnum((unsigned char)*c) || strchr("-_.@", *c) ? c : "_", 1);
	if (!out->length || out->text[0] == '.' || out->text[0] == '-')
		abl_str_puts(out, "_");
	if (out->text[0] == '.' || out->text[0] == '-')
		out->text[0] = '_';
}

void abl_places_take(struct abl_places *p, struct abl_place *place, const char *name)
{
	struct abl_str text = {0}, again = {0};

	add_name(&text, place->host ? place->host : name);
	abl_str_puts(&again, text.text);
	for (int n = 2; is_taken(p, again.text); n++) {
		abl_str_clear(&again);
		abl_str_printf(&again, "%s-%d", text.text, n);
	}
	free(place->name);
	place->name = again.text;
	abl_str_finish(&text);
	abl_grow(&p->items, &p->capacity, p->count + 1, sizeof *p->items);
	p->items[p->count++] = *place;
	*place = (struct abl_place){0};
}

int abl_place_read_count(const char *text, const char *what, int64_t *out, struct abl_err *err)
{
	if (abl_parse_int(text, out) && *out >= 1 && *out <= MOST)
		return 0;
	return abl_err_set(err, ABL_EINPUT, "%s must be a number from 1 to %d, not '%.40s'", what,
			   MOST, text);
}

/* What `ssh` may be given as a host: never an option, and nothing that any program between here and
 * there could take for more than a name. */
static bool is_host(const char *text)
{
	const char *at = strrchr(text, '@');

	if (!*text || *text == '-' || (at && (at == text || !at[1] || at[1] == '-')))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-@%:", *text))
			return false;
	return true;
}

/* Where ":N" of "HOST:N" begins; its end where there is none. Colons of a numeric address are
 * none where it is in brackets, or has several. */
static size_t host_length(const char *text)
{
	const char *colon = strrchr(text, ':'), *close = strrchr(text, ']');

	if (!colon || (close ? close > colon : memchr(text, ':', (size_t)(colon - text)) != NULL))
		return strlen(text);
	return (size_t)(colon - text);
}

int abl_place_read_host(struct abl_place *out, const char *text, struct abl_err *err)
{
	const size_t n = host_length(text);
	struct abl_str host = {0};
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		if (text[i] != '[' && text[i] != ']')
			abl_str_add(&host, text + i, 1);
	if (!host.length || !is_host(host.text))
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%.80s' is no host: it is written as HOST, user@HOST, or "
				 "HOST:N for N stages at a time; ports and keys belong into "
				 "~/.ssh/config",
				 text);
	else if (text[n])
		rc = abl_place_read_count(text + n + 1, "the N of HOST:N", &out->slots, err);
	if (rc) {
		abl_str_finish(&host);
		return rc;
	}
	out->host = host.text;
	return 0;
}

/* What a run has once, as `local:4`: so many stages at a time. */
static int add_counted(struct abl_places *p, enum abl_place_kind kind, const char *name,
		       const char *text, struct abl_err *err)
{
	struct abl_place place = {.kind = kind};
	char what[40];

	if (abl_places_of(p, kind))
		return abl_err_set(err, ABL_EINPUT, "--on names '%s' twice", name);
	snprintf(what, sizeof what, "the N of %s:N", name);
	if (*text && abl_place_read_count(text, what, &place.slots, err))
		return ABL_EINPUT;
	abl_places_take(p, &place, name);
	return 0;
}

static int add_local(struct abl_places *p, const char *text, struct abl_err *err)
{
	return add_counted(p, ABL_PLACE_LOCAL, "local", text, err);
}

static int add_slurm(struct abl_places *p, const char *text, struct abl_err *err)
{
	return add_counted(p, ABL_PLACE_SLURM, "slurm", text, err);
}

static int add_calls(struct abl_places *p, const char *text, struct abl_err *err)
{
	return add_counted(p, ABL_PLACE_CALLS, "calls", text, err);
}

static int add_host(struct abl_places *p, const char *text, struct abl_err *err)
{
	struct abl_place place = {.kind = ABL_PLACE_SSH};

	if (abl_place_read_host(&place, text, err))
		return ABL_EINPUT;
	abl_places_take(p, &place, NULL);
	return 0;
}

static int add_command(struct abl_places *p, const char *text, struct abl_err *err)
{
	struct abl_place place = {.kind = ABL_PLACE_COMMAND};
	int rc = abl_word_list_split(&place.words, text, err);

	if (!rc && !place.words.count)
		rc = abl_err_set(err, ABL_EINPUT,
				 "--on command: needs words that start ablate somewhere: "
				 "'command:docker exec -i NAME ablate'");
	if (rc) {
		abl_place_drop(&place);
		return rc;
	}
	text = strrchr(place.words.word[0], '/');
	abl_places_take(p, &place, text ? text + 1 : place.words.word[0]);
	return 0;
}

/* What a part of the text is, by how it begins. Behind `ssh:HOST,` come more hosts. */
static const struct kind {
	const char *begin;
	bool whole; /* all that follows belongs to it, commas too */
	bool bare;  /* nothing need follow; else what it says is one of these words alone */
	int (*add)(struct abl_places *, const char *text, struct abl_err *);
} kinds[] = {
	{"command:", true, false, add_command}, {"ssh:", false, false, add_host},
	{"local:", false, false, add_local},    {"local", false, true, add_local},
	{"slurm:", false, false, add_slurm},    {"slurm", false, true, add_slurm},
	{"calls", false, true, add_calls},
};

static const struct kind *kind_of(const char *text)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].bare ? !strcmp(text, kinds[i].begin)
				  : !strncmp(text, kinds[i].begin, strlen(kinds[i].begin)))
			return &kinds[i];
	return NULL;
}

static bool is_host_file(const char *text)
{
	const size_t n = strlen(text);

	return (n > 6 && !strcmp(text + n - 6, ".hosts")) || abl_is_regular(text);
}

/* One part of it; *ssh: the one before was a host of `ssh:`. */
static int add_part(struct abl_places *p, const char *text, bool *ssh, struct abl_err *err)
{
	const struct kind *kind = kind_of(text);

	if (kind) {
		*ssh = kind->add == add_host;
		return kind->add(p, text + strlen(kind->begin), err);
	}
	if (*ssh)
		return add_host(p, text, err);
	if (is_host_file(text))
		return abl_host_file_read(p, text, err);
	return abl_err_set(err, ABL_EINPUT, "--on does not know the place '%.80s'; " USAGE, text);
}

int abl_places_add(struct abl_places *p, const char *text, struct abl_err *err)
{
	bool ssh = false;
	int rc = 0;

	while (!rc) {
		const struct kind *kind = kind_of(text);
		const size_t n = kind && kind->whole ? strlen(text) : strcspn(text, ",");
		struct abl_str part = {0};

		abl_str_add(&part, text, n);
		rc = add_part(p, part.text, &ssh, err);
		abl_str_finish(&part);
		if (!text[n])
			break;
		text += n + 1;
	}
	return rc;
}
