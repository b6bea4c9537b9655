/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "places.h"
#include "str.h"

#include <stdio.h>
#include <string.h>

#define USAGE "--on takes local, ssh:HOST,HOST, FILE.hosts, slurm, calls, or 'command:WORDS'"

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
