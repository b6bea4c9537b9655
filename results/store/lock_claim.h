/* SPDX-License-Identifier: Apache-2.0 */
/* lock_claim.h - the lock of a store on a network file system, where the system's locks may be
 * missing ("cannot lock: no locks available") or known to one host alone (mounted with nolock): a
 * file that only one can make, lock.claim, by link() or O_EXCL, which its holder keeps for life,
 * with a beat in the file `lock`. Who finds the claim of a process that he cannot see watches the
 * beat; one that stands still for a while is taken over, by rename, and the holder, should it wake,
 * finds another's claim there before it writes. */
#ifndef ABL_LOCK_CLAIM_H
#define ABL_LOCK_CLAIM_H

#include "errors.h"
#include "lock_record.h"

struct abl_claim {
	const char *folder, *network; /* the store's, and what it is on */
	bool locks;                   /* whether the system's locks work there, on this host */
	void (*say)(const char *text);
};

/* `own` becomes the holder. ABL_EBUSY: another one is, who is named. */
int abl_claim_take(const struct abl_claim *c, const struct abl_lock_record *own,
		   struct abl_err *err) ABL_MUST_USE;
/* ABL_EFAIL: it is another's now. */
int abl_claim_check(const char *folder, const struct abl_lock_record *own,
		    struct abl_err *err) ABL_MUST_USE;
/* Whether it is ours at this moment: without the wait for one that somebody puts back. */
bool abl_claim_is_own(const char *folder, const struct abl_lock_record *own);
void abl_claim_give(const char *folder, const struct abl_lock_record *own);

/* For readers: whether somebody holds it, and who. Takes some seconds where the holder is on
 * another host and does not beat. */
bool abl_claim_is_held(const struct abl_claim *c, struct abl_lock_record *holder);

#endif
