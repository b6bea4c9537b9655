/* SPDX-License-Identifier: Apache-2.0 */
/* real.h - the number type of the model: float, or double in the gradient-check build
 * (-DABL_DOUBLE). */
#ifndef ABL_REAL_H
#define ABL_REAL_H

#ifdef ABL_DOUBLE
typedef double real;
#define ABL_REAL_MAX 1.7976931348623157e308
#else
typedef float real;
#define ABL_REAL_MAX 3.4028234663852886e38f
#endif

#endif
