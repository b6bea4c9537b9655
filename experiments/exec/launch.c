/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define STEADY 4 /* first waits that a worker stays: then what went wrong before is forgotten */

/* A backslash before whatever could mean something: within single quotes csh still looks for '!',
 * and fish for backslashes. Bytes above ASCII are letters of some script. */
bool abl_remote_word(struct abl_str *out, const char *word)
{
	if (!*word)
		abl_str_puts(out, "''");
	for (; *word; word++) {
		const unsigned char c = (unsigned char)*word;

		if (c < ' ' || c == 0x7f)
			return false;
		if (c < 0x80 && !isalnum(c) && !strchr("_./-+:,@", c))
			abl_str_puts(out, "\\");
		abl_str_add(out, word, 1);
	}
	return true;
}

static void add_number(struct abl_word_list *out, const char *option, int64_t n)
{
	struct abl_str text = {0};

	if (n <= 0)
		return;
	abl_word_list_add(out, option);
	abl_str_printf(&text, "%lld", (long long)n);
	abl_word_list_add(out, text.text);
	abl_str_finish(&text);
}

/* The options of `ablate worker` there. So many cores are so many stages of one thread each, or
 * shared among the stages that the place says. */
static void add_options(struct abl_word_list *out, const struct abl_place *p,
			const struct abl_launch_setup *setup)
{
	const char *data = p->data ? p->data : setup->data;
	const int64_t slots = p->slots ? p->slots : p->cores;

	abl_word_list_add(out, "worker");
	abl_word_list_add(out, "--stdio");
	abl_word_list_add(out, "--store");
	abl_word_list_add(out, p->store ? p->store : setup->store);
	if (data) {
		abl_word_list_add(out, "--data");
		abl_word_list_add(out, data);
	}
	add_number(out, "--workers", slots);
	if (p->cores)
		add_number(out, "--threads", p->cores > slots ? p->cores / slots : 1);
	abl_word_list_add(out, "--name");
	abl_word_list_add(out, p->name);
}

/* The one word that sshd gives to the shell of the host. */
static int add_remote(const struct abl_place *p, const struct abl_launch_setup *setup,
		      struct abl_word_list *out, struct abl_err *err)
{
	struct abl_word_list words = {0};
	struct abl_str line = {0}, cards = {0};
	int rc = 0;

	if (p->gpus) {
		abl_word_list_add(&words, "env");
		abl_str_printf(&cards, "CUDA_VISIBLE_DEVICES=%s", p->gpus);
		abl_word_list_add(&words, cards.text);
		abl_str_finish(&cards);
	}
	abl_word_list_add(&words, p->program ? p->program : setup->program);
	add_options(&words, p, setup);
	for (size_t i = 0; i < words.count && !rc; i++) {
		if (i)
			abl_str_puts(&line, " ");
		if (!abl_remote_word(&line, words.word[i]))
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s: a path has control characters, which no shell of "
					 "another host takes: '%.200s'",
					 p->name, words.word[i]);
	}
	if (!rc)
		abl_word_list_add(out, line.text);
	abl_word_list_finish(&words);
	abl_str_finish(&line);
	return rc;
}

static int ssh_words(const struct abl_place *p, const struct abl_launch_setup *setup,
		     struct abl_word_list *out, struct abl_err *err)
{
	/* nobody is there who could type a password; a host that is down is known soon */
	static const char *const fixed[] = {"ssh", "-T", "-oBatchMode=yes", "-oConnectTimeout=20"};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		abl_word_list_add(out, fixed[i]);
	if (setup->ssh_config) {
		abl_word_list_add(out, "-F");
		abl_word_list_add(out, setup->ssh_config);
	}
	abl_word_list_add(out, "--");
	abl_word_list_add(out, p->host);
	return add_remote(p, setup, out, err);
}

static int command_words(const struct abl_place *p, const struct abl_launch_setup *setup,
			 struct abl_word_list *out, struct abl_err *err)
{
	(void)err;
	for (size_t i = 0; i < p->words.count; i++)
		abl_word_list_add(out, p->words.word[i]);
	add_options(out, p, setup);
	return 0;
}

int abl_launch_words(const struct abl_place *place, const struct abl_launch_setup *setup,
		     struct abl_word_list *out, struct abl_err *err)
{
	static int (*const kinds[])(const struct abl_place *, const struct abl_launch_setup *,
				    struct abl_word_list *, struct abl_err *) = {
		[ABL_PLACE_SSH] = ssh_words,
		[ABL_PLACE_COMMAND] = command_words,
	};

	return kinds[place->kind](place, setup, out, err);
}

void abl_backoff_began(struct abl_backoff *b, double now)
{
	b->since = now;
	b->reached = 0;
}

void abl_backoff_joined(struct abl_backoff *b, double now)
{
	b->reached = now;
}

double abl_backoff_ended(struct abl_backoff *b, double now)
{
	const double first = b->first > 0 ? b->first : ABL_BACKOFF_FIRST;
	double wait;

	if (b->reached > 0 && now - b->reached >= STEADY * first)
		b->failures = 0;
	wait = fmin(ldexp(first, b->failures < 16 ? b->failures : 16), ABL_BACKOFF_MOST);
	b->failures++;
	b->again = now + wait;
	return wait;
}
