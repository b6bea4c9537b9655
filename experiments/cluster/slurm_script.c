/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_script.h"

#include "files.h"
#include "hash.h"
#include "shell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

const char *abl_slurm_token(char out[32])
{
	struct {
		uint64_t random;
		struct timespec now;
		pid_t pid;
	} seed;

	memset(&seed, 0, sizeof seed);
	(void)!getrandom(&seed.random, sizeof seed.random, GRND_NONBLOCK);
	clock_gettime(CLOCK_REALTIME, &seed.now);
	seed.pid = getpid();
	snprintf(out, 32, "ablate-%016llx", (unsigned long long)abl_hash64(&seed, sizeof seed));
	return out;
}

char *abl_slurm_script_path(const char *folder, const char *token)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/slurm-%s.sh", folder, token);
	return path.text;
}

/* "4711" of "4711;cluster" */
static int number_length(const char *job)
{
	return (int)strspn(job, "0123456789");
}

char *abl_slurm_log_path(const char *folder, const char *job, int64_t element)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/slurm-%.*s", folder, number_length(job), job);
	if (element >= 0)
		abl_str_printf(&path, "_%lld", (long long)element);
	abl_str_puts(&path, ".log");
	return path.text;
}

/* srun has not passed on what sbatch was told of CPUs since Slurm 22.05, but has a variable of its
 * own for it. */
static const char cpus[] = "[ -z \"${SLURM_CPUS_PER_TASK:-}\" ] || "
			   "export SRUN_CPUS_PER_TASK=\"$SLURM_CPUS_PER_TASK\"\n";

/* A name in a remark must not end its line. */
static void add_plain(struct abl_str *out, const char *text)
{
	for (; *text; text++)
		abl_str_add(out, (unsigned char)*text < ' ' ? "?" : text, 1);
}

/* Wherever the user lets it print to, a file says that it has begun. */
static void add_workers(struct abl_str *out, const struct abl_slurm_job *job, const char *words)
{
	struct abl_str folder = {0};

	abl_shell_add(&folder, job->folder);
	abl_str_printf(out,
		       ": >>%s/slurm-\"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}.log\"\n"
		       "%sexec srun --kill-on-bad-exit=1 %s\n",
		       folder.text, cpus, words);
	abl_str_finish(&folder);
}

/* Warned that its time is up, a head begins anew in the queue. It is ended at once, since what its
 * workers do goes on for a while without it, and the next one finds them; those that end with its
 * job are let save their state first. Other signals are for the head, and Slurm sends some to this
 * shell alone. */
static void add_head(struct abl_str *out, const struct abl_slurm_job *job, const char *words)
{
	static const char before[] = "warned='' told='' code=''\n"
				     "trap 'told=1 warned=1; kill -%s \"$head\"' USR1\n"
				     "trap 'told=1; kill -TERM \"$head\"' TERM INT HUP\n";
	/* a trap ends the wait; where the head has ended in the same moment, another says 127 */
	static const char after[] =
		"head=$!\n"
		"while :; do\n"
		"    told=''\n"
		"    wait \"$head\"\n"
		"    now=$?\n"
		"    [ -z \"$code\" ] || [ \"$now\" -ne 127 ] || break\n"
		"    code=$now\n"
		"    [ -n \"$told\" ] || break\n"
		"done\n"
		"if [ -n \"$warned\" ]; then\n"
		"    until scontrol requeue \"$SLURM_JOB_ID\"; do sleep 5; done\n"
		"    exit 0\n"
		"fi\n"
		"exit \"$code\"\n";

	abl_str_printf(out, before, job->whole ? "TERM" : "KILL");
	abl_str_printf(out, "%s &\n%s", words, after);
}

void abl_slurm_script(const struct abl_slurm_job *job, struct abl_str *out)
{
	struct abl_str words = {0};

	abl_str_puts(out, "#!/bin/sh\n# ");
	abl_str_puts(out, job->elements ? "Workers" : "The head of a run");
	abl_str_puts(out, " of the study ");
	add_plain(out, job->study);
	abl_str_puts(out, ", submitted by 'ablate run --on slurm'.\n");
	if (job->directory) {
		abl_shell_add(&words, job->directory);
		abl_str_printf(out, "cd %s || exit 1\n", words.text);
		abl_str_clear(&words);
	}
	for (size_t i = 0; job->words[i]; i++)
		abl_shell_add(&words, job->words[i]);
	if (job->elements)
		add_workers(out, job, words.text);
	else
		add_head(out, job, words.text);
	abl_str_finish(&words);
}

static void add(struct abl_argv *out, const char *option, const char *value)
{
	struct abl_str word = {0};

	abl_str_printf(&word, "%s%s", option, value);
	abl_argv_add(out, word.text);
	abl_str_finish(&word);
}

/* A path in which Slurm fills in nothing but what follows it. */
static void add_output(const struct abl_slurm_job *job, struct abl_argv *out)
{
	struct abl_str path = {0};

	for (const char *c = job->folder; *c; c++)
		abl_str_puts(&path, *c == '%' ? "%%" : (char[]){*c, '\0'});
	abl_str_puts(&path, job->elements ? "/slurm-%A_%a.log" : "/slurm-%j.log");
	add(out, "--output=", path.text);
	abl_str_finish(&path);
}

/* A name that Slurm's own tables show in one piece. */
static void add_name(const struct abl_slurm_job *job, struct abl_argv *out)
{
	struct abl_str name = {0};

	abl_str_puts(&name, job->elements ? "ablate-" : "ablate-head-");
	for (const char *c = job->study; *c; c++)
		abl_str_add(&name, isgraph((unsigned char)*c) ? c : "_", 1);
	add(out, "--job-name=", name.text);
	abl_str_finish(&name);
}

/* Does the word give that option, by its long or its short name? Its value is put into *value where
 * it is a part of the word, else it is the next. */
static bool gives(const char *word, const char *name, char letter, const char **value)
{
	const size_t n = strlen(name);

	*value = NULL;
	if (letter && word[0] == '-' && word[1] == letter) {
		*value = word[2] ? word + 2 : NULL;
		return true;
	}
	if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, n) != 0)
		return false;
	*value = word[n + 2] == '=' ? word + n + 3 : NULL;
	return !word[n + 2] || *value;
}

/* Whose nodes are left out: those that the user names, too. */
static void add_exclude(const struct abl_slurm_job *job, struct abl_argv *out)
{
	struct abl_str nodes = {0};

	for (size_t i = 0; job->options && job->options[i]; i++) {
		const char *value;

		if (!gives(job->options[i], "exclude", 'x', &value))
			continue;
		if (!value)
			value = job->options[i + 1];
		abl_str_clear(&nodes); /* the last one counts */
		abl_str_printf(&nodes, "%s,", value ? value : "");
	}
	abl_str_puts(&nodes, job->exclude);
	add(out, "--exclude=", nodes.text);
	abl_str_finish(&nodes);
}

double abl_slurm_time(const char *text)
{
	static const double units[] = {86400, 3600, 60, 1};
	const bool days = strchr(text, '-');
	double part[4] = {0}, sum = 0;
	size_t n = 0, at = 0;

	for (; n < 4; n++, at++) {
		const size_t digits = strspn(text + at, "0123456789");

		if (!digits || digits > 9)
			return 0;
		part[n] = strtod(text + at, NULL);
		at += digits;
		if (!text[at])
			break;
		if (text[at] != (days && !n ? '-' : ':'))
			return 0;
	}
	if (n == 4 || (!days && n > 2))
		return 0;
	if (!days && n) /* the last are seconds */
		return n == 1 ? 60 * part[0] + part[1] : 3600 * part[0] + 60 * part[1] + part[2];
	if (!days)
		return 60 * part[0];
	for (size_t i = 0; i <= n; i++)
		sum += units[i] * part[i];
	return sum;
}

/* A warning that comes before a job has begun is none. */
static int64_t lead_of(const struct abl_slurm_job *job)
{
	double limit = 0;

	for (size_t i = 0; job->options && job->options[i]; i++) {
		const char *value;

		if (!gives(job->options[i], "time", 't', &value))
			continue;
		value = value ? value : job->options[i + 1];
		limit = value ? abl_slurm_time(value) : 0;
	}
	return limit > 0 && limit < 2 * (double)job->lead ? (int64_t)(limit / 2) : job->lead;
}

void abl_slurm_submit_words(const struct abl_slurm_job *job, struct abl_argv *out)
{
	char *script = abl_slurm_script_path(job->folder, job->token);
	char text[64];

	abl_argv_add(out, "sbatch");
	abl_argv_add(out, "--parsable");
	add_name(job, out);
	add(out, "--comment=", job->token);
	abl_argv_add(out, "--open-mode=append");
	add_output(job, out);
	if (job->elements) {
		snprintf(text, sizeof text, "0-%lld%%%lld", (long long)job->elements - 1,
			 (long long)job->elements);
		add(out, "--array=", text);
		snprintf(text, sizeof text, "USR1@%lld", (long long)lead_of(job));
	} else { /* the batch script itself is the head: its workers are none of its steps */
		abl_argv_add(out, "--requeue");
		snprintf(text, sizeof text, "B:USR1@%lld", (long long)lead_of(job));
	}
	add(out, "--signal=", text);
	for (size_t i = 0; job->options && job->options[i]; i++)
		abl_argv_add(out, job->options[i]);
	if (job->exclude && *job->exclude)
		add_exclude(job, out);
	abl_argv_add(out, script);
	free(script);
}

int abl_slurm_check_options(const char *const *options, struct abl_err *err)
{
	static const struct {
		const char *name;
		char letter;
		const char *instead;
	} ours[] = {
		{"array", 'a', "'workers:' says how many"},
		{"wrap", '\0', "ablate submits a script of its own"},
		{"parsable", '\0', "ablate gives it itself"},
		{"wait", 'W', "a run waits for its workers anyway"},
		{"test-only", '\0', "'ablate plan' tells of a run without starting it"},
		{"help", 'h', "options are for jobs"},
		{"usage", '\0', "options are for jobs"},
		{"version", 'V', "options are for jobs"},
	};
	const char *value;

	for (; options && *options; options++) {
		if (!strncmp(*options, "#SBATCH", 7) || !**options)
			return abl_err_set(
				err, ABL_EINPUT,
				"'%.80s' is no option of sbatch: write the option alone, "
				"as --partition=cpu",
				*options);
		if (**options == '-' && strcspn(*options, " ") < strcspn(*options, "="))
			return abl_err_set(err, ABL_EINPUT,
					   "'%.80s' is two words of sbatch: write it with '=', as "
					   "--time=4:00:00, or as two",
					   *options);
		for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
			if (gives(*options, ours[i].name, ours[i].letter, &value))
				return abl_err_set(err, ABL_EINPUT,
						   "'%.80s' cannot be among the options of sbatch: "
						   "%s",
						   *options, ours[i].instead);
	}
	return 0;
}

static bool is_job(const char *line, size_t n)
{
	const size_t digits = strspn(line, "0123456789");

	if (!digits || digits > n)
		return false;
	if (digits == n)
		return true;
	for (size_t i = digits + 1; i < n; i++)
		if (!isgraph((unsigned char)line[i]))
			return false;
	return line[digits] == ';' && n > digits + 1;
}

bool abl_slurm_read_job(const char *printed, struct abl_str *out)
{
	const char *found = NULL;
	size_t length = 0;

	for (const char *line = printed; *line;) {
		const size_t n = strcspn(line, "\n");
		const size_t own = n && line[n - 1] == '\r' ? n - 1 : n;

		if (is_job(line, own))
			found = line, length = own;
		line += n + (line[n] == '\n');
	}
	if (found)
		abl_str_add(out, found, length);
	return found;
}

void abl_slurm_search_words(struct abl_argv *out)
{
	char user[32];

	snprintf(user, sizeof user, "--user=%lld", (long long)geteuid());
	abl_argv_add(out, "squeue");
	abl_argv_add(out, "--noheader");
	abl_argv_add(out, user);
	abl_argv_add(out, "--states=all");
	/* where the user has a --comment of his own, the script's name has the token all the same
	 */
	abl_argv_add(out, "--format=%F|%k|%o");
}

bool abl_slurm_find_job(const char *printed, const char *token, struct abl_str *out)
{
	for (const char *line = printed; *line;) {
		const size_t n = strcspn(line, "\n"), digits = strspn(line, "0123456789");
		const char *at = strstr(line, token);

		if (at && at < line + n && digits && line[digits] == '|') {
			abl_str_add(out, line, digits);
			return true;
		}
		line += n + (line[n] == '\n');
	}
	return false;
}

void abl_slurm_cancel_words(const char *job, bool waiting, struct abl_argv *out)
{
	const int n = number_length(job);
	struct abl_str number = {0};

	abl_argv_add(out, "scancel");
	if (waiting)
		abl_argv_add(out, "--state=PENDING");
	if (job[n] == ';')
		add(out, "--clusters=", job + n + 1);
	abl_str_add(&number, job, (size_t)n);
	abl_argv_add(out, number.text);
	abl_str_finish(&number);
}
