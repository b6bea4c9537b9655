/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_room.h"

#include "machine.h"

static void warn(struct abl_str *out, const char *before, double bytes, const char *after,
		 const char *what_to_do)
{
	char text[32];

	abl_str_printf(out, "  %-9s %s%s%s: %s\n", "warning", before, abl_format_bytes(bytes, text),
		       after, what_to_do);
}

void abl_plan_room(const struct abl_plan_wants *wants, struct abl_str *out)
{
	const double memory = wants->memory * wants->workers, all = abl_machine_memory(),
		     left = abl_machine_memory_left(), disk = abl_machine_disk(wants->folder);
	const char *what_to_do =
		wants->workers > 1 ? "give fewer --workers" : "give a smaller model or batch";

	if (memory > .9 * all)
		warn(out, "that is more than the ", all, " of this machine", what_to_do);
	else if (memory > left)
		warn(out, "only ", left, " of memory are free now", what_to_do);
	if (wants->disk > disk)
		warn(out, "only ", disk, " are free on the disk of the store",
		     "make room, or give another --store");
}
