/* SPDX-License-Identifier: Apache-2.0 */
/* lock_record.h - who holds a store, as its lock file tells: one line of JSON. The host, its boot
 * and the process say who it is; the beat says that it lives, on a network file system where no
 * kernel does. No two hosts' clocks are compared: whoever wants to know watches whether the beat
 * changes. */
#ifndef ABL_LOCK_RECORD_H
#define ABL_LOCK_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#define ABL_LOCK_RECORD 512 /* bytes of one, always */
#define ABL_LOCK_BEAT 1.0   /* seconds from one to the next */

struct abl_lock_record {
	char token[17]; /* of this one holding */
	char host[65], boot[40];
	int64_t processes;    /* the name space that the process id is of; 0 = not known */
	int64_t pid, started; /* clock ticks since the boot; 0 = not known */
	int64_t beat;         /* counts on */
	int64_t snapshot;     /* the beat at which the last snapshot was made */
};

void abl_lock_record_own(struct abl_lock_record *r); /* this process's, with a new token */
void abl_lock_record_text(const struct abl_lock_record *r, char out[ABL_LOCK_RECORD + 1]);
/* False: there is none that can be read. */
bool abl_lock_record_read(const char *path, struct abl_lock_record *out);
/* "pid 12 on host 'node7'"; of this host without its name. */
const char *abl_lock_record_name(const struct abl_lock_record *r, char out[128]);

enum abl_life { ABL_LIFE_OVER, ABL_LIFE_ON, ABL_LIFE_UNKNOWN };
/* `locks`: the kernel would have told us of a lock that a process of it holds. */
enum abl_life abl_lock_record_life(const struct abl_lock_record *r, bool locks);
/* Whether the host is ours and was started again since: its processes are gone, unless another host
 * has the same name. */
bool abl_lock_record_rebooted(const struct abl_lock_record *r);

#endif
