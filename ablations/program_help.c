/* SPDX-License-Identifier: Apache-2.0 */
#include "program_help.h"

#include "hydra_help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TYPER_TYPES "INTEGER|FLOAT|TEXT|BOOLEAN|PATH|FILE|FILENAME|DIRECTORY|UUID|DATETIME"

#define CHOICES_MAX 20 /* of a longer list nobody wants to see all */
#define USAGE_INDENT 7 /* of "usage: " */

/* One option while its lines are read. */
struct entry {
	struct abl_help_option o;
	struct abl_str help;
	bool open;
	size_t indent;
};

static bool is_flag(const char *text)
{
	return *text == '-' && (isalpha((unsigned char)text[1 + (text[1] == '-')]) ||
				(!strncmp(text, "--[no]", 6) && isalpha((unsigned char)text[6])));
}

static size_t flag_length(const char *text)
{
	return strcspn(text, " ,=:/|[]\t");
}

static char *copy(const char *text, size_t length)
{
	struct abl_str s = {0};

	abl_str_add(&s, text, length);
	return s.text;
}

static char *name_of(const char *flag)
{
	char *name = abl_strdup(flag + strspn(flag, "-"));

	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	return name;
}

/* "--no-augment" beside "--augment". */
static bool denies(const char *flag, const char *other)
{
	char *name = name_of(flag), *base = name_of(other);
	const bool no = !strncmp(name, "no", 2) && !strcmp(name + 2 + (name[2] == '_'), base);

	free(name);
	free(base);
	return no;
}

/* The first long one is the option's; short ones go for programs that have no other. */
static void take_flag(struct abl_help_option *o, const char *text, size_t length)
{
	char *flag = copy(text, length);
	const bool is_long = !strncmp(flag, "--", 2);

	if (o->flag && !o->off && is_long && denies(flag, o->flag)) {
		o->off = flag;
	} else if (!o->flag || (is_long && strncmp(o->flag, "--", 2))) {
		free(o->flag);
		o->flag = flag;
	} else {
		free(flag);
	}
}

static size_t commas(const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += text[i] == ',';
	return n;
}

/* "{a,b}", "[a|b]", "<a|b>:" and "A|B" list what the value can be. */
static void take_metavar(struct abl_help_option *o, const char *text, size_t length)
{
	if (o->metavar)
		return;
	if (!strncmp(text, "<bool>", 6)) /* typer: a flag without a value */
		return;
	if (!strncmp(text, "[{", 2)) { /* with a value or without: the default goes then */
		text++;
		length -= 2;
	}
	o->metavar = copy(text, length);
	if ((*text == '{' && commas(text, length) < CHOICES_MAX) ||
	    (strchr("[<", *text) && memchr(text, '|', length))) {
		o->choices = copy(text + 1, length - 2);
		for (char *c = o->choices; *c; c++)
			if (*c == ',' && *text == '{')
				*c = '|';
	}
	o->may_stand = *text == '[' && !o->choices && !strstr(o->metavar, "...");
}

/* The length of a value's name at `text`: a list in brackets, or a word; `apart`: typer lists them
 * in a column, where other programs have their help. */
static size_t metavar_length(const char *text, bool apart)
{
	static const char *const pairs[] = {"{}", "[]", "<>"};
	const size_t n = strcspn(text, " \t,");
	bool known;
	char *word;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (*text == pairs[i][0]) {
			const char *end = strchr(text, pairs[i][1]);

			if (apart && *text != '<' &&
			    (!end || !memchr(text, '|', (size_t)(end - text))))
				return 0;
			return end && end[1] != ':' ? (size_t)(end - text) + 1 : 0;
		}
	if (!apart)
		return n;
	word = copy(text, n);
	known = n && abl_is_one_of(TYPER_TYPES, word);
	free(word);
	return known ? n : 0;
}

/* Flags and the names of their values, up to the help; returns where that begins. */
static const char *read_spec(struct abl_help_option *o, const char *text)
{
	bool after_flag = false;

	for (;;) {
		const size_t blanks = strspn(text, " \t"), apart = blanks >= 2 || text[0] == '\t';
		size_t n;

		text += blanks;
		if (is_flag(text)) {
			if (!strncmp(text, "--[no]", 6)) { /* absl */
				struct abl_str flag = {0};

				n = 6 + flag_length(text + 6);
				abl_str_printf(&flag, "--%.*s", (int)n - 6, text + 6);
				o->flag = o->flag ? o->flag : abl_strdup(flag.text);
				abl_str_clear(&flag);
				abl_str_printf(&flag, "--no%.*s", (int)n - 6, text + 6);
				o->off = o->off ? o->off : abl_strdup(flag.text);
				abl_str_finish(&flag);
			} else {
				n = flag_length(text);
				take_flag(o, text, n);
			}
			text += n;
			after_flag = true;
			if (*text == ':') { /* absl; a list of its choices may come next */
				free(o->metavar);
				o->metavar = o->off || !strncmp(text, ": <", 3)
						     ? NULL
						     : abl_strdup("VALUE");
				return text + 1;
			}
			text += *text == '=' || *text == ',' || *text == '/' || *text == '|';
			continue;
		}
		if (!strncmp(text, "/ ", 2) || !strncmp(text, ", ", 2)) {
			text++;
			continue;
		}
		if (!after_flag && strncmp(text, "RANGE", 5) != 0) /* click: "INTEGER RANGE" */
			return text;
		n = metavar_length(text, apart);
		if (!n)
			return text;
		take_metavar(o, text, n);
		text += n;
		text += *text == ',';
		while (!strncmp(text, " ...", 4) ||
		       (!strncmp(text, " [", 2) && strncmp(text, " [default", 9) != 0))
			text += strcspn(text + 1, " \t,") + 1;
		after_flag = false;
	}
}

/* ---- the default, said within the help ---- */

/* The last place, in any case of letters. */
static const char *find_last(const char *text, const char *word)
{
	const char *found = NULL;

	for (; *text; text++)
		if (!strncasecmp(text, word, strlen(word)))
			found = text;
	return found;
}

/* Takes "(default: 0.1)" out of the help; "[default: 0.1; x>=0]", "defaults to 0.1", "default 0.1"
 * likewise. */
static void take_preset(struct entry *e)
{
	static const char *const words[] = {"(default: ",   "[default: ",  "default: ", "default:",
					    "defaults to ", "default is ", "default=",  "default "};
	const char *help = e->help.text ? e->help.text : "", *at = NULL, *end, *value = "";
	struct abl_str rest = {0};
	size_t length;
	bool bracket;

	for (size_t i = 0; i < sizeof words / sizeof *words && !at; i++)
		if ((at = find_last(help, words[i])))
			value = at + strlen(words[i]);
	if (!at) {
		e->o.help = abl_strdup(help);
		return;
	}
	at += strchr("([", *at) != NULL;
	bracket = at > help && (at[-1] == '(' || at[-1] == '[');
	end = value + strcspn(value, !bracket ? " ,;)]" : at[-1] == '(' ? ")" : ";]");
	if (bracket && at[-1] == '(' && *end && memchr(value, '(', (size_t)(end - value)))
		end = strrchr(value, ')'); /* a call: the outermost one ends it */
	for (length = (size_t)(end - value); length && strchr(" .", value[length - 1]);)
		length--;
	if (!bracket && length == (size_t)(end - value) && *end == '.')
		length--;
	if (length >= 2 && strchr("'\"`", *value) && value[length - 1] == *value)
		e->o.preset = copy(value + 1, length - 2);
	else if (length && strncmp(value, "None", 4) != 0)
		e->o.preset = copy(value, length);
	if (bracket) {
		abl_str_add(&rest, help, (size_t)(at - help) - 1);
		while (rest.length && rest.text[rest.length - 1] == ' ')
			rest.text[--rest.length] = '\0';
		end += strcspn(end, ")]");
		abl_str_puts(&rest, *end ? end + 1 : "");
		e->o.help = rest.text;
	} else {
		e->o.help = abl_strdup(help);
	}
}

/* ---- lines ---- */

static void option_finish(struct abl_help_option *o)
{
	free(o->name);
	free(o->flag);
	free(o->off);
	free(o->metavar);
	free(o->choices);
	free(o->preset);
	free(o->help);
}

/* absl says by a line of its own what a value is. */
static void take_kind(struct abl_help_option *o)
{
	static const char *const kinds[][2] = {{"(a number)", "FLOAT"}, {"(an integer)", "INT"}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char *at = strstr(o->help, kinds[i][0]);

		if (!at || !o->metavar)
			continue;
		free(o->metavar);
		o->metavar = abl_strdup(kinds[i][1]);
		*(at > o->help ? at - 1 : at) = '\0';
	}
}

/* Is the flag in the usage line outside of brackets? */
static bool is_needed(const char *usage, const char *flag)
{
	const size_t n = strlen(flag);
	int depth = 0;

	for (const char *c = usage; *c; c++) {
		depth += (*c == '[') - (*c == ']');
		if (!depth && (c == usage || c[-1] == ' ') && !strncmp(c, flag, n) &&
		    (!c[n] || c[n] == ' '))
			return true;
	}
	return false;
}

/* Hugging Face lists "--no_x" for an "--x" that takes a value. */
static bool is_known(const struct abl_help *h, const struct abl_help_option *o)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->option[i].name, o->name) ||
		    (!o->metavar && denies(o->flag, h->option[i].flag)))
			return true;
	return false;
}

static void end_entry(struct abl_help *h, struct entry *e)
{
	if (e->open) {
		take_preset(e);
		e->o.name = name_of(e->o.flag);
		take_kind(&e->o);
		if (is_known(h, &e->o)) {
			option_finish(&e->o);
		} else {
			abl_grow(&h->option, &h->capacity, h->count + 1, sizeof *h->option);
			h->option[h->count++] = e->o;
		}
	}
	abl_str_finish(&e->help);
	*e = (struct entry){0};
}

static void add_help(struct entry *e, const char *text)
{
	struct abl_str *s = &e->help;

	text += strspn(text, " \t");
	if (s->length && *text)
		abl_str_puts(s, " ");
	abl_str_puts(s, text);
	while (s->length && strchr(" \t", s->text[s->length - 1]))
		s->text[--s->length] = '\0';
}

static void begin_entry(struct entry *e, const char *text, size_t indent)
{
	const char *help;

	*e = (struct entry){.open = true, .indent = indent};
	help = read_spec(&e->o, text);
	help += strspn(help, " \t");
	if (*help == '<' && strchr(help, '>')) { /* absl: "--norm: <layer|rms>: help" */
		const size_t n = (size_t)(strchr(help, '>') - help) + 1;

		take_metavar(&e->o, help, n);
		help += n;
		help += *help == ':';
	}
	add_help(e, help);
}

/* Colours and the lines of boxes are blanks. */
static void clean(struct abl_str *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c == 0x1b && c[1] == '[') {
			c += 2 + strspn((const char *)c + 2, "0123456789;");
			if (!*c)
				return;
		} else if (*c == 0xe2 && (c[1] == 0x94 || c[1] == 0x95) && c[2]) {
			abl_str_puts(out, " ");
			c += 2;
		} else if (*c != '\r') {
			abl_str_add(out, (const char *)c, 1);
		}
}

void abl_help_read(struct abl_help *out, const char *text)
{
	struct abl_str all = {0};
	struct abl_str usage = {0};
	struct entry e = {0};
	bool in_usage = false;
	char *line, *next;

	*out = (struct abl_help){0};
	clean(&all, text);
	if (all.text && abl_hydra_help_read(out, all.text)) {
		abl_str_finish(&all);
		return;
	}
	for (line = all.text; line && *line; line = next) {
		char *words;
		size_t indent;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		words = line + strspn(line, " \t");
		if (*words == '*' && words[1] == ' ') /* typer: it has to be given */
			words += 1 + strspn(words + 1, " ");
		indent = (size_t)(words - line);
		if (!strncasecmp(words, "usage:", 6))
			in_usage = true;
		else if (indent < USAGE_INDENT || !strchr("[({-", *words))
			/* it goes on with options only, below its first word */
			in_usage = false;
		if (in_usage)
			abl_str_printf(&usage, "%s ", words);
		if (!in_usage && indent && is_flag(words)) {
			end_entry(out, &e);
			begin_entry(&e, words, indent);
		} else if (e.open && *words && indent > e.indent) {
			add_help(&e, words);
		} else {
			end_entry(out, &e);
		}
	}
	end_entry(out, &e);
	for (size_t i = 0; i < out->count; i++)
		out->option[i].needed =
			is_needed(usage.text ? usage.text : "", out->option[i].flag);
	abl_str_finish(&usage);
	abl_str_finish(&all);
}

void abl_help_finish(struct abl_help *h)
{
	for (size_t i = 0; h && i < h->count; i++)
		option_finish(&h->option[i]);
	if (h)
		free(h->option);
}

const struct abl_help_option *abl_help_find(const struct abl_help *h, const char *name)
{
	char *own = copy(name, strcspn(name, "=")), *plain = name_of(own);
	const struct abl_help_option *found = NULL;

	for (size_t i = 0; i < h->count && !found; i++)
		if (!strcmp(h->option[i].name, plain) || !strcmp(h->option[i].flag, own))
			found = &h->option[i];
	free(own);
	free(plain);
	return found;
}
