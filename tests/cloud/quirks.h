/* SPDX-License-Identifier: MIT */
/*
 * Where it is not known for sure what Azure does, the tester may choose: ways
 * to answer, by name, and the numbers of errors. All that there is to choose
 * among stands here, and in docs/protocol-cloud.md.
 */
#ifndef CLOUD_QUIRKS_H
#define CLOUD_QUIRKS_H

#include "reply.h"

/* Ways that are not the default. */
enum quirk {
	QUIRK_LOCATION,         /* "register" is answered with Location */
	QUIRK_NO_ETAG_HEADER,   /* no header ETag */
	QUIRK_BARE_CHALLENGE,   /* a TPM is told authenticationKey, no more */
	QUIRK_EXACT_NAME,       /* a common name must match in its case too */
	QUIRK_CHECKED_USAGE,    /* an extended key usage must allow clients */
	QUIRK_TOLD_AGAIN,       /* the same hub again has its own substatus */
	QUIRK_UNKNOWN_404,      /* the hub: unknown devices get 404 */
	QUIRK_MODULES_OF_EDGES, /* only edge devices manage their modules */
	QUIRK_ANY_CHAIN_DATES,  /* chains to a CA may have expired */
	QUIRK_ANY_PINNED_DATES, /* enrolled leaves may have expired */
	QUIRK_SHOWN_THUMBPRINT, /* the hub: that of the leaf shown, only */
	QUIRK_ONE_THUMBPRINT,   /* the hub: no second one for one leaf */
	QUIRK_KEPT_CREDENTIALS, /* the hub: those of the first registration */
	QUIRK_DELETED_STAYS, /* the hub: what was deleted is not made again */
	QUIRK_TWIN_OF_VERSION_1, /* a new twin with an initial twin */
	QUIRK_CSR_REFUSED,       /* "register" may have no csr */
	QUIRK_INFO_REFUSED,      /* a PUT needs the certificates themselves */
	QUIRK_ANY_POLICY,        /* a device may sign with any skn, or none */
	QUIRK_ANY_VERSION,       /* api-version is not looked at */
	QUIRK_WEBHOOK_X509,      /* told of a leaf as registrations have it */
	QUIRK_WEBHOOK_RESETS,    /* a webhook's twin resets who moves */
	QUIRK_WEBHOOK_NO_TWIN,   /* a webhook's null takes the twin away */
};

#define QUIRK_NUMBERS_MAX 16

struct quirk_number {
	int number;
	int instead;
};

/* All zero: the defaults. */
struct quirks {
	unsigned chosen; /* bit of each enum quirk */
	size_t number_count;
	struct quirk_number numbers[QUIRK_NUMBERS_MAX];
	unsigned tpm_attributes; /* of the keys that TPMs get; 0: the usual */
	unsigned tpm_key_bytes;  /* likewise */
};

/*
 * Adds a choice: "name=value", or "number=number" of errors of DPS. Fails with
 * ERROR_INVALID, and then changes nothing.
 */
MUST_CHECK enum error_code quirks_add(
    struct quirks *quirks, const char *text, struct error *err);

bool quirks_has(const struct quirks *quirks, enum quirk quirk);

/*
 * Makes the changes to reply that a finished reply can have: the numbers of
 * errors with their statuses, and its headers.
 */
void quirks_apply(const struct quirks *quirks, struct reply *reply);

#endif
