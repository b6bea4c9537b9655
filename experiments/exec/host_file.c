/* SPDX-License-Identifier: Apache-2.0 */
/* host_file.c - the lines of a host file (places.h). */
#include "files.h"
#include "places.h"
#include "str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char keys[] = "slots, cores, gpus, store, data, program";

static int read_folder(const char *text, const char *what, char **out, struct abl_err *err)
{
	if (*text != '/')
		return abl_err_set(err, ABL_EINPUT,
				   "%s= must be a whole path there, which begins with '/', not "
				   "'%.80s'",
				   what, text);
	free(*out);
	*out = abl_strdup(text);
	return 0;
}

static int set_slots(struct abl_place *p, const char *text, struct abl_err *err)
{
	return abl_place_read_count(text, "slots=", &p->slots, err);
}

static int set_cores(struct abl_place *p, const char *text, struct abl_err *err)
{
	return abl_place_read_count(text, "cores=", &p->cores, err);
}

static int set_gpus(struct abl_place *p, const char *text, struct abl_err *err)
{
	const bool none = !strcmp(text, "none");

	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(",-/:", *c))
			return abl_err_set(err, ABL_EINPUT,
					   "gpus= takes numbers or names of cards, 0,1, or none, "
					   "not '%.80s'",
					   text);
	if (!*text || *text == ',' || strstr(text, ",,") || text[strlen(text) - 1] == ',')
		return abl_err_set(err, ABL_EINPUT,
				   "gpus= takes cards, 0,1, or none, and each has a name");
	free(p->gpus);
	p->gpus = abl_strdup(none ? "" : text);
	return 0;
}

static int set_store(struct abl_place *p, const char *text, struct abl_err *err)
{
	return read_folder(text, "store", &p->store, err);
}

static int set_data(struct abl_place *p, const char *text, struct abl_err *err)
{
	return read_folder(text, "data", &p->data, err);
}

static int set_program(struct abl_place *p, const char *text, struct abl_err *err)
{
	if (!*text)
		return abl_err_set(err, ABL_EINPUT, "program= needs the path of ablate there");
	free(p->program);
	p->program = abl_strdup(text);
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct abl_place *, const char *text, struct abl_err *);
	bool ssh; /* for hosts alone: a command has its own words for it */
} rows[] = {
	{"slots", set_slots, false}, {"cores", set_cores, false}, {"store", set_store, false},
	{"data", set_data, false},   {"gpus", set_gpus, true},    {"program", set_program, true},
};

/* `*seen`: a bit for each row that the line has. */
static int read_setting(struct abl_place *p, const char *word, unsigned *seen, struct abl_err *err)
{
	const size_t n = strcspn(word, "=");

	for (size_t i = 0; word[n] && i < sizeof rows / sizeof *rows; i++) {
		if (strlen(rows[i].key) != n || memcmp(rows[i].key, word, n) != 0)
			continue;
		if (rows[i].ssh && p->kind == ABL_PLACE_COMMAND)
			return abl_err_set(err, ABL_EINPUT,
					   "'%s' is for a host that ssh reaches; the words of a "
					   "command say it themselves",
					   rows[i].key);
		if (*seen & 1U << i || (p->slots && rows[i].set == set_slots))
			return abl_err_set(err, ABL_EINPUT, "'%s' is given twice", rows[i].key);
		*seen |= 1U << i;
		return rows[i].set(p, word + n + 1, err);
	}
	return abl_err_set(err, ABL_EINPUT, "unknown word '%.80s'; KEY=VALUE with one of %s", word,
			   keys);
}

/* Where "command:" stands as a word of its own; NULL. */
static char *find_command(char *line)
{
	for (char *at = line; (at = strstr(at, "command:")); at++)
		if (at > line && isspace((unsigned char)at[-1]))
			return at;
	return NULL;
}

/* A remark begins at a '#' that begins a word. */
static void cut_remark(char *line)
{
	for (char *at = line; (at = strchr(at, '#')); at++)
		if (at == line || isspace((unsigned char)at[-1])) {
			*at = '\0';
			return;
		}
}

/* What stands before and behind "command:". */
static int read_words(struct abl_place *place, struct abl_word_list *words, char *line,
		      struct abl_err *err)
{
	char *command = find_command(line);

	cut_remark(line);
	if (command && command > line + strlen(line)) /* in the remark */
		command = NULL;
	if (command) {
		place->kind = ABL_PLACE_COMMAND;
		*command = '\0';
		if (abl_word_list_split(&place->words, command + strlen("command:"), err))
			return ABL_EINPUT;
		if (!place->words.count)
			return abl_err_set(err, ABL_EINPUT,
					   "'command:' needs words that start ablate there");
	}
	if (abl_word_list_split(words, line, err))
		return ABL_EINPUT;
	if (command && !words->count)
		return abl_err_set(err, ABL_EINPUT, "a name must stand before 'command:'");
	return 0;
}

static int read_place(struct abl_places *all, char *line, struct abl_err *err)
{
	struct abl_place place = {.kind = ABL_PLACE_SSH};
	struct abl_word_list words = {0};
	unsigned seen = 0;
	int rc = read_words(&place, &words, line, err);

	if (!rc && words.count && place.kind == ABL_PLACE_SSH) {
		if (!strcmp(words.word[0], "local"))
			place.kind = ABL_PLACE_LOCAL;
		else
			rc = abl_place_read_host(&place, words.word[0], err);
	}
	for (size_t i = 1; i < words.count && !rc; i++)
		rc = read_setting(&place, words.word[i], &seen, err);
	if (!rc && place.kind == ABL_PLACE_LOCAL) {
		if (abl_places_of(all, ABL_PLACE_LOCAL))
			rc = abl_err_set(err, ABL_EINPUT, "'local' is named twice");
		else if (place.store || place.data || place.program || place.gpus || place.cores)
			rc = abl_err_set(err, ABL_EINPUT, "'local' takes slots= alone");
	}
	if (!rc && words.count)
		abl_places_take(all, &place, words.word[0]);
	abl_place_drop(&place);
	abl_word_list_finish(&words);
	return rc;
}

int abl_host_file_read(struct abl_places *p, const char *path, struct abl_err *err)
{
	const size_t before = p->count;
	struct abl_reader *file = NULL;
	const char *text;
	size_t length;
	int rc = abl_reader_open(&file, path, err), more = 0;

	if (rc)
		return rc;
	while (!rc && (more = abl_reader_line(file, &text, &length, err)) > 0) {
		struct abl_str line = {0};

		abl_str_add(&line, text, length);
		rc = read_place(p, line.text, err);
		if (rc)
			abl_err_prefix(err, rc, "%s:%zu", path, abl_reader_line_number(file));
		abl_str_finish(&line);
	}
	abl_reader_close(file);
	rc = rc ? rc : more;
	if (!rc && p->count == before)
		rc = abl_err_set(err, ABL_EINPUT, "'%s' names no host", path);
	return rc;
}
