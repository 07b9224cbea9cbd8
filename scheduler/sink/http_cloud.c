#include "http_cloud.h"

#include <stdio.h>
#include <string.h>

#include "placeholder.h"

enum { LANGUAGE_MAX = 64 };

/* pt-BR is pt_BR there. */
static const char *
language_code(const char *language, char out[LANGUAGE_MAX])
{
	snprintf(out, LANGUAGE_MAX, "%s", language);
	for (char *c = out; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	return out;
}

/* A name that stands earlier in the text has its parameter already. */
static bool
stands_before(const char *body, const struct placeholder *placeholder)
{
	struct placeholder found;

	for (const char *at = body; placeholder_next(at, &found) && found.from < placeholder->from; at = found.until)
		if (found.name_size == placeholder->name_size && memcmp(found.name, placeholder->name, found.name_size) == 0)
			return true;
	return false;
}

static json_t *
parameter(const struct placeholder *placeholder, const char *value, enum http_cloud_parameters parameters)
{
	if (parameters == HTTP_CLOUD_POSITIONAL)
		return json_pack("{s:s, s:s}", "type", "text", "text", value);
	return json_pack("{s:s, s:s#, s:s}", "type", "text", "parameter_name", placeholder->name, (int)placeholder->name_size, "text", value);
}

static json_t *
parameters_of(const char *body, const json_t *values, enum http_cloud_parameters parameters)
{
	json_t *list = json_array();
	struct placeholder found;

	for (const char *at = body; list != NULL && placeholder_next(at, &found); at = found.until) {
		const char *value = placeholder_value(&found, values);

		if (stands_before(body, &found))
			continue;
		if (value == NULL || json_array_append_new(list, parameter(&found, value, parameters)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* A template without parameters has no components. */
static json_t *
template_of(const struct message *message, json_t *list)
{
	char language[LANGUAGE_MAX];
	json_t *template =
		json_pack("{s:s, s:{s:s}}", "name", message->template, "language", "code", language_code(message->language, language));

	if (template != NULL && json_array_size(list) > 0 &&
		json_object_set_new(template, "components", json_pack("[{s:s, s:O}]", "type", "body", "parameters", list)) != 0) {
		json_decref(template);
		return NULL;
	}
	return template;
}

char *
http_cloud_body(const struct message *message, enum http_cloud_parameters parameters)
{
	json_t *const values = json_loads(message->variables, 0, NULL);
	json_t *const list = json_is_object(values) ? parameters_of(message->body, values, parameters) : NULL;
	json_t *const template = list != NULL ? template_of(message, list) : NULL;
	json_t *body = NULL;
	char *text = NULL;

	if (template != NULL)
		body = json_pack("{s:s, s:s, s:s, s:s, s:O, s:s}", "messaging_product", "whatsapp", "recipient_type", "individual", "to",
			message->phone, "type", "template", "template", template, "biz_opaque_callback_data", message->key);
	if (body != NULL)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	json_decref(template);
	json_decref(list);
	json_decref(values);
	return text;
}

static bool
read_error(const json_t *error, struct http_answer *out)
{
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *details = json_string_value(json_object_get(json_object_get(error, "error_data"), "details"));
	const json_int_t subcode = json_integer_value(json_object_get(error, "error_subcode"));
	char text[2 * HTTP_ANSWER_TEXT_MAX];

	out->code = http_answer_code(json_object_get(error, "code"));
	snprintf(text, sizeof text, "%s%s%s", message ? message : "", message && details ? ": " : "", details ? details : "");
	if (subcode != 0)
		snprintf(text + strlen(text), sizeof text - strlen(text), " (subcode %" JSON_INTEGER_FORMAT ")", subcode);
	http_answer_copy(out->text, sizeof out->text, text);
	return out->code != PROVIDER_NO_CODE;
}

bool
http_cloud_read(const char *body, size_t size, struct http_answer *out)
{
	json_t *const reply = json_loadb(body, size, 0, NULL);
	const json_t *error = json_object_get(reply, "error");
	const char *id = json_string_value(json_object_get(json_array_get(json_object_get(reply, "messages"), 0), "id"));
	bool understood = false;

	*out = (struct http_answer)HTTP_ANSWER_INIT;
	if (json_is_object(error)) {
		understood = read_error(error, out);
	} else if (id != NULL && id[0] != '\0') {
		http_answer_copy(out->id, sizeof out->id, id);
		understood = true;
	}
	json_decref(reply);
	return understood;
}
