#include "http_cut.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int
on_made(void *userdata, curl_socket_t socket, curlsocktype purpose)
{
	const struct duration *patience = userdata;
	const unsigned ms = (unsigned)(patience->us / 1000);

	(void)purpose;
	return setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static int
close_socket(void *userdata, curl_socket_t socket)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	int unsent = 0;

	(void)userdata;
	if (ioctl(socket, SIOCOUTQ, &unsent) == 0 && unsent > 0)
		(void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	return close(socket);
}

bool
http_cut_set(CURL *easy, const struct duration *patience)
{
	return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_made) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, (void *)patience) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK;
}
