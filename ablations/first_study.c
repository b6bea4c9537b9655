/* SPDX-License-Identifier: Apache-2.0 */
#include "first_study.h"

#include "node_value.h"
#include "task_spec.h"
#include "yaml_put.h"

#include <stdlib.h>
#include <string.h>

static void put_column(const struct abl_first_study *f, size_t at, struct abl_str *out)
{
	if (f->guess->header)
		abl_yaml_put(out, f->facts->column[at].first);
	else
		abl_str_printf(out, "%zu", at);
}

static void put_field(const struct abl_first_study *f, const char *name, size_t at,
		      struct abl_str *out)
{
	abl_str_printf(out, ", %s: ", name);
	put_column(f, at, out);
}

/* ---- sizes that suit the data ---- */

static size_t clamp(double x, size_t least, size_t most)
{
	return x < (double)least ? least : x > (double)most ? most : (size_t)x;
}

/* Words of a long row: all the texts that one sequence holds. */
static size_t row_words(const struct abl_first_study *f, double *mean)
{
	const struct abl_table_guess *g = f->guess;
	const struct abl_column_facts *c = f->facts->column;
	size_t words = c[g->text].long_units, answer = 0;

	*mean = c[g->text].units;
	if (g->text_b >= 0) {
		words += c[g->text_b].long_units;
		*mean += c[g->text_b].units;
	}
	for (size_t i = 0; i < g->choices; i++)
		if (c[g->choice[i]].long_units > answer)
			answer = c[g->choice[i]].long_units;
	return words + answer;
}

/* A word has about 1.3 tokens in a vocabulary of this size, and up to three special tokens come. */
#define LONGEST 256

static size_t max_length(size_t words)
{
	return (clamp(1.4 * (double)words + 4, 16, LONGEST) + 7) / 8 * 8;
}

/* About 60,000 examples are seen in all. */
static size_t epochs(size_t rows)
{
	return clamp(60000. / (double)rows, 4, 20);
}

/* About two million words are seen: a minute or two on one core. */
static size_t pretrain_epochs(double words)
{
	return clamp(2e6 / words, 1, 40);
}

static size_t vocabulary(double words)
{
	return words < 1e5 ? 2000 : words < 5e5 ? 4000 : 8000;
}

/* ---- the file ---- */

static void put_head(const struct abl_first_study *f, struct abl_str *out)
{
	const struct abl_table_guess *g = f->guess;
	const struct abl_column_facts *label = &f->facts->column[g->label];
	char rows[32];

	abl_str_printf(out, "# %s rows of ", abl_format_count((int64_t)g->rows, rows));
	abl_yaml_put(out, f->train);
	if (!strcmp(g->type, "regress"))
		abl_str_printf(out, ", scores from %g to %g\n", label->least, label->most);
	else if (!strcmp(g->type, "choice"))
		abl_str_printf(out, ", %zu answers each\n", g->choices);
	else
		abl_str_printf(out, ", %s%zu classes\n",
			       label->distinct > ABL_FACTS_VALUES ? "more than " : "",
			       label->distinct > ABL_FACTS_VALUES ? ABL_FACTS_VALUES
								  : label->distinct);
	abl_str_puts(out, "study: ");
	abl_yaml_put(out, f->name);
	abl_str_puts(out, "\nabout: Which parts of a small BERT does this task need?\ndata: ");
	abl_yaml_put(out, f->data);
}

/* The answers' names where the right one is given by a letter. */
static void put_letters(size_t count, struct abl_str *out)
{
	for (size_t i = 0; i < count; i++)
		abl_str_printf(out, "%s%c", i ? "|" : ", labels: \"", (char)('A' + (char)i));
	abl_str_puts(out, "\"");
}

/* Rows that have no label; such a study would not start. */
static size_t unlabelled(const struct abl_first_study *f)
{
	return f->facts->rows - f->facts->column[f->guess->label].filled;
}

static void put_task(const struct abl_first_study *f, struct abl_str *out)
{
	const struct abl_table_guess *g = f->guess;

	abl_str_puts(out, "tasks:\n  - ");
	abl_yaml_put(out, f->name);
	if (abl_task_is_known(f->name, f->data))
		abl_str_puts(out, "-table");
	abl_str_printf(out, ": {type: %s, train: ", g->type);
	abl_yaml_put(out, f->train);
	if (f->dev) {
		abl_str_puts(out, ", dev: ");
		abl_yaml_put(out, f->dev);
	}
	abl_str_puts(out, ",\n     ");
	abl_str_printf(out, " format: %s", f->facts->format);
	put_field(f, "text", g->text, out);
	if (g->text_b >= 0)
		put_field(f, "text_b", (size_t)g->text_b, out);
	for (size_t i = 0; i < g->choices; i++) {
		abl_str_puts(out, i ? "|" : ", choices: \"");
		abl_str_puts(out, f->facts->column[g->choice[i]].first);
	}
	if (g->choices)
		abl_str_puts(out, "\"");
	if (g->choices && !f->facts->column[g->label].number)
		put_letters(g->choices, out);
	put_field(f, "label", g->label, out);
	abl_str_printf(out, ", epochs: %zu%s}\n", epochs(g->rows),
		       unlabelled(f) ? ", broken: skip" : "");
	if (unlabelled(f))
		abl_str_printf(out, "    # %zu row%s without a label: left out\n", unlabelled(f),
			       abl_plural(unlabelled(f)));
}

void abl_first_study_write(const struct abl_first_study *f, struct abl_str *out)
{
	double mean, all;
	size_t words = row_words(f, &mean);

	all = mean * (double)f->guess->rows;
	put_head(f, out);
	abl_str_printf(out, "\nvocab: %zu\npretraining:\n  texts: [", vocabulary(all));
	abl_yaml_put(out, f->texts);
	abl_str_puts(out, f->own_texts ? "]\n"
				       : "] # the table's own texts; more text of its kind is "
					 "better\n");
	put_task(f, out);
	if (!f->dev)
		abl_str_puts(out,
			     "    # no dev file: a tenth of the rows is held back and scored\n");
	abl_str_printf(out, "baseline:\n  layers: 2\n  hidden: 128\n  max_length: %zu%s\n",
		       max_length(words),
		       max_length(words) == LONGEST ? " # longer texts are cut; more costs time"
						    : "");
	if (!f->own_texts)
		abl_str_puts(out, "  sentences: lines\n  nsp: none # needs texts of several "
				  "sentences\n");
	abl_str_puts(out, "  learning_rate: 5e-4 # suits this width; 128 and 5e-5 learn next to "
			  "nothing\n  pretrain_learning_rate: 1e-3\n");
	abl_str_printf(out, "  pretrain_epochs: %zu\n", f->own_texts ? 1 : pretrain_epochs(all));
	abl_str_printf(out, "design:\n  leave-one-out: [positions, %s%spretraining, placebo]\n",
		       f->guess->text_b >= 0 || f->guess->choices ? "segments, " : "",
		       f->own_texts ? "nsp, " : "");
	abl_str_puts(out, "seeds: 5\nplots: [effects, curves]\n");
}

char *abl_first_study_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	struct abl_str name = {0};
	char *study;

	abl_str_add(&name, base, strcspn(base, "."));
	if (slash && slash > path &&
	    abl_is_one_of("train|training|dev|valid|validation|test|data|dataset|all", name.text)) {
		const char *folder = slash;

		while (folder > path && folder[-1] != '/')
			folder--;
		if (*folder != '.') {
			abl_str_clear(&name);
			abl_str_add(&name, folder, (size_t)(slash - folder));
		}
	}
	study = abl_name_from(name.text ? name.text : "");
	abl_str_finish(&name);
	return study;
}
