/* SPDX-License-Identifier: Apache-2.0 */
/* order_fixture.h - an order with nothing in it but what one needs, for the tests of
 * experiments/program. */
#ifndef ABL_ORDER_FIXTURE_H
#define ABL_ORDER_FIXTURE_H

#include "order.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_WORDS (no_words)

#define AN_INT(x)                         \
	{                                 \
		.type = ABL_INT, .i = (x) \
	}
#define A_REAL(x)                          \
	{                                  \
		.type = ABL_REAL, .r = (x) \
	}
#define A_TRUTH(x)                         \
	{                                  \
		.type = ABL_BOOL, .i = (x) \
	}
#define A_NAME(x)                                 \
	{                                         \
		.type = ABL_CHOICE, .choice = (x) \
	}
#define A_TEXT(x)                               \
	{                                       \
		.type = ABL_TEXT, .choice = (x) \
	}

static const char *const no_words[] = {NULL};

static inline struct abl_order plain_order(const char *const *command)
{
	return (struct abl_order){.study = "what-matters",
				  .variant = "baseline",
				  .step = "train",
				  .command = command,
				  .setup = NO_WORDS,
				  .wrap = NO_WORDS,
				  .task_flags = NO_WORDS,
				  .directory = "/",
				  .home = "/u/me/study",
				  .flags = "argparse",
				  .out = "/store/out",
				  .resume_flags = NO_WORDS,
				  .stop_signal = 15,
				  .stop_grace = 10,
				  .cards = NO_WORDS,
				  .keep = NO_WORDS,
				  .threads = 1};
}

#endif
