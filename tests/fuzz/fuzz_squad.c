/* SPDX-License-Identifier: Apache-2.0 */
/* SQuAD's JSON: what is read is whole, and answers lie in their passages; then the same bytes as a
 * file of predictions for themselves. */
#include "fuzz.h"

#include "files.h"
#include "squad_score.h"

#include <math.h>
#include <string.h>

static void check_question(const struct abl_squad_question *q)
{
	size_t length = strlen(q->context);

	assert(q->id && q->text && (!q->answer_count || q->labelled));
	for (size_t i = 0; i < q->answer_count; i++) {
		const struct abl_squad_answer *a = &q->answers[i];

		assert(a->begin <= a->end && a->end <= length);
		assert(!a->there || !strncmp(q->context + a->begin, a->text, a->end - a->begin));
	}
}

static void load(const struct abl_task_spec *s, const char *split)
{
	struct abl_err err = {0};
	struct abl_squad squad;
	int rc = abl_squad_load(s, split, &squad, &err);

	assert(rc == (int)err.code);
	if (rc)
		return;
	assert(squad.count);
	for (size_t i = 0; i < squad.count; i++)
		check_question(&squad.questions[i]);
	abl_squad_finish(&squad);
}

static void check_figure(void *data, const char *name, double value)
{
	(void)data, (void)name;
	assert(isfinite(value));
}

static void mark(const struct abl_task_spec *s, const char *path)
{
	struct abl_mark_request r = {s, path, s->no_answer ? path : NULL};
	struct abl_err err = {0};
	int rc = abl_squad_mark(&r, check_figure, NULL, &err);

	assert(rc == (int)err.code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40], task[] = "fuzz", type[] = "span", yes[] = "yes", skip[] = "skip";
	int fd = fuzz_file(data, size, path);

	for (int kind = 0; kind < 4; kind++) {
		struct abl_task_spec s = {.name = task,
					  .type = type,
					  .train = path,
					  .dev = path,
					  .test = path,
					  .no_answer = kind & 1 ? yes : NULL,
					  .broken = kind & 2 ? skip : NULL};

		load(&s, "train");
		load(&s, "held-back");
		load(&s, "dev");
		load(&s, "test");
		mark(&s, path);
	}
	close(fd);
	return 0;
}
