/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor.h"

/* What fails in the hooks of the event loop ends the run at the next tick, unless it is worth
 * waiting for. */
bool abl_supervisor_failed(struct abl_supervisor *s, int rc, const struct abl_err *err)
{
	if (!rc)
		return false;
	if (rc == ABL_EIO && abl_room_disk_is_full(s))
		rc = ABL_EFULL;
	if (abl_patience_is_for(rc)) {
		abl_patience_begin(&s->patience, rc, err->text);
	} else if (!s->rc) {
		s->rc = rc;
		abl_err_set(s->err, (enum abl_code)rc, "%s", err->text);
	}
	return true;
}
