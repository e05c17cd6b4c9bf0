/* SPDX-License-Identifier: MIT */
#include "percent.h"

#include <openssl/crypto.h>

bool
percent_decode(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		int high, low;

		if (*in != '%') {
			*out++ = *in;
			continue;
		}
		high = OPENSSL_hexchar2int((unsigned char)in[1]);
		low = high < 0 ? -1 : OPENSSL_hexchar2int((unsigned char)in[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		*out++ = (char)(high * 16 + low);
		in += 2;
	}
	*out = '\0';
	return true;
}
