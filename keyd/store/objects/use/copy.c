/* SPDX-License-Identifier: MIT */
#include "copy.h"

/* False if the copy gives away more than the key it was made of. */
static bool
is_as_safe(struct token_lease *lease, CK_OBJECT_HANDLE copy)
{
	CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE,
		 on_token = CK_TRUE;
	CK_ATTRIBUTE flags[] = {
	    {CKA_SENSITIVE,   &sensitive,   sizeof(sensitive)  },
	    {CKA_EXTRACTABLE, &extractable, sizeof(extractable)},
	    {CKA_TOKEN,       &on_token,    sizeof(on_token)   },
	};

	if (lease->functions->C_GetAttributeValue(
		lease->session, copy, flags, 3) != CKR_OK)
		return false;
	return sensitive && !extractable && !on_token;
}

/*
 * SoftHSM locks and reads the token's files for each use of a token object. A
 * copy in the session does without, and signs 1.4 times as fast.
 */
static bool
is_worth_it(const struct token_lease *lease, enum key_copies copies)
{
	if (copies != KEY_COPIES_AUTO)
		return copies == KEY_COPIES_YES;
	return module_is_softhsm(token_slot(lease->token)->module);
}

CK_OBJECT_HANDLE
copy_of(struct token_lease *lease, enum key_copies copies,
    CK_OBJECT_HANDLE object, const struct key_facts *facts)
{
	CK_BBOOL no = CK_FALSE;
	CK_ATTRIBUTE session_only = {CKA_TOKEN, &no, sizeof(no)};
	CK_OBJECT_HANDLE copy;

	/* A copy is found again, to be destroyed, by its CKA_ID. */
	if (!is_worth_it(lease, copies) || !facts->sensitive ||
	    facts->extractable || facts->tag.length == 0)
		return object;
	if (lease->functions->C_CopyObject(
		lease->session, object, &session_only, 1, &copy) != CKR_OK)
		return object;
	if (is_as_safe(lease, copy))
		return copy;
	(void)lease->functions->C_DestroyObject(lease->session, copy);
	return object;
}
