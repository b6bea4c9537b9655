/* SPDX-License-Identifier: Apache-2.0 */
/* power_vfs.h - power cuts under SQLite, after its test6.c: what was written to a file since it was
 * synced last may be there after a cut, or not, or in parts, sector by sector. */
#ifndef POWER_VFS_H
#define POWER_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum power_loss { POWER_KILL /* nothing is lost */, POWER_CUT };

void power_init(void); /* every database opened from now on */
/* The power goes at the n-th write, sync, truncation or removal from now on; 0 = never. */
void power_plan(int64_t n);
/* There is no room for backups. */
void power_fill(bool on);
bool power_is_off(void);
int64_t power_operations(void); /* since power_plan() */
/* After everything was closed: makes the files what the cut has left, as `seed` draws it, and gives
 * the power back. */
void power_return(enum power_loss loss, uint64_t seed);

#endif
