/* SPDX-License-Identifier: Apache-2.0 */
/* nodes.h - how the stages of a plan stand, and what the state of one means for the others; for
 * supervisor.c. */
#ifndef ABL_NODES_H
#define ABL_NODES_H

#include "supervisor.h"

/* Reads the nodes of stages that the plan has got since; inputs come before their users in its
 * list. */
int abl_nodes_load(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
/* The stage can start, or never will: to be asked when it is new and when an input has ended. */
void abl_nodes_queue(struct abl_supervisor *s, size_t stage);
/* An evaluation that has ended, or never will begin, ends the trials that it serves. */
void abl_nodes_count(struct abl_supervisor *s, size_t stage);
/* Tells the stages that read this one how it ended, and by a failure all that hangs on it. */
void abl_nodes_tell(struct abl_supervisor *s, size_t stage);
/* Where trials may have changed by more than one stage. */
void abl_nodes_count_all(struct abl_supervisor *s);
/* Makes the choices of tuned values that can be made by now. */
int abl_nodes_choose(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;

/* The same of what it reads, where that is to be made again. */
void abl_nodes_queue_inputs(struct abl_supervisor *s, size_t stage);

#endif
