/* SPDX-License-Identifier: Apache-2.0 */
#include "environment_record.h"

#include "ask_program.h"
#include "files.h"
#include "path_glob.h"
#include "python_record.h"
#include "secret_name.h"
#include "utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern char **environ;

enum { MOST_VALUE = 1000, MOST_GPUS = 64 };

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- variables ---- */

/* "https://name:word@host" */
static bool has_password(const char *value)
{
	const char *p = strstr(value, "://");

	return p && memchr(p, '@', strlen(p));
}

/* A secret is there by its name only. */
static void put_variable(struct abl_json *j, json_t *list, const char *name, const char *value)
{
	struct abl_str shown = {0}, text = {0};

	abl_utf8_visible(&shown, name, strlen(name));
	if (abl_is_secret_name(name) || has_password(value)) {
		abl_json_put(j, list, shown.text, json_null());
	} else {
		abl_utf8_visible(&text, value, strnlen(value, MOST_VALUE));
		abl_json_text(j, list, shown.text, text.text);
	}
	abl_str_finish(&shown);
	abl_str_finish(&text);
}

/* Variables of the environment that libraries of training read; the study's own come last. */
static void put_variables(struct abl_json *j, const struct abl_environment_spec *spec)
{
	static const char *const begins[] = {
		"CUDA_",
		"CUBLAS_",
		"NCCL_",
		"NVIDIA_",
		"TORCH",
		"PYTORCH_",
		"OMP_",
		"MKL_",
		"PYTHON",
		"TOKENIZERS",
		"XLA_",
		"JAX_",
		"HF_",
		"CONDA_",
		"SLURM_",
		"VIRTUAL_ENV",
		"LD_LIBRARY_PATH",
		"TF_DETERMINISTIC",
		"TF_CUDNN",
		"TF_FORCE",
		"TF_ENABLE",
	};
	json_t *list = abl_json_object(j, j->root, "variables");

	for (size_t i = 0; environ[i]; i++) {
		const char *equals = strchr(environ[i], '=');
		char *name = equals ? strndup(environ[i], (size_t)(equals - environ[i])) : NULL;

		for (size_t k = 0; name && k < COUNT(begins); k++)
			if (!strncmp(name, begins[k], strlen(begins[k]))) {
				put_variable(j, list, name, equals + 1);
				break;
			}
		free(name);
	}
	for (size_t i = 0; i < spec->environment_count; i++)
		put_variable(j, list, spec->environment[i].name, spec->environment[i].value);
	for (size_t i = 0; i < spec->pass_count; i++)
		put_variable(j, list, spec->pass[i].name, spec->pass[i].value);
}

/* ---- image ---- */

static bool is_called(const char *word, const char *names)
{
	const char *slash = strrchr(word, '/');

	return abl_is_one_of(names, slash ? slash + 1 : word);
}

/* "sha256:..." of an image that the docker of this machine has. */
static void put_docker_id(struct abl_json *j, json_t *image, const char *docker, const char *name,
			  const char *directory, struct abl_str *summary)
{
	const char *path = getenv("PATH");
	char *program = abl_find_program(docker, path ? path : "/usr/bin:/bin", directory);
	const char *const argv[] = {program,   "image", "inspect", "--format",
				    "{{.Id}}", "--",    name,      NULL};
	const struct abl_ask a = {
		.argv = argv,
		.directory = directory,
		.seconds = 5,
		.limit = 200,
	};
	struct abl_str id = {0};

	if (program && !abl_ask_program(&a, &id, NULL) && id.length &&
	    abl_utf8_bad(id.text, id.length) < 0) {
		id.text[strcspn(id.text, "\n")] = '\0';
		abl_json_text(j, image, "hash", id.text);
		abl_str_printf(summary, "%simage %.15s", summary->length ? ", " : "", id.text);
	}
	abl_str_finish(&id);
	free(program);
}

/* The last word of `wrap`, which the command comes after. */
static void put_image(struct abl_json *j, const struct abl_environment_spec *spec,
		      struct abl_str *summary)
{
	const char *const *wrap = spec->wrap;
	struct abl_content content;
	struct abl_str shown = {0};
	json_t *image;
	size_t n = 0;
	char *path;

	while (wrap && wrap[n])
		n++;
	if (n < 3 || !is_called(wrap[0], "apptainer|singularity|docker|podman|nerdctl"))
		return;
	image = abl_json_object(j, j->root, "image");
	abl_utf8_visible(&shown, wrap[n - 1], strlen(wrap[n - 1]));
	abl_json_text(j, image, "name", shown.text);
	abl_str_finish(&shown);
	path = abl_path_join(spec->directory, wrap[n - 1]);
	if (!abl_is_regular(path)) {
		if (is_called(wrap[0], "docker|podman|nerdctl"))
			put_docker_id(j, image, wrap[0], wrap[n - 1], spec->directory, summary);
	} else if (!abl_hash_cache_file(spec->cache, path, &content, NULL)) {
		abl_json_text(j, image, "hash", content.hash);
		abl_str_printf(summary, "%simage %.8s", summary->length ? ", " : "", content.hash);
	}
	free(path);
}

/* ---- GPUs ---- */

/* The first word that is a version: "535.104.05". */
static void put_driver(struct abl_json *j, char *text, struct abl_str *summary)
{
	char *rest = NULL, *word = strtok_r(text, " \t\n", &rest);

	while (word && (!isdigit((unsigned char)*word) || !strchr(word, '.') ||
			word[strspn(word, "0123456789.")]))
		word = strtok_r(NULL, " \t\n", &rest);
	if (!word)
		return;
	abl_json_text(j, j->root, "driver", word);
	abl_str_printf(summary, ", driver %s", word);
}

struct models {
	struct abl_str of[MOST_GPUS]; /* each once */
	size_t count;
};

static void add_model(struct abl_json *j, json_t *list, struct models *m, const char *text)
{
	struct abl_str name = {0};
	size_t k = 0;

	abl_utf8_visible(&name, text, strcspn(text, "\n"));
	abl_json_add(j, list, json_string(name.text));
	while (k < m->count && strcmp(m->of[k].text, name.text) != 0)
		k++;
	if (k == m->count && m->count < MOST_GPUS)
		m->of[m->count++] = name;
	else
		abl_str_finish(&name);
}

/* "Model:   NVIDIA H200" in a file of each card. */
static void put_gpus(struct abl_json *j, const char *nvidia, struct abl_str *summary)
{
	char *folder = abl_path_join(nvidia, "gpus");
	struct abl_paths files = {0};
	struct models models = {.count = 0};
	json_t *list = NULL;

	if (abl_glob(&files, folder, "*/information", MOST_GPUS, NULL))
		files.count = files.count < MOST_GPUS ? files.count : MOST_GPUS;
	for (size_t i = 0; i < files.count; i++) {
		char *path = abl_path_join(folder, files.path[i]);
		struct abl_str text = {0};
		const char *model = NULL;

		if (!abl_file_read(path, &text, 10000, NULL))
			model = strstr(text.text, "Model:");
		if (model && !list)
			list = abl_json_array(j, j->root, "gpus");
		if (model)
			add_model(j, list, &models, model + 6 + strspn(model + 6, " \t"));
		abl_str_finish(&text);
		free(path);
	}
	for (size_t i = 0; i < models.count; i++) {
		abl_str_printf(summary, "%s%s", summary->length ? ", " : "", models.of[i].text);
		abl_str_finish(&models.of[i]);
	}
	abl_paths_finish(&files);
	free(folder);
}

static void put_devices(struct abl_json *j, const struct abl_environment_spec *spec,
			struct abl_str *summary)
{
	const char *nvidia = spec->nvidia ? spec->nvidia : "/proc/driver/nvidia";
	char *version = abl_path_join(nvidia, "version");
	struct abl_str text = {0};

	put_gpus(j, nvidia, summary);
	if (abl_is_regular(version) && !abl_file_read(version, &text, 10000, NULL))
		put_driver(j, text.text, summary);
	abl_str_finish(&text);
	free(version);
}

/* ---- all ---- */

json_t *abl_environment_record(const struct abl_environment_spec *spec)
{
	const char *const *wrap = spec->wrap;
	const bool wrapped = wrap && *wrap;
	const bool in_image = wrapped && is_called(*wrap, "apptainer|singularity");
	struct abl_str summary = {0}, shown = {0};
	char *program = wrapped ? NULL : abl_first_program(spec), hash[ABL_HASH_TEXT];
	struct abl_json j;

	abl_str_puts(&summary, "");
	abl_json_begin(&j);
	if (program) {
		abl_utf8_visible(&shown, program, strlen(program));
		abl_json_text(&j, j.root, "program", shown.text);
	}
	abl_python_record(&j, spec, in_image, &summary);
	put_image(&j, spec, &summary);
	put_devices(&j, spec, &summary);
	put_variables(&j, spec);
	abl_json_text(&j, j.root, "summary", summary.text);
	abl_json_text(&j, j.root, "hash", abl_hash_bytes(summary.text, summary.length, hash));
	abl_str_finish(&summary);
	abl_str_finish(&shown);
	free(program);
	return abl_json_take(&j);
}
