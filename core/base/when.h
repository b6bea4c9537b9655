/* SPDX-License-Identifier: Apache-2.0 */
/* when.h - a time of day, or a day and a time, as people write it. */
#ifndef ABL_WHEN_H
#define ABL_WHEN_H

#include "errors.h"

#include <time.h>

/* "07:00" is the next such time after `now`, "tomorrow 07:00" that of the day after,
 * "2026-11-30 07:00" that very one, local time; or "2026-11-30T07:00:00Z", "...+01:00". ABL_EINPUT
 * says what it may be. */
int abl_when(const char *text, time_t now, time_t *out, struct abl_err *err) ABL_MUST_USE;

/* "07:00", "tomorrow 07:00", or "Thu 3 Dec 07:00": as short as it is clear. */
const char *abl_when_text(time_t when, time_t now, char out[32]);

#endif
