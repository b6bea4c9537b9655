/* SPDX-License-Identifier: Apache-2.0 */
/* core_sharing.h - how the machine's cores are shared among a plan's stages. */
#ifndef ABL_CORE_SHARING_H
#define ABL_CORE_SHARING_H

#include "plan.h"

/* Small models want one thread and as many trials as cores; cores that are left over become
 * threads. `asked` workers go before the study's limits; 0 = not asked: then no more than the
 * memory there is holds. */
void abl_core_sharing(const struct abl_plan *plan, int64_t asked, int *workers, int *threads);

#endif
