/* SPDX-License-Identifier: Apache-2.0 */
#include "first_option.h"

#include "node_value.h"
#include "utf8.h"
#include "yaml_put.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_ROOM 50 /* letters of a name */
#define HELP_ROOM 60 /* characters of an option's help that are kept */

/* What the options' names tell, whole or as parts between '_'. */
#define SEEDS "seed|random_seed|rng_seed|manual_seed|manualSeed|random_state"
#define OUTS                                                                                       \
	"output_dir|out_dir|outdir|output|out|save_dir|savedir|save_path|checkpoint_dir|model_"    \
	"dir|"                                                                                     \
	"default_root_dir|work_dir|workdir|run_dir|results_dir|result_dir|exp_dir|log_dir|logdir|" \
	"output_folder|output_path"
#define OTHERS                                                                                   \
	"h|help|helpfull|helpshort|helpxml|version|verbose|quiet|debug|dry_run|device|gpu|gpus|" \
	"cuda|"                                                                                  \
	"no_cuda|use_cpu|cpu|workers|num_workers|n_workers|threads|port|host|rank|local_rank|"   \
	"world_size|resume|resume_from_checkpoint|wandb|project|run_name|name|log_level|log_"    \
	"interval|"                                                                              \
	"print_freq|save_steps|logging_steps|save_total_limit|report_to|config|only_check_args|" \
	"install_completion|show_completion|alsologtostderr|logtostderr|showprefixforinfo|"      \
	"stderrthreshold|"                                                                       \
	"verbosity|v|pdb|run_with_pdb|run_with_profiling|profile_file|use_cprofile_for_profiling"
#define RECIPE                                                                                   \
	"lr|rate|learning|epoch|epochs|batch|decay|wd|warmup|dropout|drop|smoothing|beta|beta1|" \
	"beta2|"                                                                                 \
	"epsilon|eps|momentum|clip|norm|optim|optimizer|scheduler|schedule|layers|hidden|dim|"   \
	"size|"                                                                                  \
	"width|depth|heads|length|augment|augmentation|activation|init|mixup|cutmix|ema|"        \
	"temperature|"                                                                           \
	"alpha|gamma|margin|bias|residual|attention|pool|pooling|loss|accumulation|steps|grad|"  \
	"hid|emb"
#define PARTS                                                                                  \
	"dropout|drop|decay|warmup|smoothing|clip|augment|augmentation|mixup|cutmix|ema|norm|" \
	"bias|residual|attention|pretrained|momentum|noise"
#define REALS "lr|rate|decay|dropout|smoothing|momentum|ratio|alpha|beta|gamma|temperature|eps"
#define ASIDE "eval|dataloader|find|column|logging|save|hub|push|ddp|fsdp|prediction|checkpointing"
#define INTS "epoch|epochs|batch|size|layers|hidden|dim|width|depth|heads|steps|length|warmup"
/* Words of a study file that no option can be called. */
#define TAKEN                                                                                   \
	"flags|out|state|seed|variant|study|task|step|options|gpus|cards|port|directory|label|" \
	"placebo"

static bool has_part(const struct abl_help_option *o, const char *parts)
{
	for (const char *at = o->name; *at;) {
		const size_t n = strcspn(at, "_");
		struct abl_str part = {0};
		bool found;

		abl_str_add(&part, at, n);
		found = n && abl_is_one_of(parts, part.text);
		abl_str_finish(&part);
		if (found)
			return true;
		at += n + (at[n] == '_');
	}
	return false;
}

enum abl_first_role abl_first_role(const struct abl_help_option *o)
{
	if (abl_is_one_of(OTHERS, o->name))
		return ABL_FIRST_OTHER;
	if (!o->metavar)
		return ABL_FIRST_OPTION;
	if (abl_is_one_of(SEEDS, o->name))
		return ABL_FIRST_SEED;
	return abl_is_one_of(OUTS, o->name) ? ABL_FIRST_OUT : ABL_FIRST_OPTION;
}

/* ---- truth values ---- */

static bool is_flag_name(const char *flag, const char *value)
{
	return flag && !strcmp(flag + strspn(flag, "-"), value);
}

/* Of a flag without a value: is it given? Its default may be said of what it switches off. */
static bool is_true(const struct abl_help_option *o)
{
	return o->preset && (!strcasecmp(o->preset, "true") || is_flag_name(o->flag, o->preset));
}

static bool is_truth(const struct abl_help_option *o)
{
	return !o->metavar || (o->preset && !o->choices &&
			       (!strcmp(o->preset, "True") || !strcmp(o->preset, "False") ||
				!strcasecmp(o->metavar, "BOOLEAN")));
}

/* A lone flag is off unless it is given, whatever its listing says of the variable behind it. */
static bool is_on(const struct abl_help_option *o)
{
	return (o->metavar || o->off) && is_true(o);
}

/* ---- numbers ---- */

static const char *number_type(const struct abl_help_option *o, const char *value)
{
	int64_t whole;
	double real;
	const bool named = has_part(o, REALS) || (o->metavar && strstr(o->metavar, "FLOAT"));

	if (value && abl_is_huge_int(value))
		return NULL;
	if (value && abl_parse_int(value, &whole))
		return named ? "real" : "int";
	if (value && *value != '.' && abl_parse_real(value, &real))
		return "real";
	if (value)
		return NULL;
	if (o->metavar && (!strcmp(o->metavar, "N") || !strncmp(o->metavar, "INT", 3)))
		return "int";
	return named ? "real" : has_part(o, INTS) ? "int" : NULL;
}

static double number(const struct abl_help_option *o)
{
	double value = 0;

	return o->preset && abl_parse_real(o->preset, &value) ? value : 0;
}

/* ---- questions ---- */

/* Lists and dictionaries of Python are no value of an option. */
bool abl_first_is_told(const struct abl_help_option *o)
{
	if (is_truth(o))
		return !o->metavar ? !o->off || o->preset : true;
	return o->preset && *o->preset && !strchr("[{(<", *o->preset) &&
	       (!o->choices || abl_is_one_of(o->choices, o->preset));
}

bool abl_first_is_recipe(const struct abl_help_option *o)
{
	return has_part(o, RECIPE) && !has_part(o, ASIDE);
}

bool abl_first_is_part(const struct abl_help_option *o)
{
	if (!abl_first_is_told(o) || !has_part(o, PARTS))
		return false;
	if (is_truth(o))
		return is_on(o);
	if (o->choices)
		return abl_is_one_of(o->choices, "none") && strcmp(o->preset, "none") != 0;
	return number_type(o, o->preset) && number(o) > 0;
}

enum abl_first_removal abl_first_removal(const struct abl_help_option *o)
{
	if (is_truth(o))
		return is_on(o) ? ABL_FIRST_REMOVED : ABL_FIRST_ADDED;
	if (!o->choices && number_type(o, o->preset) && number(o) == 0)
		return ABL_FIRST_RAISED;
	return abl_first_is_told(o) || o->choices ? ABL_FIRST_REMOVED : ABL_FIRST_UNKNOWN;
}

const char *abl_first_raised(const struct abl_help_option *o)
{
	static const char *const values[][2] = {
		{"steps", "100"}, {"decay", "0.01"}, {"clip", "1"}, {REALS "|warmup", "0.1"}};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (has_part(o, values[i][0]))
			return values[i][1];
	return "1";
}

char *abl_first_name(const struct abl_help_option *o)
{
	struct abl_str name = {0};

	abl_str_add(&name, o->name, strnlen(o->name, NAME_ROOM));
	if (abl_is_one_of(TAKEN, o->name) || !abl_is_name(name.text))
		abl_str_puts(&name, "_option");
	return name.text;
}

/* ---- a row ---- */

static void put_words(struct abl_str *out, const char *state, const char *flag)
{
	abl_str_printf(out, ", %s: [", state);
	if (flag)
		abl_yaml_put(out, flag);
	abl_str_puts(out, "]");
}

static void put_truth(const struct abl_help_option *o, const char *value, struct abl_str *out)
{
	const bool on = value ? !strcasecmp(value, "true") || !strcmp(value, "1") : is_on(o);

	abl_str_printf(out, "type: bool, default: %s", on ? "true" : "false");
	if (!o->metavar) {
		put_words(out, "on", o->flag);
		put_words(out, "off", o->off);
	}
}

static void put_list(const char *choices, struct abl_str *out)
{
	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
		struct abl_str one = {0};

		abl_str_add(&one, at, strcspn(at, "|"));
		abl_str_puts(out, at == choices ? "[" : ", ");
		abl_yaml_put(out, one.text ? one.text : "");
		abl_str_finish(&one);
	}
	abl_str_puts(out, "]");
}

/* What stands for none of it: "none" itself, else another value, to be looked at. */
static void put_none(const char *choices, const char *now, struct abl_str *out)
{
	struct abl_str other = {0};

	if (abl_is_one_of(choices, "none")) {
		abl_str_puts(&other, "none");
	} else {
		const size_t n = strcspn(choices, "|");

		if (strncmp(choices, now, n) != 0 || now[n])
			abl_str_add(&other, choices, n);
		else if (choices[n])
			abl_str_add(&other, choices + n + 1, strcspn(choices + n + 1, "|"));
	}
	abl_str_puts(out, ", none: ");
	abl_yaml_put(out, other.text ? other.text : now);
	abl_str_finish(&other);
}

static void put_choice(const struct abl_help_option *o, const char *value, bool removed,
		       struct abl_str *out)
{
	struct abl_str first = {0};

	abl_str_add(&first, o->choices, strcspn(o->choices, "|"));
	value = value && abl_is_one_of(o->choices, value) ? value : first.text;
	abl_str_puts(out, "type: choice, values: ");
	put_list(o->choices, out);
	abl_str_puts(out, ", default: ");
	abl_yaml_put(out, value);
	if (removed)
		put_none(o->choices, value, out);
	abl_str_finish(&first);
}

static void put_number(const char *type, const char *value, bool removed, struct abl_str *out)
{
	char shown[32];
	int64_t whole = 0;
	double x = 0;

	(void)abl_parse_real(value ? value : "0", &x);
	abl_str_printf(out, "type: %s, default: ", type);
	if (!strcmp(type, "int") && (!value || abl_parse_int(value, &whole)))
		abl_str_printf(out, "%lld", (long long)whole); /* 1e12 is none in a study file */
	else
		abl_str_puts(out, abl_format_real(x, shown));
	if (removed)
		abl_str_printf(out, "%s, none: 0", x >= 0 ? ", min: 0" : "");
}

static void put_help(const struct abl_help_option *o, struct abl_str *out)
{
	const size_t room =
		abl_utf8_bad(o->help, strlen(o->help)) >= 0 ? 0 : abl_utf8_head(o->help, HELP_ROOM);
	struct abl_str help = {0};

	abl_str_add(&help, o->help, room);
	if (room && o->help[room]) { /* up to a whole word */
		while (help.length && help.text[help.length - 1] != ' ')
			help.text[--help.length] = '\0';
		abl_str_puts(&help, "...");
	}
	if (help.length) {
		abl_str_puts(out, ", help: ");
		abl_yaml_put(out, help.text);
	}
	abl_str_finish(&help);
}

/* What is to be looked at: the text behind "# ?"; NULL: nothing. */
static const char *doubt(const struct abl_help_option *o, const char *value, bool removed)
{
	if (is_truth(o) && !o->metavar && !o->off && is_true(o))
		return "switches off what is on by default; 'true' gives the flag";
	if (is_truth(o) && !o->metavar)
		return !o->off || o->preset || value ? NULL : "its default is not said";
	if (is_truth(o) && !o->may_stand)
		return "does the program take 'false' for false? Python's bool() does not";
	if (!value && !abl_first_is_told(o))
		return "its default is not said";
	if (!removed || is_truth(o) || (!o->choices && number_type(o, value ? value : o->preset)) ||
	    (o->choices && abl_is_one_of(o->choices, "none")))
		return NULL;
	return "'none' is what leaving it out means";
}

void abl_first_option_put(const struct abl_help_option *o, const char *value, bool removed,
			  struct abl_str *out)
{
	const char *known = value ? value : o->preset, *type = number_type(o, known);
	const char *why = doubt(o, value, removed);
	struct abl_str plain = {0};
	char *name = abl_first_name(o);

	abl_str_puts(out, "  ");
	abl_yaml_put(out, name);
	abl_str_puts(out, ": {");
	if (is_truth(o)) {
		put_truth(o, value, out);
	} else if (o->choices) {
		put_choice(o, known, removed, out);
	} else if (type) {
		put_number(type, known, removed, out);
	} else {
		abl_str_puts(out, "type: text, default: ");
		abl_yaml_put(out, known ? known : "");
		abl_str_puts(out, removed ? ", none: \"\"" : "");
	}
	abl_str_printf(&plain, "%s%s", *o->flag == '-' ? "--" : "", name);
	if ((o->metavar && strcmp(o->flag, plain.text) != 0) && !is_truth(o)) {
		struct abl_str flag = {0};

		/* a short one takes its value as the next word */
		abl_str_printf(&flag, "%s%s", o->flag,
			       *o->flag == '-' && o->flag[1] != '-' ? " " : "");
		abl_str_puts(out, ", flag: ");
		abl_yaml_put(out, flag.text);
		abl_str_finish(&flag);
	} else if (o->metavar && strcmp(o->flag, plain.text) != 0) {
		abl_str_puts(out, ", flag: ");
		abl_yaml_put(out, o->flag);
	}
	put_help(o, out);
	abl_str_puts(out, "}");
	if (why)
		abl_str_printf(out, " # ? %s", why);
	abl_str_puts(out, "\n");
	abl_str_finish(&plain);
	free(name);
}
