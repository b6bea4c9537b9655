/* SPDX-License-Identifier: Apache-2.0 */
/* Stories: questions in ascending order of line, each with facts of its own story; what is read as
 * train is read as gold too. */
#include "fuzz.h"

#include "babi.h"

#include <string.h>

static void check(const struct abl_babi *b)
{
	assert(b->count > 0);
	for (size_t i = 0; i < b->count; i++) {
		const struct abl_babi_question *q = &b->items[i];

		assert(*q->text && *q->answer);
		assert(!i || q->line > q[-1].line);
		assert(q->first + q->facts <= b->fact_count);
		for (size_t k = 0; k < q->facts; k++)
			assert(*b->facts[q->first + k]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const splits[] = {"train", "gold", "test", "held-back"};
	char path[40], task[] = "fuzz";
	int fd = fuzz_file(data, size, path), codes[4];

	for (int i = 0; i < 4; i++) {
		const struct abl_task_spec s = {.name = task, .train = path, .test = path};
		struct abl_err err = {0};
		struct abl_babi b;

		codes[i] = abl_babi_load(&s, splits[i], &b, &err);
		assert(codes[i] == (int)err.code);
		if (codes[i])
			continue;
		if (strcmp(splits[i], "test") != 0)
			check(&b);
		abl_babi_finish(&b);
	}
	assert(codes[0] == codes[1]);
	assert(codes[0] || !codes[2]); /* a test file may lack answers, and no more */
	close(fd);
	return 0;
}
