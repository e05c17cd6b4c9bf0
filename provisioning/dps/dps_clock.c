/* SPDX-License-Identifier: MIT */
#include "dps_clock.h"

#include "common/time.h"

/* How close to its end a signature may have been when DPS saw it. */
#define MARGIN_SECONDS 300

static enum error_code
check_signature(int64_t date, struct error *err)
{
	int64_t now = time_now();

	if (date <= now + PROOF_SIGNATURE_SECONDS - MARGIN_SECONDS)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "the clock of this device says %s, that of DPS %s: no signature "
	    "can be used until it is set",
	    time_format(now).text, time_format(date).text);
}

static enum error_code
check_certificate(
    const X509 *certificate, const char *whose, int64_t date, struct error *err)
{
	bool is_early;
	int64_t from, until;
	struct error ignored;

	/* Then that is for DPS to say. */
	if (time_from_asn1(X509_get0_notBefore(certificate), &from, &ignored) ||
	    time_from_asn1(X509_get0_notAfter(certificate), &until, &ignored))
		return ERROR_NONE;
	is_early = date < from;
	if (!is_early && date <= until)
		return ERROR_NONE;
	return error_set(err, ERROR_UNAVAILABLE,
	    "the clock of this device says %s, that of DPS %s: by that the "
	    "%s certificate %s %s",
	    time_format(time_now()).text, time_format(date).text, whose,
	    is_early ? "is valid only from" : "expired at",
	    time_format(is_early ? from : until).text);
}

enum error_code
dps_clock_check(const struct proof *proof, int64_t date, struct error *err)
{
	int count = proof->chain ? sk_X509_num(proof->chain) : 0;

	if (date == 0)
		return ERROR_NONE;
	if (proof->sign && check_signature(date, err))
		return err->code;
	for (int i = 0; i < count; i++)
		if (check_certificate(sk_X509_value(proof->chain, i),
			i == 0 ? "device's" : "issuer's", date, err))
			return err->code;
	return ERROR_NONE;
}
