/* SPDX-License-Identifier: MIT */
/* Writing down what an object is to be. */
#ifndef KEYD_TEMPLATE_H
#define KEYD_TEMPLATE_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>

#include "store.h"

#define TEMPLATE_MAX 24
#define TEMPLATE_TAG_SIZE 20

/* Borrows what it is given. */
struct template
{
	CK_ULONG count;
	CK_ATTRIBUTE items[TEMPLATE_MAX];
};

void template_put(struct template *template, CK_ATTRIBUTE_TYPE type,
    const void *data, size_t length);
void template_put_flag(
    struct template *template, CK_ATTRIBUTE_TYPE type, bool flag);

/* A token object with label, and with tag if that has a length. */
void template_put_names(
    struct template *template, const char *label, const struct key_tag *tag);

/* Private, sensitive and not extractable. */
void template_put_guards(struct template *template);

/*
 * What a private half is for; lean leaves out what it is not for, which
 * tpm2-pkcs11 refuses to be told.
 */
void template_put_usage(struct template *template, unsigned usage, bool lean);

/* The counterpart for a public half. */
void template_put_public_usage(
    struct template *template, unsigned usage, bool lean);

/* True if rv may be about the template, so that another may do. */
bool template_is_refused(CK_RV rv);

#endif
