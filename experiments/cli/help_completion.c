/* SPDX-License-Identifier: Apache-2.0 */
#include "help_pages.h"

#include <string.h>

/* What a word or the value of an option is, by what its usage calls it. */
enum abl_word_kind {
	ABL_WORD_ANY,
	ABL_WORD_FILE,
	ABL_WORD_FOLDER,
	ABL_WORD_STUDY,      /* a name in the store, or a study file */
	ABL_WORD_STUDY_FILE, /* *.yaml */
};

static enum abl_word_kind word_kind(const struct abl_command *c)
{
	const char *word = c->usage + strspn(c->usage, "[");

	if (!c->max_words)
		return ABL_WORD_ANY;
	if (!strncmp(word, "STUDY.yaml", 10))
		return ABL_WORD_STUDY_FILE;
	if (!strncmp(word, "STUDY", 5))
		return ABL_WORD_STUDY;
	if (!strncmp(word, "FILE", 4) || !strncmp(word, "TABLE", 5) || !strncmp(word, "DIR", 3) ||
	    !strncmp(word, "CHECKPOINT", 10))
		return ABL_WORD_FILE;
	return ABL_WORD_ANY;
}

static enum abl_word_kind value_kind(const struct abl_command_option *o)
{
	if (!o->value)
		return ABL_WORD_ANY;
	if (!strcmp(o->value, "DIR"))
		return ABL_WORD_FOLDER;
	if (strstr(o->value, "STUDY"))
		return ABL_WORD_STUDY;
	return strstr(o->value, "FILE") || strstr(o->value, "VOCAB") ? ABL_WORD_FILE : ABL_WORD_ANY;
}

/* Inside single quotes; `also`: letters that get a backslash there. */
static void put_quoted(FILE *out, const char *text, const char *also)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(also, *text))
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
	}
}

/* "new|same" as "new same". */
static void put_choices(FILE *out, const char *choices)
{
	for (; *choices; choices++)
		putc(*choices == '|' ? ' ' : *choices, out);
}

static void put_names(FILE *out)
{
	const struct abl_command *c;

	for (size_t i = 0; (c = abl_command_at(i)); i++)
		if (!c->hidden)
			fprintf(out, "%s ", c->name);
	fputs("help", out);
}

/* ---- bash ---- */

static const char *const bash_kinds[] = {
	[ABL_WORD_ANY] = "none",    [ABL_WORD_FILE] = "file",       [ABL_WORD_FOLDER] = "folder",
	[ABL_WORD_STUDY] = "study", [ABL_WORD_STUDY_FILE] = "yaml",
};

static const char bash_head[] =
	"# bash completion of ablate; made from its commands\n"
	"_ablate_studies() {\n"
	"    local i store=\n"
	"    for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"        [[ ${COMP_WORDS[i]} == --store ]] && store=${COMP_WORDS[i + 1]}\n"
	"    done\n"
	"    \"${COMP_WORDS[0]}\" query 'select name from study' --format csv "
	"${store:+--store \"$store\"} 2>/dev/null </dev/null | tail -n +2\n"
	"}\n"
	"_ablate_yaml() {\n"
	"    compgen -f -X '!*.yaml' -- \"$1\"\n"
	"    compgen -f -X '!*.yml' -- \"$1\"\n"
	"}\n"
	"_ablate_words() {\n"
	"    case $1 in\n"
	"    file) mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;\n"
	"    folder) mapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;\n"
	"    yaml) mapfile -t COMPREPLY < <(_ablate_yaml \"$2\"; compgen -d -- \"$2\") ;;\n"
	"    study) mapfile -t COMPREPLY < <(compgen -W \"$(_ablate_studies)\" -- \"$2\"; "
	"_ablate_yaml \"$2\") ;;\n"
	"    esac\n"
	"}\n"
	"_ablate() {\n"
	"    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options= "
	"kind=none\n"
	"    COMPREPLY=()\n";

static void put_bash(FILE *out)
{
	const struct abl_command *c;

	fputs(bash_head, out);
	fputs("    if ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == help ]]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -W '",
	      out);
	put_names(out);
	fputs("' -- \"$cur\")\n        return\n    fi\n    case ${COMP_WORDS[1]}:$prev in\n", out);
	for (size_t i = 0; (c = abl_command_at(i)); i++)
		for (const struct abl_command_option *o = c->options; o && o->name; o++) {
			if (o->type == ABL_ARG_FLAG)
				continue;
			fprintf(out, "    %s:--%s", c->name, o->name);
			if (o->letter)
				fprintf(out, " | %s:-%c", c->name, o->letter);
			if (o->choices) {
				fputs(") mapfile -t COMPREPLY < <(compgen -W '", out);
				put_choices(out, o->choices);
				fputs("' -- \"$cur\"); return ;;\n", out);
			} else {
				fprintf(out, ") _ablate_words %s \"$cur\"; return ;;\n",
					bash_kinds[value_kind(o)]);
			}
		}
	fputs("    esac\n    case ${COMP_WORDS[1]} in\n", out);
	for (size_t i = 0; (c = abl_command_at(i)); i++) {
		fprintf(out, "    %s) kind=%s options='", c->name, bash_kinds[word_kind(c)]);
		for (const struct abl_command_option *o = c->options; o && o->name; o++)
			fprintf(out, "--%s ", o->name);
		fputs("--help' ;;\n", out);
	}
	fputs("    esac\n"
	      "    if [[ $cur == -* ]]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "    else\n"
	      "        _ablate_words \"$kind\" \"$cur\"\n"
	      "    fi\n"
	      "}\n"
	      "complete -o filenames -F _ablate ablate\n",
	      out);
}

/* ---- zsh ---- */

static const char *const zsh_kinds[] = {
	[ABL_WORD_ANY] = "",
	[ABL_WORD_FILE] = "_files",
	[ABL_WORD_FOLDER] = "_files -/",
	[ABL_WORD_STUDY] = "_ablate_studies",
	[ABL_WORD_STUDY_FILE] = "_files -g \"*.y(a|)ml\"",
};

static void put_zsh_option(FILE *out, const struct abl_command_option *o)
{
	for (int shorter = 0; shorter <= (o->letter ? 1 : 0); shorter++) {
		fputs("            '", out);
		if (shorter)
			fprintf(out, "-%c[", o->letter);
		else
			fprintf(out, "--%s[", o->name);
		put_quoted(out, o->help, "[]:\\");
		fputs("]", out);
		if (o->type != ABL_ARG_FLAG) {
			fputs(":", out);
			put_quoted(out, o->value, "[]:\\");
			fputs(":", out);
			if (o->choices) {
				fputs("(", out);
				put_choices(out, o->choices);
				fputs(")", out);
			} else {
				put_quoted(out, zsh_kinds[value_kind(o)], "");
			}
		}
		fputs("' \\\n", out);
	}
}

static void put_zsh(FILE *out)
{
	const struct abl_command *c;

	fputs("#compdef ablate\n# zsh completion of ablate; made from its commands\n"
	      "_ablate_studies() {\n"
	      "    local -a names store\n"
	      "    local at=${words[(I)--store]}\n"
	      "    ((at)) && store=(--store ${(Q)words[at + 1]})\n"
	      "    names=(${(f)\"$($program query 'select name from study' --format csv $store "
	      "2>/dev/null </dev/null | tail -n +2)\"})\n"
	      "    compadd -a names\n"
	      "    _files -g '*.y(a|)ml'\n"
	      "}\n"
	      "_ablate() {\n"
	      "    local program=${(Q)words[1]}\n"
	      "    local -a commands\n"
	      "    commands=(\n",
	      out);
	for (size_t i = 0; (c = abl_command_at(i)); i++) {
		if (c->hidden)
			continue;
		fprintf(out, "        '%s:", c->name);
		put_quoted(out, c->summary, ":\\");
		fputs("'\n", out);
	}
	fputs("        'help:show what a command does'\n    )\n"
	      "    if ((CURRENT == 2)) || [[ ${words[2]} == help ]]; then\n"
	      "        _describe command commands\n        return\n    fi\n"
	      "    case ${words[2]} in\n",
	      out);
	for (size_t i = 0; (c = abl_command_at(i)); i++) {
		fprintf(out,
			"    %s)\n        shift words\n        ((CURRENT--))\n        _arguments "
			"\\\n",
			c->name);
		for (const struct abl_command_option *o = c->options; o && o->name; o++)
			put_zsh_option(out, o);
		fputs("            '*:word:", out);
		put_quoted(out, zsh_kinds[word_kind(c)], "");
		fputs("'\n        ;;\n", out);
	}
	fputs("    esac\n}\n_ablate \"$@\"\n", out);
}

/* ---- fish ---- */

static const char fish_files[] = "(__fish_complete_suffix .yaml)";
static const char fish_studies[] =
	"(ablate query 'select name from study' --format csv 2>/dev/null | tail -n +2; "
	"__fish_complete_suffix .yaml)";

static void put_fish_kind(FILE *out, enum abl_word_kind kind)
{
	if (kind == ABL_WORD_STUDY || kind == ABL_WORD_STUDY_FILE) {
		fputs(" -f -k -a '", out);
		put_quoted(out, kind == ABL_WORD_STUDY ? fish_studies : fish_files, "");
		fputs("'", out);
	} else if (kind == ABL_WORD_FOLDER) {
		fputs(" -x -a '(__fish_complete_directories)'", out);
	}
}

static void put_fish(FILE *out)
{
	const struct abl_command *c;

	fputs("# fish completion of ablate; made from its commands\n", out);
	for (size_t i = 0; (c = abl_command_at(i)); i++) {
		if (c->hidden)
			continue;
		fprintf(out, "complete -c ablate -f -n __fish_use_subcommand -a %s -d '", c->name);
		put_quoted(out, c->summary, "");
		fputs("'\n", out);
		if (word_kind(c) == ABL_WORD_STUDY || word_kind(c) == ABL_WORD_STUDY_FILE) {
			fprintf(out, "complete -c ablate -n '__fish_seen_subcommand_from %s'",
				c->name);
			put_fish_kind(out, word_kind(c));
			putc('\n', out);
		}
		for (const struct abl_command_option *o = c->options; o && o->name; o++) {
			fprintf(out, "complete -c ablate -n '__fish_seen_subcommand_from %s' -l %s",
				c->name, o->name);
			if (o->letter)
				fprintf(out, " -s %c", o->letter);
			if (o->choices) {
				fputs(" -x -a '", out);
				put_choices(out, o->choices);
				putc('\'', out);
			} else if (o->type != ABL_ARG_FLAG) {
				fputs(" -r", out);
				put_fish_kind(out, value_kind(o));
			}
			fputs(" -d '", out);
			put_quoted(out, o->help, "");
			fputs("'\n", out);
		}
	}
}

bool abl_completion(const char *shell, FILE *out)
{
	static const struct {
		const char *name;
		void (*put)(FILE *out);
	} shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(shells[i].name, shell)) {
			shells[i].put(out);
			return true;
		}
	return false;
}
