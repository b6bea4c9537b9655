/* SPDX-License-Identifier: Apache-2.0 */
/* native_space.h - the option space of the native engine: every slot, every hyperparameter, every
 * option of every component. What its configurations are: native_config.h. */
#ifndef ABL_NATIVE_SPACE_H
#define ABL_NATIVE_SPACE_H

#include "space.h"

const struct abl_space *abl_native_space(void);

#endif
