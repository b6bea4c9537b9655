/* SPDX-License-Identifier: Apache-2.0 */
#include "first_program.h"

#include "files.h"
#include "first_option.h"
#include "node_value.h"
#include "utf8.h"
#include "yaml_put.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MANY 30 /* with more options than that, only those of the recipe are declared */
#define PARTS 6 /* that are left out, unless they are named */
#define SEEDS 5
#define LISTED 40 /* of the options that are not declared */

/* ---- which options ---- */

static const struct abl_help_option *of_role(const struct abl_first_program *f,
					     enum abl_first_role role)
{
	for (size_t i = 0; i < f->help->count; i++)
		if (abl_first_role(&f->help->option[i]) == role)
			return &f->help->option[i];
	return NULL;
}

/* Is it among those that the user named? */
static bool is_named(const struct abl_first_program *f, const struct abl_help_option *o)
{
	struct abl_str one = {0};
	bool found = false;

	for (const char *at = f->named; at && !found;) {
		abl_str_clear(&one);
		abl_str_add(&one, at, strcspn(at, ","));
		found = one.length && abl_help_find(f->help, one.text) == o;
		at = strchr(at, ',');
		at += at != NULL;
	}
	abl_str_finish(&one);
	return found;
}

/* The option that a word of the command gives; NULL: none. */
static const struct abl_help_option *given_by(const struct abl_first_program *f, const char *word)
{
	return (f->help->hydra ? strchr(word, '=') != NULL : *word == '-')
		       ? abl_help_find(f->help, word)
		       : NULL;
}

/* The word of the command that gives the option; `words` where it has none. */
static size_t given_at(const struct abl_first_program *f, const struct abl_help_option *o)
{
	size_t i = 1;

	while (i < f->words && given_by(f, f->command[i]) != o)
		i++;
	return i < f->words ? i : f->words;
}

/* The value that the command gives; NULL: none. */
static const char *given_value(const struct abl_first_program *f, const struct abl_help_option *o)
{
	const size_t at = given_at(f, o);
	const char *equals = at < f->words ? strchr(f->command[at], '=') : NULL;

	if (at == f->words)
		return NULL;
	if (!o->metavar)
		return abl_help_find(f->help, f->command[at]) == o ? "true" : NULL;
	return equals ? equals + 1 : at + 1 < f->words ? f->command[at + 1] : NULL;
}

static size_t told(const struct abl_first_program *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->help->count; i++)
		n += abl_first_role(&f->help->option[i]) == ABL_FIRST_OPTION &&
		     abl_first_is_told(&f->help->option[i]);
	return n;
}

/* Is it declared? Those that the command gives stay there, unless they are named. */
static bool is_declared(const struct abl_first_program *f, const struct abl_help_option *o)
{
	if (f->named)
		return is_named(f, o);
	return abl_first_role(o) == ABL_FIRST_OPTION && abl_first_is_told(o) &&
	       given_at(f, o) == f->words && (told(f) <= MANY || abl_first_is_recipe(o));
}

static const char *option_at(size_t i, const void *data)
{
	return ((const struct abl_help *)data)->option[i].name;
}

static int check_named(const struct abl_first_program *f, struct abl_err *err)
{
	struct abl_str one = {0};
	int rc = 0;

	for (const char *at = f->named; at && !rc;) {
		const char *near;

		abl_str_clear(&one);
		abl_str_add(&one, at, strcspn(at, ","));
		near = abl_nearest(one.text ? one.text : "", f->help->count, option_at, f->help);
		if (one.length && !abl_help_find(f->help, one.text))
			rc = abl_err_set(err, ABL_EINPUT, "the program lists no option '%s'%s%s%s",
					 one.text, near ? "; did you mean '" : "", near ? near : "",
					 near ? "'?" : "");
		at = strchr(at, ',');
		at += at != NULL;
	}
	abl_str_finish(&one);
	return rc;
}

/* ---- the file ---- */

/* A word of the command; braces are doubled unless they hold one of the words for them. */
static void put_word(const char *word, struct abl_str *out)
{
	const bool stands = strstr(word, "{flags}") || strstr(word, "{out}");
	struct abl_str text = {0};

	for (const char *c = word; *c; c++) {
		abl_str_add(&text, c, 1);
		if ((*c == '{' || *c == '}') && !stands)
			abl_str_add(&text, c, 1);
	}
	abl_yaml_put(out, text.text ? text.text : "");
	abl_str_finish(&text);
}

/* Words that give an option which is declared are left away: {flags} gives it. */
static size_t skipped(const struct abl_first_program *f, size_t i)
{
	const struct abl_help_option *o = i ? given_by(f, f->command[i]) : NULL;
	const enum abl_first_role role = o ? abl_first_role(o) : ABL_FIRST_OTHER;

	if (!o || (!is_declared(f, o) && role != ABL_FIRST_SEED && role != ABL_FIRST_OUT))
		return 0;
	return o->metavar && !strchr(f->command[i], '=') && i + 1 < f->words ? 2 : 1;
}

static void put_command(const struct abl_first_program *f, struct abl_str *out)
{
	const struct abl_help_option *folder = of_role(f, ABL_FIRST_OUT);
	bool flags = false;

	abl_str_puts(out, "command: [");
	for (size_t i = 0; i < f->words;) {
		const size_t skip = skipped(f, i);

		if (!skip) {
			abl_str_puts(out, i ? ", " : "");
			put_word(f->command[i], out);
			flags = flags || strstr(f->command[i], "{flags}");
		}
		i += skip ? skip : 1;
	}
	abl_str_puts(out, flags ? "" : ", \"{flags}\"");
	if (f->help->hydra) {
		abl_str_puts(out, ", \"hydra.run.dir={out}\"");
	} else if (folder) {
		abl_str_puts(out, ", ");
		abl_yaml_put(out, folder->flag);
		abl_str_puts(out, ", \"{out}\"");
	}
	abl_str_puts(out, folder || f->help->hydra
				  ? "]\n"
				  : "] # ? add the flag of the folder that it writes to, "
				    "with \"{out}\"\n");
}

/* What the usage line asks for and nobody gives. */
static void put_needed(const struct abl_first_program *f, struct abl_str *out)
{
	for (size_t i = 0; i < f->help->count; i++) {
		const struct abl_help_option *o = &f->help->option[i];

		if (o->needed && given_at(f, o) == f->words && !is_declared(f, o) &&
		    abl_first_role(o) == ABL_FIRST_OPTION)
			abl_str_printf(out, "# ? the program needs %s, too: add it to 'command'\n",
				       o->flag);
	}
}

static void put_head(const struct abl_first_program *f, struct abl_str *out)
{
	abl_str_puts(out, "# read from '");
	for (size_t i = 0; i < f->words; i++) {
		abl_utf8_visible(out, f->command[i], strcspn(f->command[i], "\n"));
		abl_str_puts(out, i + 1 < f->words ? " " : "");
	}
	abl_str_puts(out, " --help'; lines with '# ?' want a look\nstudy: ");
	abl_yaml_put(out, f->name);
	abl_str_puts(out, "\nabout: What matters in this recipe?\n");
	put_command(f, out);
	put_needed(f, out);
	if (f->help->hydra)
		abl_str_puts(out, "flags: hydra\n");
	if (f->directory) {
		abl_str_puts(out, "directory: ");
		abl_yaml_put(out, f->directory);
		abl_str_puts(out, "\n");
	}
	abl_str_puts(out, "# files: [\"src/**/*.py\"] # ? code that it imports: trials are run "
			  "again when it changes\n"
			  "# inputs: [data/train.csv] # ? data likewise\n");
}

static size_t put_options(const struct abl_first_program *f, struct abl_str *out)
{
	struct abl_str others = {0};
	size_t n = 0, passed = 0;

	abl_str_puts(out, "options: # every one of them is passed to every trial\n");
	for (size_t i = 0; i < f->help->count; i++) {
		const struct abl_help_option *o = &f->help->option[i];

		if (is_declared(f, o)) {
			abl_first_option_put(o, given_value(f, o),
					     f->named ? true : abl_first_is_part(o), out);
			n++;
		} else if (abl_first_role(o) == ABL_FIRST_OPTION && given_at(f, o) == f->words) {
			if (passed++ < LISTED)
				abl_str_printf(&others, "%s%s", others.length ? " " : "", o->name);
		}
	}
	if (!n)
		abl_str_puts(out, "  {} # ? none has a default in the listing: name those to "
				  "vary by --options\n");
	if (passed > LISTED)
		abl_str_printf(&others, " and %zu more", passed - LISTED);
	if (others.length) {
		struct abl_str lines = {0};

		abl_str_wrap(&lines, 0, 0, others.text);
		abl_str_puts(out, "  # ? not declared, the program's own defaults hold:\n");
		for (char *at = lines.text; *at; at += strcspn(at, "\n") + 1)
			abl_str_printf(out, "  #   %.*s\n", (int)strcspn(at, "\n"), at);
		abl_str_finish(&lines);
	}
	abl_str_finish(&others);
	return n;
}

static void put_seed(const struct abl_first_program *f, struct abl_str *out)
{
	const struct abl_help_option *seed = of_role(f, ABL_FIRST_SEED);

	if (!seed) {
		abl_str_puts(out, "seed: {environment: SEED} # ? the listing has no flag for it; "
				  "replicates differ by it alone\n");
		return;
	}
	abl_str_puts(out, "seed: {flag: ");
	abl_yaml_put(out, seed->flag);
	abl_str_puts(out, "}\n");
}

static void put_metrics(const struct abl_first_program *f, struct abl_str *out)
{
	const bool trainer =
		abl_help_find(f->help, "per_device_train_batch_size") && of_role(f, ABL_FIRST_OUT);

	abl_str_puts(out, "metrics:\n");
	if (trainer) { /* the files of Hugging Face's Trainer */
		abl_str_puts(out,
			     "  accuracy: {goal: max, main: true, split: dev, from: "
			     "\"{out}/all_results.json: eval_accuracy\"} # ?\n"
			     "  loss: {goal: min, series: true, split: train,\n"
			     "         from: \"{out}/**/trainer_state.json: log_history[].loss\", "
			     "step: \"log_history[].step\"}\n"
			     "# resume: {if: \"{state}/checkpoint-*\"} # ? if the script looks for "
			     "its last checkpoint by itself\n");
		return;
	}
	abl_str_puts(out, "  # ? as it prints it: accuracy=0.91 or accuracy: 0.91; or in a file:\n"
			  "  # from: \"{out}/results.json: accuracy\"\n"
			  "  accuracy: {goal: max, main: true, split: dev} # ?\n");
}

static void put_name(const struct abl_help_option *o, size_t n, struct abl_str *out)
{
	char *name = abl_first_name(o);

	abl_str_puts(out, n ? ", " : "");
	abl_yaml_put(out, name);
	free(name);
}

/* Appends the names of the options to leave out that come about in that way. */
static size_t put_removals(const struct abl_first_program *f, enum abl_first_removal how,
			   const char *before, const char *between, struct abl_str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->help->count && (f->named || n < PARTS); i++) {
		const struct abl_help_option *o = &f->help->option[i];
		enum abl_first_removal own = abl_first_removal(o);
		const char *given = given_value(f, o);

		if (!is_declared(f, o) || (!f->named && !abl_first_is_part(o)))
			continue;
		if (given && own != ABL_FIRST_REMOVED)
			own = strcmp(given, "false") && strcmp(given, "0") ? ABL_FIRST_REMOVED
									   : own;
		if (own != how)
			continue;
		if (!n)
			abl_str_puts(out, before);
		put_name(o, n, out);
		if (between)
			abl_str_printf(out, ": %s", abl_first_raised(o));
		n++;
	}
	return n;
}

static void put_design(const struct abl_first_program *f, struct abl_str *out)
{
	size_t n;

	if (put_removals(f, ABL_FIRST_RAISED, "baseline: {", ": ", out))
		abl_str_puts(out, "} # ? off by default: what is left out has to be on in the "
				  "baseline\n");
	abl_str_puts(out, "design:\n");
	if (put_removals(f, ABL_FIRST_ADDED, "  add-one-in: [", NULL, out))
		abl_str_puts(out, "] # off by default\n");
	n = put_removals(f, ABL_FIRST_REMOVED, "  leave-one-out: [", NULL, out);
	abl_str_puts(out, n ? ", " : "  leave-one-out: [");
	n = put_removals(f, ABL_FIRST_RAISED, "", NULL, out);
	abl_str_printf(out, "%splacebo]%s\n", n ? ", " : "",
		       f->named ? "" : " # ? what is removed, one at a time");
	abl_str_printf(out, "seeds: %d\nplots: [effects]\n", SEEDS);
}

bool abl_first_program_fits(const struct abl_help *help)
{
	for (size_t i = 0; i < help->count; i++)
		if (abl_first_role(&help->option[i]) != ABL_FIRST_OTHER)
			return true;
	return false;
}

int abl_first_program_write(const struct abl_first_program *f, struct abl_str *out, size_t *options,
			    struct abl_err *err)
{
	int rc = check_named(f, err);

	if (rc)
		return rc;
	put_head(f, out);
	*options = put_options(f, out);
	put_seed(f, out);
	put_metrics(f, out);
	put_design(f, out);
	return 0;
}

char *abl_first_program_name(const char *const *command, size_t words)
{
	const char *name = command[0];
	struct abl_str base = {0};
	char *study;

	for (size_t i = 1; i < words && name == command[0]; i++) {
		if (!strcmp(command[i - 1], "-m") && strchr(command[i], '.'))
			name = strrchr(command[i], '.') + 1;
		else if (!strcmp(command[i - 1], "-m"))
			name = command[i];
		else if (command[i][0] != '-' && abl_is_regular(command[i]))
			name = command[i];
	}
	name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	abl_str_add(&base, name, strcspn(name, "."));
	study = abl_name_from(base.text ? base.text : "");
	abl_str_finish(&base);
	return study;
}
