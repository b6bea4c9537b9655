/* SPDX-License-Identifier: Apache-2.0 */
#include "room.h"

#include "machine.h"
#include "program.h"
#include "str.h"
#include "supervisor.h"

#include <stdio.h>

#define MIB 1048576.0
#define FULL (.25 * MIB) /* bytes that a disk must have left for logs and the database */

int abl_room_init(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_program *program = s->run.plan->study->program;
	size_t most = 0;

	abl_cards_init(&s->room.cards, program ? program->trials_per_gpu : 1);
	for (size_t i = 0; i < s->run.plan->stage_count; i++)
		if (s->run.nodes[i].state != ABL_DONE && abl_plan_gpus(s->run.plan, i) > most)
			most = abl_plan_gpus(s->run.plan, i);
	return abl_cards_check(&s->room.cards, (int64_t)most, err);
}

void abl_room_finish(struct abl_room *room)
{
	abl_cards_finish(&room->cards);
}

bool abl_room_disk_is_full(const struct abl_supervisor *s)
{
	return abl_machine_disk(s->run.folder) < FULL;
}

/* Whether the stage would not find the room for what it makes. */
static bool is_too_full(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	const double left = abl_machine_disk(s->run.folder),
		     wanted = p ? p->kind->disk(p->config) : 0;
	char why[400], free_text[32], wanted_text[32];

	if (left >= wanted + FULL)
		return false;
	snprintf(why, sizeof why,
		 "only %s are free on the disk of '%.250s', and the next stage wants %s",
		 abl_format_bytes(left, free_text), abl_store_folder(s->run.store),
		 abl_format_bytes(wanted + FULL, wanted_text));
	abl_patience_begin(&s->patience, ABL_EFULL, why);
	return true;
}

bool abl_room_is_too_full(struct abl_supervisor *s)
{
	return s->ready.count && is_too_full(s, s->ready.heap[0]);
}

/* Whether the stage would take memory that is not there, while others run that will give some back.
 */
static bool lacks_memory(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = s->run.running ? &s->run.plan->stages[stage] : NULL;
	char text[160], bytes[32];

	if (p && abl_clock_now() - s->room.memory_looked > 1) { /* it takes many files to know */
		s->room.memory_left = abl_machine_memory_left();
		s->room.memory_looked = abl_clock_now();
	}
	if (!p || s->room.memory_left >= p->kind->memory(p->config))
		return false;
	snprintf(text, sizeof text,
		 "only %s of memory are free: fewer stages run at a time than there are workers",
		 abl_format_bytes(s->room.memory_left, bytes));
	if (!s->room.told_of_memory)
		abl_supervisor_says(s, text);
	s->room.told_of_memory = true;
	return true;
}

/* Whether the stage has to wait until others end: for cards, or to have the machine for
 * itself.
 */
static bool lacks_room(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_run *run = &s->run;
	const size_t cards = abl_plan_gpus(run->plan, stage);

	for (size_t i = 0; i < run->running; i++)
		if (run->nodes[run->jobs[i]->stage].alone && !run->jobs[i]->cards[0])
			return true;
	if (!run->running)
		return false;
	return cards ? !abl_cards_has(&s->room.cards, cards, run->nodes[stage].alone)
		     : run->nodes[stage].alone;
}

bool abl_room_has(struct abl_supervisor *s, size_t stage)
{
	return !is_too_full(s, stage) && !lacks_memory(s, stage) && !lacks_room(s, stage);
}
