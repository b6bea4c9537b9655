/* SPDX-License-Identifier: Apache-2.0 */
/* printed_number.h - a number as programs print it: "0.91", "-1e-3", "nan", "1,234", in quotes, in
 * "np.float64(0.91)" or "tensor(0.91, device='cuda:0')". */
#ifndef ABL_PRINTED_NUMBER_H
#define ABL_PRINTED_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_printed {
	double value;
	int digits; /* significant ones; 0: nothing was cut off (an integer, nan, 1/2, 3/4) */
};

/* Reads the number that stands at `text`. The bytes that it takes; 0: there is none. What follows
 * it is not looked at. */
size_t abl_printed_scan(struct abl_printed *out, const char *text, size_t length);
/* The same behind "name=": in quotes or in a call, and followed by what ends a word, or by a unit
 * ("91.2%", "3.5s"). "0:00:12", "1.2.3", "0,91" and "12ab34" are none. */
size_t abl_printed_value(struct abl_printed *out, const char *text, size_t length);
/* The whole text is the number, but for blanks and quotes around it; or it is true or false. */
bool abl_printed_whole(struct abl_printed *out, const char *text, size_t length);
/* As a step, rounded; false: it is no number, or too large. */
bool abl_printed_step(const struct abl_printed *p, int64_t *out);

#endif
