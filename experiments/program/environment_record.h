/* SPDX-License-Identifier: Apache-2.0 */
/* environment_record.h - what a program runs with: interpreter and packages, image, GPUs and their
 * driver, variables. It is recorded and not hashed into keys: another driver is no other
 * experiment, but whoever compares should know. */
#ifndef ABL_ENVIRONMENT_RECORD_H
#define ABL_ENVIRONMENT_RECORD_H

#include "input_hash.h"
#include "order.h"

struct abl_environment_spec {
	const char *directory;                       /* absolute: of the program's code */
	const char *const *command, *const *wrap;    /* words; wrap may be NULL */
	const char *const *setup;                    /* lines for sh; may be NULL */
	const struct abl_order_setting *environment; /* with {placeholders} */
	const struct abl_order_setting *pass;
	size_t environment_count, pass_count;
	struct abl_hash_cache *cache; /* of images; may be NULL */
	const char *nvidia;           /* the driver's folder; NULL: /proc/driver/nvidia */
};

/* {"program", "python": {"version", "path", "packages": [...], "packages_hash"}, "image": {"name",
 * "hash"}, "gpus": [...], "driver", "variables": {...}, "summary", "hash"}; what there is not is
 * left out. `hash` is of what can change numbers, `summary` says it in a line. Starts the
 * interpreter, in what `setup` makes, and inside an image of apptainer's: for commands that execute
 * a study only. Once a run: it can take seconds, and never fails. Caller's reference. */
json_t *abl_environment_record(const struct abl_environment_spec *spec);

#endif
