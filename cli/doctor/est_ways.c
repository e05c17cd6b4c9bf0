/* SPDX-License-Identifier: MIT */
#include "est_ways.h"

#include <string.h>

bool
est_next(const struct doctor *doctor, size_t *place, struct est_way *ret_way)
{
	const struct effective_issuance *issuance =
	    &doctor->config.certd.cert_issuance;
	const struct effective_issued *certs = issuance->certs.items;

	for (; *place <= issuance->certs.count; (*place)++) {
		struct est_way way = {NULL, issuance->est};

		if (*place > 0) {
			const struct effective_issued *cert =
			    &certs[*place - 1];

			if (!cert->method || strcmp(cert->method, "est") != 0)
				continue;
			way.id = cert->id;
			way.est = certd_est_merge(&issuance->est, &cert->est);
		}
		if (way.est.url) {
			(*place)++;
			*ret_way = way;
			return true;
		}
	}
	return false;
}
