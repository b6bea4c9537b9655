/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the command line and of study files that have a grammar of their own: the first line
 * says which ("when", "trial", "query", "pattern", "place", "hosts"), the rest is the word; of
 * "hosts" the file that it names. */
#include "fuzz_named.h"

#include "answer.h"
#include "path_glob.h"
#include "places.h"
#include "result_store.h"
#include "trial_name.h"
#include "when.h"

static struct abl_store *store;

static void make_store(void)
{
	static const double values[] = {.5, .6};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = values},
		{.variant = {.label = "no x",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "x",
			     .position = 1},
		 .values = values},
		{.variant = {.label = "path=a/b",
			     .kind = ABL_VARIANT_GRID,
			     .subject = "path",
			     .position = 2},
		 .values = values},
	};
	const struct result_study study = {.name = "first",
					   .task = "rte",
					   .metric = "accuracy",
					   .arms = arms,
					   .count = 3,
					   .seeds = 2};

	if (abl_store_open(&store, fuzz_folder, ABL_STORE_WRITE, NULL))
		abort();
	result_store_fill(store, &study);
	abl_store_close(store);
	if (abl_store_open(&store, fuzz_folder, ABL_STORE_READ, NULL))
		abort();
}

static void read_when(const char *word)
{
	const time_t now = 1795996800; /* 2026-11-30 */
	struct abl_err err = {0};
	char shown[32];
	time_t out, again;
	const int rc = abl_when(word, now, &out, &err);

	assert(rc == (int)err.code);
	if (rc)
		return;
	assert(*abl_when_text(out, now, shown));
	/* of this day and the next what is shown is what was meant, to the minute */
	if (out > now && out < now + 86400 && !(out % 60))
		assert(!abl_when(shown, now, &again, &err) && again == out);
}

static void hear_trial(void *data, const struct abl_trial_name *name)
{
	abl_trial_name_text(name, data);
}

/* What is found has a name that finds it again. */
static void read_trial(const char *word)
{
	struct abl_err err = {0};
	struct abl_str name = {0};
	int64_t trial, again;
	const int rc = abl_trial_find(store, word, &trial, &err);

	assert(rc == (int)err.code);
	if (!rc && (abl_read_trial_name(store, trial, hear_trial, &name, &err) != 1 ||
		    abl_trial_find(store, name.text, &again, &err) || again != trial))
		abort();
	abl_str_finish(&name);
}

static void deaf(void *data, const struct abl_cell *cells, size_t count)
{
	(void)data;
	for (size_t i = 0; i < count; i++)
		assert(cells[i].name);
}

/* SQLite reads it. What it may take for ever over, as asked, is not asked here. */
static void read_query(const char *word)
{
	static const char *const endless[] = {"with", "blob", "printf", "format", "join", ","};
	const struct abl_listener to = {.head = deaf, .row = deaf};
	struct abl_err err = {0};
	int rc;

	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
		if (strcasestr(word, endless[i]))
			return;
	rc = abl_read_sql(store, word, &to, &err);
	assert(rc == (int)err.code);
}

/* Whatever it matches, it says so both ways. */
static void read_pattern(const char *word)
{
	struct abl_paths found = {0};
	struct abl_err err = {0};
	int rc = abl_glob_check(word, &err);

	assert(rc == (int)err.code);
	rc = abl_glob(&found, fuzz_folder, word, 100, NULL);
	assert(rc || !found.count || abl_glob_any(fuzz_folder, word));
	for (size_t i = 0; i < found.count; i++)
		assert(*found.path[i] && *found.path[i] != '/');
	abl_paths_finish(&found);
}

static void find_places(const char *word)
{
	struct abl_places p = {0};
	struct abl_err err = {0};
	const int rc = abl_places_add(&p, word, &err);

	assert(rc == (int)err.code);
	for (size_t i = 0; i < p.count; i++) {
		const struct abl_place *place = &p.items[i];

		assert(*place->name && place->slots >= 0 && place->cores >= 0);
		assert(place->kind != ABL_PLACE_SSH || (*place->host && *place->host != '-'));
		assert(place->kind != ABL_PLACE_COMMAND || place->words.count);
		for (size_t k = 0; k < i; k++)
			assert(strcmp(place->name, p.items[k].name) != 0);
	}
	abl_places_finish(&p);
}

static void read_place(const char *word)
{
	if (strlen(word) < 2000 && !strstr(word, ".hosts"))
		find_places(word);
}

static void read_hosts(const char *text)
{
	char *path = abl_path_join(fuzz_root, "x.hosts");

	if (strlen(text) < 2000) {
		fuzz_write(path, text, strlen(text));
		find_places(path);
	}
	free(path);
}

static const struct fuzz_reader readers[] = {
	{"when", read_when},       {"trial", read_trial}, {"query", read_query},
	{"pattern", read_pattern}, {"place", read_place}, {"hosts", read_hosts},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_reader *reader =
		fuzz_named(readers, sizeof readers / sizeof *readers, &data, &size);
	struct abl_str word = {0};

	if (!reader)
		return 0;
	if (fuzz_make_folder())
		make_store();
	abl_str_puts(&word, "");
	abl_str_add(&word, (const char *)data, size);
	reader->read(word.text);
	abl_str_finish(&word);
	return 0;
}
