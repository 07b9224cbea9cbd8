/*
 * certificate - a self-signed certificate and its key as PEM texts, made anew for each test
 *
 *     struct certificate certificate = certificate_make("127.0.0.1", 0, 1);
 *     char *path = temp_write("ca.pem", certificate.pem);          // trusts itself
 *     certificate_free(&certificate);
 *
 * What cannot be made ends the test program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_CERTIFICATE_H
#define DAYPART_TESTS_SUPPORT_CERTIFICATE_H

struct certificate {
	char *pem, *key_pem;
};

/* For an address (127.0.0.1) or a name; valid from so many days from now until so many days from now. */
struct certificate certificate_make(const char *host, int from_days, int until_days);
void certificate_free(struct certificate *certificate);

#endif
