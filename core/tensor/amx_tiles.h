/* SPDX-License-Identifier: Apache-2.0 */
/* amx_tiles.h - the instructions on AMX's eight tiles, each of 16 rows of 64 bytes. With
 * -DABL_AMX_EMULATED they are plain C (tests/support/amx_emulated.h), so that what is made of them
 * can be tested on any CPU. */
#ifndef ABL_AMX_TILES_H
#define ABL_AMX_TILES_H

#include <stdint.h>

/* All eight, as the instruction reads it: palette 1, then each tile's bytes in a row, and its rows.
 * Static: some compilers think that only its first bytes are read. */
static const struct {
	uint8_t palette, start_row, unused[14];
	uint16_t row_bytes[16];
	uint8_t rows[16];
} all_tiles = {.palette = 1,
	       .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
	       .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

#ifdef ABL_AMX_EMULATED
#include "amx_emulated.h"
#else
#include <immintrin.h>

#define TILE_CONFIG(at) _tile_loadconfig(at)
#define TILE_RELEASE() _tile_release()
#define TILE_ZERO(tile) _tile_zero(tile)
#define TILE_LOAD(tile, at, stride) _tile_loadd(tile, at, stride)
#define TILE_STORE(tile, at, stride) _tile_stored(tile, at, stride)
#define TILE_MULTIPLY(sum, a, b) _tile_dpbf16ps(sum, a, b)
#endif

#endif
