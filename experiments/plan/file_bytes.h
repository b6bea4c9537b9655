/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ABL_FILE_BYTES_H
#define ABL_FILE_BYTES_H

/* Unpacked size of a file, or of the built-in "world"; roughly where it is packed; 0 if there is
 * none. */
double abl_file_bytes(const char *path);

#endif
