/* SPDX-License-Identifier: Apache-2.0 */
/* place_parts.c - a place, and a list of them; what both ways to write one share. */
#include "places.h"

#include "str.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096 /* stages at a time, as --workers */

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
