/* SPDX-License-Identifier: Apache-2.0 */
/* program_reach.c - which options each step gets, and whether they and the seed reach its program.
 */
#include "hint.h"
#include "node_value.h"
#include "program_source.h"

#include <stdlib.h>
#include <string.h>

/* Is {name} in what the step's program is started with? Not in `pass`, which decides nothing. */
static bool names(const struct abl_program *p, const struct abl_program_step *step,
		  const char *name)
{
	for (char **w = step->command; *w; w++)
		if (abl_placeholder_named(*w, name))
			return true;
	for (char **w = p->wrap; *w; w++)
		if (abl_placeholder_named(*w, name))
			return true;
	for (size_t i = 0; i < p->environment_count; i++)
		if (abl_placeholder_named(p->environment[i].value, name))
			return true;
	return false;
}

static bool is_style(const struct abl_program *p, const char *style)
{
	return !strcmp(p->flags, style);
}

/* Do all options of a step reach its program? The variable $ABLATE_OPTIONS names their file, too.
 */
static bool gets_all(const struct abl_program *p, const struct abl_program_step *step)
{
	return is_style(p, "env") || is_style(p, "json") || names(p, step, "options") ||
	       names(p, step, "flags");
}

static bool has_option(const struct abl_program_step *step, const struct abl_key *key)
{
	for (size_t i = 0; i < step->option_count; i++)
		if (step->options[i] == key)
			return true;
	return false;
}

/* The list of a step's `options:`: wanted[i] for option i. */
static int read_list(const struct abl_program_reading *r, const struct abl_node *n, bool *wanted,
		     struct abl_err *err)
{
	const struct abl_space *space = r->study->space;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name, *near;
		const struct abl_key *key;

		if (abl_node_text(items[i], "options", &name, err))
			return ABL_EINPUT;
		key = abl_space_key(space, name);
		near = key ? NULL : abl_space_nearest(space, name);
		if (!key)
			return abl_node_fail(items[i], NULL, err, "no option '%.60s'%s%s%s", name,
					     near ? "; did you mean '" : "", near ? near : "",
					     near ? "'?" : "");
		if (key->role == ABL_KEY_PLACEBO)
			return abl_node_fail(items[i], "remove it", err,
					     "the placebo changes the seed only: no step gets it");
		wanted[key - r->program->space->keys] = true;
	}
	return 0;
}

static int choose(struct abl_program_reading *r, size_t i, struct abl_err *err)
{
	const struct abl_space *space = r->study->space;
	struct abl_program *p = r->program;
	struct abl_program_step *step = &p->steps[i];
	const size_t count = space->key_count - 1;
	const bool all = !r->step[i].options && gets_all(p, step) &&
			 (p->step_count == 1 || !is_style(p, "json") || names(p, step, "options") ||
			  names(p, step, "flags"));
	bool *wanted = abl_calloc(count + 1, sizeof *wanted);
	int rc = r->step[i].options ? read_list(r, r->step[i].options, wanted, err) : 0;

	step->options = abl_calloc(count + 1, sizeof(struct abl_key *));
	for (size_t k = 0; k < count && !rc; k++)
		if (wanted[k] || all ||
		    (!r->step[i].options && names(p, step, space->keys[k]->name)))
			step->options[step->option_count++] = space->keys[k];
	free(wanted);
	return rc;
}

/* What a text of the step names must be there when it runs. `own`: of the step alone; `decides`:
 * its result depends on it. */
static int check_text(const struct abl_study *s, size_t i, const struct abl_node *n,
		      const char *text, bool own, bool decides, struct abl_err *err)
{
	const struct abl_program *p = s->program;
	const struct abl_program_step *step = &p->steps[i];
	const char *at = text, *name;
	size_t length;

	if (abl_placeholders_check(s, n, text, err))
		return ABL_EINPUT;
	while (abl_placeholder_next(&at, &name, &length)) {
		const int other = abl_program_step_of(p, name, length);
		const struct abl_key *key;
		char word[80];

		snprintf(word, sizeof word, "%.*s", (int)length, name);
		key = abl_space_key(s->space, word);
		if (other >= 0 && !own)
			return abl_node_fail(n, "name it in the commands of those that read it",
					     err, "'{%s}' is not there for every step", word);
		if (key && !has_option(step, key))
			return abl_node_fail(n, "add it to the step's 'options'", err,
					     "step '%s' does not get option '%s'", step->name,
					     word);
		if (!step->seeded && decides && !strcmp(word, "seed"))
			return abl_node_fail(n, "remove one of the two", err,
					     "step '%s' has 'seed: none', so there is no '{seed}'",
					     step->name);
	}
	return 0;
}

/* {flags} within what it consists of has no end. */
static int refuse_flags(const struct abl_node *n, const char *word, struct abl_err *err)
{
	return abl_placeholder_named(word, "flags")
		       ? abl_node_fail(n, "the word is one of those that '{flags}' stands for", err,
				       "'{flags}' cannot be a part of itself")
		       : 0;
}

int abl_program_check_flags(const struct abl_study *s, const struct abl_node *n, char **words,
			    bool everywhere, struct abl_err *err)
{
	const struct abl_program *p = s->program;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);

	for (size_t i = 0; i < p->step_count; i++)
		for (size_t k = 0; k < count && (everywhere || names(p, &p->steps[i], "flags"));
		     k++)
			if ((!everywhere && refuse_flags(items[k], words[k], err)) ||
			    check_text(s, i, items[k], words[k], false, true, err))
				return ABL_EINPUT;
	return 0;
}

static int check_texts(const struct abl_program_reading *r, size_t i, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_node *wrap = abl_node_get(r->root, "wrap"),
			      *environment = abl_node_get(r->root, "environment"),
			      *pass = abl_node_get(r->root, "pass");
	int rc = 0;

	for (size_t k = 0; p->steps[i].command[k] && !rc; k++)
		rc = check_text(r->study, i, r->step[i].command->items[k], p->steps[i].command[k],
				true, true, err);
	for (size_t k = 0; p->wrap[k] && !rc; k++)
		rc = check_text(r->study, i, wrap->items[k], p->wrap[k], false, true, err);
	for (size_t k = 0; k < p->environment_count && !rc; k++)
		rc = check_text(r->study, i, environment->items[2 * k + 1], p->environment[k].value,
				false, true, err);
	for (size_t k = 0; k < p->pass_count && !rc; k++)
		rc = check_text(r->study, i, pass->items[2 * k + 1], p->pass[k].value, false, false,
				err);
	return rc;
}

/* What to add so that an option reaches the program. */
static void advise(const char *option, struct abl_str *out)
{
	abl_str_printf(out,
		       "add \"{flags}\" or \"{%s}\" to the command; 'flags: env' passes options as "
		       "environment variables",
		       option);
}

/* An option that is given to a step but cannot reach it would do nothing. */
static int check_step(const struct abl_program_reading *r, size_t i, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_program_step *step = &p->steps[i];

	for (size_t k = 0; k < step->option_count && !gets_all(p, step); k++) {
		const char *name = step->options[k]->name;
		struct abl_str help = {0};

		if (names(p, step, name))
			continue;
		advise(name, &help);
		abl_node_fail(r->step[i].options ? r->step[i].options : r->step[i].command,
			      help.text, err, "option '%s' does not reach the program of step '%s'",
			      name, step->name);
		abl_str_finish(&help);
		return ABL_EINPUT;
	}
	return check_texts(r, i, err);
}

static int check_options(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_node *options = abl_node_get(r->root, "options");

	for (size_t k = 0; k + 1 < r->study->space->key_count; k++) {
		const struct abl_key *key = r->study->space->keys[k];
		struct abl_str help = {0};
		bool gotten = false;

		for (size_t i = 0; i < p->step_count; i++)
			gotten = gotten || has_option(&p->steps[i], key);
		if (gotten)
			continue;
		advise(key->name, &help);
		abl_node_fail(options->items[2 * k], help.text, err,
			      r->steps ? "no step gets option '%s'"
				       : "option '%s' does not reach the program",
			      key->name);
		abl_str_finish(&help);
		return ABL_EINPUT;
	}
	return 0;
}

static int check_seed(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	bool seeds_all = true;

	for (size_t i = 0; p->seed_flag && i < p->step_count; i++) {
		if (p->steps[i].seeded && names(p, &p->steps[i], "flags"))
			return 0;
		seeds_all = seeds_all && p->steps[i].seeded;
	}
	if (!p->seed_flag)
		return 0;
	return abl_node_fail(abl_node_get(r->root, "seed"),
			     "add it, or write [..., --seed, \"{seed}\"] in the command instead",
			     err,
			     "the seed's flag is passed with \"{flags}\", which no command %shas",
			     seeds_all ? "" : "that gets a seed ");
}

/* Words of truth values are filled in like others. */
static int check_states(const struct abl_program_reading *r, struct abl_err *err)
{
	static const char *const states[] = {"on", "off"};
	const struct abl_program *p = r->program;
	const struct abl_node *options = abl_node_get(r->root, "options");

	for (size_t i = 0; i + 1 < p->option_count; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct abl_node *n =
				abl_node_get(options->items[2 * i + 1], states[k]);
			char **words = k ? p->options[i].off : p->options[i].on;
			size_t count = 0;
			const struct abl_node *const *items = n ? abl_node_items(&n, &count) : NULL;

			for (size_t w = 0; w < count; w++)
				if (refuse_flags(items[w], words[w], err) ||
				    abl_placeholders_check(r->study, items[w], words[w], err))
					return ABL_EINPUT;
		}
	return 0;
}

/* As the program sees it: without what only says how the value follows. The caller's. */
static char *bare_flag(const char *flag, const char *name, bool hydra)
{
	struct abl_str bare = {0};

	abl_str_printf(&bare, "%s%s", flag || hydra ? "" : "--", flag ? flag : name);
	while (bare.length && strchr(" =:", bare.text[bare.length - 1]))
		bare.text[--bare.length] = '\0';
	return bare.text;
}

/* Who has the flag already: an option before, or the seed; NULL: nobody. */
static const char *other_with(char *const *flags, const struct abl_program *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (flags[k] && !strcmp(flags[k], flags[i]))
			return p->options[k].key->name;
	return flags[p->option_count] && !strcmp(flags[p->option_count], flags[i]) ? "the seed"
										   : NULL;
}

/* Two options with one flag: the program would take the last. Truth values with words of their own
 * have none, nor has anything in a file or in the environment. */
static int check_flags(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_node *options = abl_node_get(r->root, "options");
	const bool hydra = is_style(p, "hydra");
	char **flags = abl_calloc(p->option_count + 1, sizeof *flags);
	int rc = 0;

	if (p->seed_flag)
		flags[p->option_count] = bare_flag(p->seed_flag, NULL, hydra);
	for (size_t i = 0; i + 1 < p->option_count && !rc && (hydra || is_style(p, "argparse"));
	     i++) {
		const struct abl_program_option *o = &p->options[i];
		const struct abl_node *at = options->items[2 * i];
		const char *other;

		if (o->on)
			continue;
		flags[i] = bare_flag(o->flag, o->key->name, hydra);
		other = other_with(flags, p, i);
		if (other)
			rc = abl_node_fail(o->flag ? abl_node_get(options->items[2 * i + 1], "flag")
						   : at,
					   "give one of them another flag", err,
					   "option '%s' has the flag of %s", o->key->name, other);
	}
	for (size_t i = 0; i <= p->option_count; i++)
		free(flags[i]);
	free(flags);
	return rc;
}

/* The words of `resume:` are added to each command. */
static int check_resume(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_node *resume = abl_node_get(r->root, "resume"), *flags;
	int rc;

	if (!resume)
		return 0;
	if (strncmp(p->resume_if, "{state}/", 8) != 0 && strncmp(p->resume_if, "{out}/", 6) != 0)
		return abl_node_fail(abl_node_get(resume, "if"), "if: \"{state}/checkpoint-*\"",
				     err,
				     "'if' does not begin with '{state}/': only that folder stays "
				     "from one attempt to the next");
	rc = abl_placeholders_check(r->study, abl_node_get(resume, "if"), p->resume_if, err);
	flags = abl_node_get(resume, "flags");
	return rc || !flags ? rc
			    : abl_program_check_flags(r->study, flags, p->resume_flags, true, err);
}

/* The name and key of a file that step i leaves: they are filled in when it has ended, which is too
 * late for a slip. */
static int check_file(const struct abl_study *s, size_t i, const struct abl_node *n,
		      const char *text, struct abl_err *err)
{
	static const char *const others[] = {"flags", "options", "cards", "port"};

	for (size_t k = 0; k < sizeof others / sizeof *others; k++)
		if (abl_placeholder_named(text, others[k]))
			return abl_node_fail(n,
					     "a program that writes its files elsewhere each "
					     "time is read by a pattern: \"{out}/*.json: KEY\"",
					     err, "'{%s}' is for commands, not for what they leave",
					     others[k]);
	return check_text(s, i, n, text, true, true, err);
}

/* In what is printed braces are a template's. */
static int check_metrics(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const struct abl_node *metrics = abl_node_get(r->root, "metrics");
	int rc = 0;

	for (size_t i = 0; i < p->metric_count && !rc; i++) {
		const struct abl_program_metric *m = &p->metrics[i];
		const struct abl_node *n =
			metrics->kind == ABL_NODE_MAP ? metrics->items[2 * i + 1] : r->metrics[i];

		if (m->from && *m->from == '{')
			rc = check_file(r->study, m->of,
					n->kind == ABL_NODE_MAP ? abl_node_get(n, "from") : n,
					m->from, err);
	}
	return rc;
}

/* They are what the last step leaves. */
static int check_predictions(const struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_program *p = r->program;
	const char *at = p->predictions, *name;
	const struct abl_node *from;
	size_t length;
	int step = -1;

	if (at && abl_placeholder_next(&at, &name, &length))
		step = abl_program_step_of(p, name, length);
	if (!p->predictions)
		return 0;
	from = abl_node_get(abl_node_get(r->root, "predictions"), "from");
	if (step < 0 || (size_t)step + 1 == p->step_count)
		return check_file(r->study, p->step_count - 1, from, p->predictions, err);
	return abl_node_fail(from, "let it write or copy them there: \"{out}/...\"", err,
			     "predictions are read from the last step, '%s'",
			     p->steps[p->step_count - 1].name);
}

int abl_program_hand_out_options(struct abl_program_reading *r, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < r->program->step_count && !rc; i++)
		rc = choose(r, i, err);
	rc = rc ? rc : check_options(r, err);
	for (size_t i = 0; i < r->program->step_count && !rc; i++)
		rc = check_step(r, i, err);
	rc = rc ? rc : check_states(r, err);
	rc = rc ? rc : check_flags(r, err);
	rc = rc ? rc : check_seed(r, err);
	rc = rc ? rc : check_metrics(r, err);
	rc = rc ? rc : check_predictions(r, err);
	return rc ? rc : check_resume(r, err);
}

void abl_program_affects(const struct abl_study *s, const struct abl_key *key, struct abl_str *out)
{
	const struct abl_program *p = s->program;
	bool affected[ABL_PROGRAM_STEPS] = {false};

	for (size_t i = 0; i < p->step_count; i++) {
		const struct abl_program_step *step = &p->steps[i];
		const bool placebo = key->role == ABL_KEY_PLACEBO;
		const char *through = NULL;

		affected[i] = placebo ? step->seeded : has_option(step, key);
		for (size_t k = 0; k < step->read_count && !affected[i]; k++)
			if (affected[step->reads[k]])
				through = p->steps[step->reads[k]].name;
		if (affected[i] || through)
			abl_str_printf(out, "%s%s%s%s%s", out->length ? ", " : "",
				       *step->name ? step->name : "the program",
				       through ? " (reads " : "", through ? through : "",
				       through ? ")" : "");
		affected[i] = affected[i] || through;
	}
	abl_str_puts(out, out->length ? "" : "nothing");
}
