/* SPDX-License-Identifier: Apache-2.0 */
/* Tagged sentences: words and tags are clean text in ascending order of line, sentences are never
 * empty and cover the words one after another. */
#include "fuzz.h"

#include "conll.h"
#include "files.h"
#include "utf8.h"

#include <string.h>

static void check(const struct abl_tagged *t, bool train)
{
	size_t next = 0;

	assert(t->sentence_count > 0 && (!train || t->labelled));
	for (size_t s = 0; s < t->sentence_count; s++) {
		assert(t->sentences[s].first == next && t->sentences[s].count > 0);
		next += t->sentences[s].count;
	}
	assert(next <= t->word_count); /* limit leaves no part of a sentence behind */
	for (size_t w = 0; w < t->word_count; w++) {
		const struct abl_tagged_word *x = &t->words[w];

		assert(abl_utf8_bad(x->text, strlen(x->text)) < 0);
		assert(!strpbrk(x->text, "\t\n"));
		assert(x->tag ? *x->tag && abl_utf8_bad(x->tag, strlen(x->tag)) < 0 : !train);
		assert(x->line && (!w || x->line > x[-1].line));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40], task[] = "fuzz", conll[] = "conll", conllu[] = "conllu", two[] = "2";
	int fd = fuzz_file(data, size, path);

	for (int kind = 0; kind < 8; kind++) {
		bool train = kind & 1;
		struct abl_task_spec s = {.name = task,
					  .train = path,
					  .test = path,
					  .format = kind & 2 ? conllu : conll,
					  .label = kind & 4 ? two : NULL,
					  .limit = kind & 4 ? 2 : 0};
		struct abl_err err = {0};
		struct abl_tagged t;
		int rc = abl_conll_load(&s, train ? "train" : "test", &t, &err);

		assert(rc == (int)err.code);
		if (rc)
			continue;
		check(&t, train);
		rc = abl_tagged_divide(&t, true, &err);
		assert(rc == (int)err.code);
		abl_tagged_finish(&t);
	}
	close(fd);
	return 0;
}
