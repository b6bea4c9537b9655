/* SPDX-License-Identifier: Apache-2.0 */
#include "study.h"

#include "design_points.h"
#include "files.h"
#include "str.h"
#include "native_space.h"
#include "program_source.h"
#include "secret_name.h"
#include "shell.h"
#include "study_source.h"

#include <stdlib.h>
#include <string.h>

#define FILE_HEAD "# file " /* before the name of each of several files in a record */
#define DEFAULT_SEEDS 5     /* fewer give values only, no verdict */

/* Top-level maps that an include is merged into key by key; all else is replaced whole. */
static const char *const merge_keys[] = {"baseline", "pretraining", "limits",  "retry",
					 "cluster",  "options",     "metrics", NULL};

int abl_study_files(struct abl_yaml_tree *tree, const char *path, struct abl_err *err)
{
	return abl_yaml_load(tree, path, NULL, merge_keys, err);
}

/* Where hide_secrets() has put stars there is no YAML: quotes take the place of the outer two. */
void abl_study_mend_record(char *text)
{
	for (char *p = strstr(text, ": *"); p; p = strstr(p, ": *")) {
		const size_t n = strspn(p + 2, "*");

		p += 2;
		if (!p[n] || strchr(",} \t\r\n", p[n])) {
			p[0] = n > 1 ? '"' : 'x';
			if (n > 1)
				p[n - 1] = '"';
		}
		p += n;
	}
}

/* The part of a record of several files that is the text of the one at `path`; the caller's. NULL:
 * there is none. */
static char *recorded_file(const char *recorded, const char *path)
{
	struct abl_str head = {0}, out = {0};
	const char *at = recorded, *end;

	if (strncmp(recorded, FILE_HEAD, sizeof FILE_HEAD - 1) != 0) {
		out.text = abl_strdup(recorded);
		abl_study_mend_record(out.text);
		return out.text;
	}
	abl_str_printf(&head, FILE_HEAD "%s\n", path);
	while (at && strncmp(at, head.text, head.length) != 0)
		at = (at = strstr(at, "\n" FILE_HEAD)) ? at + 1 : NULL;
	if (at) {
		at += head.length;
		end = strstr(at, "\n" FILE_HEAD);
		abl_str_add(&out, at, end ? (size_t)(end - at) : strlen(at));
		abl_study_mend_record(out.text);
	}
	abl_str_finish(&head);
	return out.text;
}

/* Where the text of a line begins. */
static size_t line_at(const char *text, int line)
{
	size_t at = 0;

	for (int i = 1; i < line && text[at]; i++) {
		at += strcspn(text + at, "\n");
		at += text[at] == '\n';
	}
	return at;
}

/* The bytes of that many characters. */
static size_t bytes_of(const char *text, int characters)
{
	size_t n = 0;

	for (int i = 0; i < characters && text[n] && text[n] != '\n'; i++)
		for (n++; ((unsigned char)text[n] & 0xc0) == 0x80; n++)
			;
	return n;
}

/* Secrets among the variables of a map are not for the record: stars stand for their values. */
static void hide_secrets(const struct abl_node *map, char *text)
{
	for (size_t i = 0; map && map->kind == ABL_NODE_MAP && i + 1 < map->count; i += 2) {
		const struct abl_node *name = map->items[i], *value = map->items[i + 1];
		size_t from, n;

		if (value->kind != ABL_NODE_SCALAR || !abl_is_secret_name(name->text))
			continue;
		from = line_at(text, value->line);
		from += bytes_of(text + from, value->column - 1);
		n = bytes_of(text + from, value->width);
		memset(text + from, '*', n); /* as long as it was: others keep their places */
	}
}

static void add_file(const struct abl_yaml_file *f, struct abl_str *out)
{
	char *text = abl_strdup(f->text);

	if (f->root && f->root->kind == ABL_NODE_MAP) {
		hide_secrets(abl_node_get(f->root, "environment"), text);
		hide_secrets(abl_node_get(f->root, "pass"), text);
	}
	abl_str_puts(out, text);
	free(text);
}

void abl_study_files_text(const struct abl_yaml_tree *t, struct abl_str *out)
{
	for (size_t i = t->file_count; i-- > 0;) {
		if (t->file_count > 1)
			abl_str_printf(out, FILE_HEAD "%s\n", t->files[i]->path);
		add_file(t->files[i], out);
		if (t->file_count > 1)
			abl_str_puts(out, "\n");
	}
}

static void add_baseline(struct abl_study *s)
{
	struct abl_study_source *r = s->source;

	abl_grow(&r->points, &r->point_capacity, 1, sizeof *r->points);
	r->points[r->point_count++] = (struct abl_point){.label = abl_strdup("baseline"),
							 .subject = abl_strdup("baseline"),
							 .kind = ABL_VARIANT_BASELINE};
}

/* What newcomers have is a table. */
static int refuse_table(const char *path, struct abl_err *err)
{
	static const char *const endings[] = {".csv", ".tsv", ".jsonl"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const char *at = strstr(path, endings[i]);
		const size_t n = strlen(endings[i]);

		if (at && (!at[n] || !strcmp(at + n, ".gz") || !strcmp(at + n, ".xz")))
			return abl_err_set(err, ABL_EINPUT,
					   "%s: this is a table, not a study: 'ablate new %s' "
					   "writes a study for it",
					   path, abl_shell_quoted(path));
	}
	return 0;
}

/* A study of a program: its own options are read before all that may set them. */
static int read_program(struct abl_study *s, struct abl_err *err)
{
	int rc;

	s->program = abl_program_create();
	rc = abl_study_check_keys(s, s->source->tree.root, "", err);
	return rc ? rc : abl_program_read(s, err);
}

static int read_study(struct abl_study *s, struct abl_err *err)
{
	const struct abl_node *root;
	struct abl_values *base;
	struct abl_str text = {0};
	int rc = refuse_table(s->path, err);

	if (!rc && s->source->options.recorded)
		rc = abl_yaml_load(
			&s->source->tree, s->path,
			&(struct abl_yaml_record){recorded_file, s->source->options.recorded},
			merge_keys, err);
	else
		rc = rc ? rc : abl_study_files(&s->source->tree, s->path, err);
	if (rc)
		return rc;
	root = s->source->tree.root;
	abl_study_files_text(&s->source->tree, &text);
	s->text = text.text;
	add_baseline(s);
	if (abl_node_get(root, "command") || abl_node_get(root, "steps"))
		rc = read_program(s, err);
	else if (!abl_node_get(root, "data")) /* --data or $ABLATE_DATA may stand for it */
		rc = abl_study_read_data(s, NULL, err);
	rc = rc ? rc : abl_study_read_fields(s, root, "", err);
	if (rc)
		return rc;
	if (!s->program)
		abl_study_default_texts(s);
	rc = s->program ? abl_program_default_task(s, err) : 0;
	rc = rc ? rc : abl_study_baseline(s, &base, err);
	if (rc)
		return rc;
	abl_values_destroy(base); /* it can be made: its errors have come first */
	rc = abl_study_unfold(s, err);
	return rc ? rc : abl_study_find_primary(s, err);
}

int abl_study_load(struct abl_study **out, const char *path,
		   const struct abl_study_options *options, struct abl_err *err)
{
	struct abl_study *s = abl_calloc(1, sizeof *s);
	int rc;

	s->space = abl_native_space();
	s->path = abl_strdup(path);
	s->folder = abl_path_dir(path);
	s->texts = abl_calloc(2, sizeof *s->texts);
	s->plots = abl_calloc(1, sizeof *s->plots);
	s->pretrain_seeds = s->finetune_seeds = DEFAULT_SEEDS;
	abl_study_default_retry(s);
	s->cluster.linger = -1;
	s->source = abl_calloc(1, sizeof *s->source);
	s->source->fields = abl_study_fields;
	if (options)
		s->source->options = *options;
	rc = read_study(s, err);
	if (rc) {
		abl_study_destroy(s);
		return rc;
	}
	*out = s;
	return 0;
}

static void source_destroy(struct abl_study_source *r)
{
	for (size_t i = 0; i < r->point_count; i++)
		abl_point_finish(&r->points[i]);
	free(r->points);
	free(r->baseline.items);
	free(r->task_maps);
	abl_values_destroy(r->init);
	abl_yaml_finish(&r->tree);
	free(r);
}

static void notes_free(struct abl_study_note *notes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(notes[i].label);
		free(notes[i].text);
		free(notes[i].place);
	}
	free(notes);
}

static void finish_variant(struct abl_variant *v)
{
	free(v->label);
	free(v->subject);
	free(v->changed);
	free(v->set);
	abl_values_destroy(v->config);
}

/* What was named beforehand of the variants that stay: kept[i] is the new number of variant i, 0
 * of one that goes. */
static void keep_primary(struct abl_study *s, const size_t *kept)
{
	size_t n = 0;

	for (size_t i = 0; i < s->primary_count; i++)
		if (kept[s->primary[i].variant]) {
			s->primary[n] = s->primary[i];
			s->primary[n++].variant = kept[s->primary[i].variant];
		}
	s->primary_count = n;
}

/* What a variant is made from has its number, too. */
static void keep_point(struct abl_study_source *r, size_t from, size_t to)
{
	const struct abl_point swap = r->points[to];

	r->points[to] = r->points[from];
	r->points[from] = swap;
}

/* A cell without the others is one change. */
static void keep_kind(struct abl_variant *v)
{
	if (v->kind == ABL_VARIANT_PAIR || v->kind == ABL_VARIANT_FACTORIAL)
		v->kind = v->set_count == 1 && abl_design_is_none(&v->set[0]) ? ABL_VARIANT_REMOVAL
									      : ABL_VARIANT_LIST;
}

int abl_study_keep_variant(struct abl_study *s, const char *label, struct abl_err *err)
{
	size_t *kept = abl_calloc(s->variant_count, sizeof *kept), n = 1;
	bool found = false;

	for (size_t i = 1; i < s->variant_count; i++) {
		const bool is = !strcmp(s->variants[i].label, label);

		if (!is && s->variants[i].kind != ABL_VARIANT_ARM) {
			finish_variant(&s->variants[i]);
			continue;
		}
		found |= is;
		kept[i] = n;
		keep_point(s->source, i, n);
		s->variants[n] = s->variants[i];
		keep_kind(&s->variants[n]);
		n++;
	}
	s->variant_count = n;
	keep_primary(s, kept);
	free(kept);
	s->design_count = s->factor_count = 0;
	s->exploratory = false;
	return found ? 0
		     : abl_err_set(err, ABL_EINPUT, "study '%s' has no variant '%s'", s->name,
				   label);
}

static void texts_free(char **texts)
{
	for (size_t i = 0; texts[i]; i++)
		free(texts[i]);
	free(texts);
}

void abl_study_destroy(struct abl_study *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->variant_count; i++)
		finish_variant(&s->variants[i]);
	for (size_t i = 0; i < s->task_count; i++) {
		abl_task_spec_finish(&s->tasks[i].spec);
		free(s->tasks[i].overrides);
	}
	notes_free(s->dropped, s->dropped_count);
	notes_free(s->implied, s->implied_count);
	texts_free(s->texts);
	texts_free(s->plots);
	abl_study_notify_finish(s);
	abl_cluster_finish(&s->cluster);
	free(s->variants);
	free(s->tasks);
	free(s->tune.values);
	free(s->designs);
	free(s->factors);
	free(s->primary);
	free(s->margins);
	abl_program_destroy(s->program);
	source_destroy(s->source);
	free(s->name);
	free(s->confirms);
	free(s->about);
	free(s->limits.by);
	free(s->path);
	free(s->folder);
	free(s->data);
	free(s->text);
	free(s->init);
	free(s->groups);
	free(s->held_out);
	free(s->vocab_file);
	free(s->init_notes);
	free(s->vocab_notes);
	free(s);
}
