/* SPDX-License-Identifier: Apache-2.0 */
/* onednn.c - oneDNN's engine and streams, and how its matrices are described. */
#include "onednn.h"

#include "str.h"
#include "thread_end.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(x) #x
#define LIBRARY(major) "libdnnl.so." TEXT(major)

struct onednn_calls onednn;
dnnl_engine_t onednn_engine;

static const struct {
	const char *name;
	size_t at;
} calls[] = {
#define CALL(name) {"dnnl_" #name, offsetof(struct onednn_calls, name)},
#include "onednn_calls.def"
#undef CALL
};

static bool loaded;

static void load(void)
{
	void *library = dlopen(LIBRARY(DNNL_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < sizeof calls / sizeof *calls; i++) {
		void *call = dlsym(library, calls[i].name);

		if (!call)
			return;
		memcpy((char *)&onednn + calls[i].at, &call, sizeof call);
	}
	loaded = library != NULL;
}

bool onednn_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded;
}

void onednn_must(dnnl_status_t status, const char *what)
{
	if (status == dnnl_success)
		return;
	if (status == dnnl_out_of_memory)
		abl_there(NULL, what);
	fprintf(stderr, "ablate: oneDNN cannot %s (status %d)\n", what, (int)status);
	abort();
}

static void start_once(void)
{
	onednn_must(onednn.engine_create(&onednn_engine, dnnl_cpu, 0), "start");
}

void onednn_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_once);
}

static _Thread_local dnnl_stream_t stream;

static void drop_stream(void)
{
	onednn.stream_destroy(stream);
	stream = NULL;
}

dnnl_stream_t onednn_stream(void)
{
	static _Thread_local struct abl_thread_end end = {.drop = drop_stream};

	if (!stream)
		onednn_must(onednn.stream_create(&stream, onednn_engine, dnnl_stream_default_flags),
			    "start");
	abl_thread_end(&end);
	return stream;
}

dnnl_memory_desc_t onednn_matrix(size_t rows, size_t cols, size_t width, bool transposed,
				 dnnl_data_type_t type)
{
	dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)cols};
	dnnl_dims_t plain = {(dnnl_dim_t)width, 1}, turned = {1, (dnnl_dim_t)width};
	dnnl_memory_desc_t d;

	onednn_must(
		onednn.memory_desc_init_by_strides(&d, 2, dims, type, transposed ? turned : plain),
		"describe a matrix");
	return d;
}

dnnl_memory_t onednn_memory(const dnnl_memory_desc_t *d, void *at)
{
	dnnl_memory_t m;

	onednn_must(onednn.memory_create(&m, d, onednn_engine, at), "describe memory");
	return m;
}

dnnl_memory_desc_t onednn_kept_order(size_t k, size_t n)
{
	dnnl_memory_desc_t a = onednn_matrix(ONEDNN_UNIT, k, k, false, dnnl_bf16), b,
			   c = onednn_matrix(ONEDNN_UNIT, n, n, false, dnnl_f32);
	dnnl_dims_t dims = {(dnnl_dim_t)k, (dnnl_dim_t)n};
	dnnl_primitive_desc_t description;
	dnnl_matmul_desc_t product;

	onednn_must(onednn.memory_desc_init_by_tag(&b, 2, dims, dnnl_bf16, dnnl_format_tag_any),
		    "describe weights");
	onednn_must(onednn.matmul_desc_init(&product, &a, &b, NULL, &c), "describe a product");
	onednn_must(onednn.primitive_desc_create(&description, &product, NULL, onednn_engine, NULL),
		    "find a product");
	b = *onednn.primitive_desc_query_md(description, dnnl_query_weights_md, 0);
	onednn.primitive_desc_destroy(description);
	return b;
}
