/* SPDX-License-Identifier: Apache-2.0 */
/* left_attempts.h - attempts that workers were given by a program that has died since: they may go
 * on, and nobody else begins their stages for the time of a lease; for supervisor.c. Whoever comes
 * back meanwhile keeps what it runs; what is sealed by then is taken; the rest waits again. */
#ifndef ABL_LEFT_ATTEMPTS_H
#define ABL_LEFT_ATTEMPTS_H

#include "left_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_supervisor;

/* A worker runs the attempt. True: it is current, that of *stage, and waited for no more. */
bool abl_left_take(struct abl_supervisor *s, const char *key, int64_t attempt, size_t *stage);
/* A worker has sealed it: it is looked for, for two minutes. */
void abl_left_sealed(struct abl_supervisor *s, const char *key, int64_t attempt);
/* Several times a second: takes what is sealed, gives up what nobody has come back with. */
void abl_left_look(struct abl_supervisor *s);

#endif
