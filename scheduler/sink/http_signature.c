/* HMAC and base64 are OpenSSL's. */
#include "http_signature.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_PREFIX "whsec_"

enum { DIGEST_BYTES = 32 };

static enum status
fail_key(struct err *err)
{
	err_set(err, STATUS_INVALID, "the signing key is not \"" KEY_PREFIX "\" and base64 of %d to %d bytes", HTTP_SIGNATURE_KEY_MIN,
		HTTP_SIGNATURE_KEY_MAX);
	return err_hint(err, "Make one: echo \"" KEY_PREFIX "$(head -c 32 /dev/urandom | base64 -w 0)\"");
}

enum status
http_signature_key(const char *text, struct http_signature_key *out, struct err *err)
{
	const char *base64 = text + strlen(KEY_PREFIX);
	unsigned char decoded[HTTP_SIGNATURE_KEY_MAX + 8];
	size_t length, padding;
	int size;

	if (strncmp(text, KEY_PREFIX, strlen(KEY_PREFIX)) != 0)
		return fail_key(err);
	length = strlen(base64);
	if (length == 0 || length % 4 != 0 || length / 4 * 3 > sizeof decoded)
		return fail_key(err);
	size = EVP_DecodeBlock(decoded, (const unsigned char *)base64, (int)length);
	padding = length - strcspn(base64, "=");
	if (size < 0 || padding > 2 || (size_t)size - padding < HTTP_SIGNATURE_KEY_MIN || (size_t)size - padding > HTTP_SIGNATURE_KEY_MAX) {
		OPENSSL_cleanse(decoded, sizeof decoded);
		return fail_key(err);
	}
	out->size = (size_t)size - padding;
	memcpy(out->bytes, decoded, out->size);
	OPENSSL_cleanse(decoded, sizeof decoded);
	return STATUS_OK;
}

static bool
digest(EVP_MAC_CTX *context, const struct http_signature_key *key, const char *head, const char *body, size_t size,
	unsigned char out[DIGEST_BYTES])
{
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0), OSSL_PARAM_construct_end()};
	size_t written;

	return EVP_MAC_init(context, key->bytes, key->size, params) == 1 &&
		EVP_MAC_update(context, (const unsigned char *)head, strlen(head)) == 1 &&
		EVP_MAC_update(context, (const unsigned char *)body, size) == 1 && EVP_MAC_final(context, out, &written, DIGEST_BYTES) == 1 &&
		written == DIGEST_BYTES;
}

enum status
http_signature_make(const struct http_signature_key *key, const char *id, int64_t timestamp, const char *body, size_t size,
	char out[HTTP_SIGNATURE_TEXT_MAX])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	unsigned char bytes[DIGEST_BYTES];
	char *head = NULL;
	bool done = false;

	if (asprintf(&head, "%s.%" PRId64 ".", id, timestamp) < 0)
		head = NULL;
	if (context != NULL && head != NULL)
		done = digest(context, key, head, body, size, bytes);
	free(head);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	if (!done)
		return STATUS_INTERNAL;
	strcpy(out, "v1,");
	EVP_EncodeBlock((unsigned char *)out + 3, bytes, DIGEST_BYTES);
	return STATUS_OK;
}
