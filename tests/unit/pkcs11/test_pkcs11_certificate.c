/* SPDX-License-Identifier: MIT */
/* Certificates beside keys: how they come, are replaced, and go. */
#include "cmocka_wrap.h"

#include <string.h>

#include "fake_remote.h"
#include "pkcs11_calls.h"

static int
setup(void **state)
{
	(void)state;
	fake_remote_reset();
	fake_remote_add_ec("web", "P-256", 1);
	fake_remote_add_certificate("web-cert", "web", 'A');
	fake_remote_add_certificate("foreign", "not-ours", 'B');
	return 0;
}

static CK_ULONG
count_of(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
    CK_OBJECT_HANDLE *ret_object)
{
	CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof(class)};

	return token_search(session, &template, 1, ret_object, 1);
}

static void
shows_certificates_whose_keys_are_shown(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE found[8];
	CK_OBJECT_HANDLE certificate = 0;

	(void)state;
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &certificate), 1);
	/* Two halves and a certificate. */
	assert_int_equal(token_search(session, NULL, 0, found, 8), 3);
	fake_remote_remove_keys();
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &certificate), 0);
	token_close();
}

static void
assert_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, const void *expected, CK_ULONG length)
{
	unsigned char value[64];
	CK_ATTRIBUTE attribute = {type, value, sizeof(value)};

	assert_int_equal(
	    token()->C_GetAttributeValue(session, object, &attribute, 1),
	    CKR_OK);
	assert_int_equal(attribute.ulValueLen, length);
	assert_memory_equal(value, expected, length);
}

static void
tells_what_pkcs11_wants_of_a_certificate(void **state)
{
	static const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	static const CK_CERTIFICATE_TYPE type = CKC_X_509;
	static const CK_ULONG category = 1;
	static const CK_BBOOL no = CK_FALSE;
	CK_SESSION_HANDLE session = token_open();
	CK_ATTRIBUTE key_type = {CKA_KEY_TYPE, NULL, 0};
	CK_OBJECT_HANDLE object = 0;

	(void)state;
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &object), 1);
	assert_attribute(session, object, CKA_CLASS, &class, sizeof(class));
	assert_attribute(
	    session, object, CKA_CERTIFICATE_TYPE, &type, sizeof(type));
	assert_attribute(session, object, CKA_CERTIFICATE_CATEGORY, &category,
	    sizeof(category));
	assert_attribute(session, object, CKA_PRIVATE, &no, 1);
	assert_attribute(session, object, CKA_TRUSTED, &no, 1);
	assert_attribute(session, object, CKA_LABEL, "web-cert", 8);
	assert_attribute(session, object, CKA_ID, "web", 3);
	assert_attribute(session, object, CKA_SUBJECT, "sub", 3);
	assert_attribute(session, object, CKA_ISSUER, "iss", 3);
	assert_attribute(session, object, CKA_SERIAL_NUMBER, "\2\1\1", 3);
	assert_attribute(session, object, CKA_VALUE, "\0\0\0", 3);
	assert_int_equal(
	    token()->C_GetAttributeValue(session, object, &key_type, 1),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	token_close();
}

static void
shows_a_new_certificate_at_once_under_a_new_handle(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE before = 0, same = 0, after = 0;
	CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};

	(void)state;
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &before), 1);
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &same), 1);
	assert_int_equal(before, same);
	fake_remote_stop_certd();
	fake_remote_add_certificate("web-cert", "web", 'C');
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &after), 1);
	assert_int_not_equal(before, after);
	assert_int_equal(
	    token()->C_GetAttributeValue(session, before, &label, 1),
	    CKR_OBJECT_HANDLE_INVALID);
	token_close();
}

static void
hides_certificates_and_never_keys_while_certd_is_gone(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE found[8];
	CK_OBJECT_HANDLE object = 0;

	(void)state;
	fake_remote_stop_certd();
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &object), 0);
	assert_int_equal(count_of(session, CKO_PRIVATE_KEY, &object), 1);
	assert_int_equal(token_search(session, NULL, 0, found, 8), 2);
	token_close();
}

static void
finds_no_certificates_while_keyd_is_gone(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE object = 0;

	(void)state;
	fake_remote_fail(ERROR_UNAVAILABLE);
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &object), 0);
	token_close();
}

static void
lets_nobody_use_or_destroy_a_certificate(void **state)
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE object = 0;

	(void)state;
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &object), 1);
	assert_int_equal(
	    token()->C_DestroyObject(session, object), CKR_ACTION_PROHIBITED);
	assert_int_equal(token()->C_SignInit(session, &mechanism, object),
	    CKR_KEY_HANDLE_INVALID);
	token_close();
}

/* By which programs find one from the other. */
static void
gives_a_certificate_the_id_of_its_key(void **state)
{
	CK_SESSION_HANDLE session = token_open();
	CK_OBJECT_HANDLE certificate = 0, key = 0;
	unsigned char id[] = {0, 1};
	CK_ATTRIBUTE by_id = {CKA_ID, id, sizeof(id)};

	(void)state;
	fake_remote_set_cka_id("AAE=");
	assert_int_equal(count_of(session, CKO_CERTIFICATE, &certificate), 1);
	assert_int_equal(count_of(session, CKO_PRIVATE_KEY, &key), 1);
	assert_attribute(session, certificate, CKA_ID, id, sizeof(id));
	assert_attribute(session, key, CKA_ID, id, sizeof(id));
	assert_attribute(session, key, CKA_LABEL, "web", 3);
	/* Two halves and the certificate. */
	assert_int_equal(token_search(session, &by_id, 1, NULL, 0), 3);
	token_close();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		shows_certificates_whose_keys_are_shown, setup),
	    cmocka_unit_test_setup(
		tells_what_pkcs11_wants_of_a_certificate, setup),
	    cmocka_unit_test_setup(
		shows_a_new_certificate_at_once_under_a_new_handle, setup),
	    cmocka_unit_test_setup(
		hides_certificates_and_never_keys_while_certd_is_gone, setup),
	    cmocka_unit_test_setup(
		finds_no_certificates_while_keyd_is_gone, setup),
	    cmocka_unit_test_setup(
		gives_a_certificate_the_id_of_its_key, setup),
	    cmocka_unit_test_setup(
		lets_nobody_use_or_destroy_a_certificate, setup),
	};

	return cmocka_run_group_tests_name(
	    "pkcs11 certificate", tests, NULL, NULL);
}
