/* SPDX-License-Identifier: MIT */
/*
 * An enrollment as the fields of the portal's form, and back. What is valid the
 * service decides, when it is given the record: enrollment_write().
 *
 *	id, deviceId, enabled, iotEdge, allocationPolicy, webhookUrl,
 *	webhookApiVersion, reprovisionPolicy, initialTwin, hub:NAME of each hub,
 *	staticHub	the hub that the policy static takes; empty: the first
 *	type	x509, ca, symmetricKey or tpm
 *	primary, secondary		files, if type is x509
 *	withoutSecondary		the secondary one is to be taken away
 *	primaryCa, secondaryCa		names of verified CAs
 *	primaryKey, secondaryKey	base64; empty: kept, or made
 *	endorsementKey, storageRootKey	base64
 */
#ifndef CLOUD_ENROLLMENT_VALUES_H
#define CLOUD_ENROLLMENT_VALUES_H

#include "enrollment.h"
#include "portal_field.h"

#define HUB_FIELD "hub:"

/* Those of a new enrollment, by certificate; NULL: no memory. */
json_t *enrollment_values_new(void);

/* Those of a record; NULL: no memory. */
json_t *enrollment_values_of(const json_t *record);

/*
 * Writes values, and the files that came with them, into record, which is what
 * is stored, or an empty object. If they cannot be written, problem is set, and
 * record is to be thrown away. Fails with ERROR_INTERNAL: no memory.
 */
MUST_CHECK enum error_code enrollment_values_apply(enum enrollment_kind kind,
    const json_t *values, const struct form *form, json_t *record,
    struct problem *problem, struct error *err);

/* Where the members of a record stand on the form. */
extern const struct field_of_member enrollment_fields[];

#endif
