/* SPDX-License-Identifier: Apache-2.0 */
/* native_config.h - values of the native space as a configuration; for core/ and for what builds
 * the native stages. */
#ifndef ABL_NATIVE_CONFIG_H
#define ABL_NATIVE_CONFIG_H

#include "config.h"

const struct abl_config *abl_native_config(const struct abl_values *v);
struct abl_config *abl_native_config_mut(struct abl_values *v);

#endif
