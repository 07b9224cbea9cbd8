#include "certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "temp.h"

enum { DAY_S = 24 * 60 * 60 };

static void
expect(int done, const char *what)
{
	if (done <= 0)
		support_fail("certificate: %s", what);
}

static char *
text_of(BIO *bio)
{
	char *bytes, *text;
	const long size = BIO_get_mem_data(bio, &bytes);

	text = strndup(bytes, (size_t)size);
	BIO_free(bio);
	return text;
}

static void
add_host(X509 *certificate, const char *host)
{
	char value[128];
	X509_EXTENSION *extension;

	snprintf(value, sizeof value, "%s:%s", host[strspn(host, "0123456789.")] == '\0' ? "IP" : "DNS", host);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	expect(extension != NULL && X509_add_ext(certificate, extension, -1), "alternative name");
	X509_EXTENSION_free(extension);
}

struct certificate
certificate_make(const char *host, int from_days, int until_days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	BIO *pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());

	expect(key != NULL && certificate != NULL && pem != NULL && key_pem != NULL, "out of memory");
	expect(X509_set_version(certificate, X509_VERSION_3), "version");
	expect(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), "serial number");
	expect(X509_gmtime_adj(X509_getm_notBefore(certificate), (long)from_days * DAY_S - 60) != NULL, "beginning");
	expect(X509_gmtime_adj(X509_getm_notAfter(certificate), (long)until_days * DAY_S) != NULL, "end");
	expect(
		X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0), "name");
	expect(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), "issuer");
	add_host(certificate, host);
	expect(X509_set_pubkey(certificate, key), "key");
	expect(X509_sign(certificate, key, EVP_sha256()), "signature");
	expect(PEM_write_bio_X509(pem, certificate), "PEM");
	expect(PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL), "PEM of the key");
	X509_free(certificate);
	EVP_PKEY_free(key);
	return (struct certificate){.pem = text_of(pem), .key_pem = text_of(key_pem)};
}

void
certificate_free(struct certificate *certificate)
{
	free(certificate->pem);
	free(certificate->key_pem);
	*certificate = (struct certificate){0};
}
