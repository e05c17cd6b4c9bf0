/* SPDX-License-Identifier: MIT */
/* Where keys are: what is understood, and what is refused with which words. */
#include "cmocka_wrap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/uri.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct uri *
parsed(const char *text)
{
	struct uri *uri = NULL;
	struct error err = {0};

	if (uri_parse(text, &uri, &err))
		fail_msg("%s: %s", text, err.message);
	return uri;
}

static void
reads_the_forms_of_a_file_uri(void **state)
{
	static const struct {
		const char *text;
		const char *path;
		const char *public_text;
	} cases[] = {
	    {"file:/etc/a",            "/etc/a",    "file:///etc/a"      },
	    {"file:///etc/a",          "/etc/a",    "file:///etc/a"      },
	    {"FILE:///etc/a",          "/etc/a",    "file:///etc/a"      },
	    {"file://localhost/etc/a", "/etc/a",    "file:///etc/a"      },
	    {"file:///a%20b%3F%23",    "/a b?#",    "file:///a%20b%3F%23"},
	    {"file:///%c3%A4",         "/\xc3\xa4", "file:///%c3%A4"     },
	    {"file:////a",             "//a",       "file:////a"         },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		CLEANUP(uri) struct uri *uri = parsed(cases[i].text);
		CLEANUP(string) char *text = uri_public_text(uri);

		assert_int_equal(uri_kind(uri), URI_FILE);
		assert_string_equal(uri_file_path(uri), cases[i].path);
		assert_string_equal(text, cases[i].public_text);
		assert_null(uri_pkcs11(uri));
		assert_null(uri_object_label(uri));
		assert_false(uri_has_pin(uri));
	}
}

static void
reads_pkcs11_uris(void **state)
{
	static const struct {
		const char *text;
		const char *label;
		bool has_pin;
	} cases[] = {
	    {"pkcs11:",				      NULL,  false},
	    {"PKCS11:object=a",                              "a",   false},
	    {"pkcs11:token=t%20t;object=a%3bb;type=private", "a;b", false},
	    {"pkcs11:id=%01%02;slot-id=4",                   NULL,  false},
	    {"pkcs11:object=a?pin-value=1?2",                "a",   true },
	    {"pkcs11:object=a?pin-source=file:/p",           "a",   true },
	    {"pkcs11:object=a?module-path=/m.so",            "a",   false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		CLEANUP(uri) struct uri *uri = parsed(cases[i].text);
		CLEANUP(string) char *text = uri_public_text(uri);

		assert_int_equal(uri_kind(uri), URI_PKCS11);
		assert_non_null(uri_pkcs11(uri));
		assert_null(uri_file_path(uri));
		assert_int_equal(strlen(text), strcspn(cases[i].text, "?"));
		assert_memory_equal(text, cases[i].text, strlen(text));
		assert_int_equal(uri_has_pin(uri), cases[i].has_pin);
		if (cases[i].label)
			assert_string_equal(
			    uri_object_label(uri), cases[i].label);
		else
			assert_null(uri_object_label(uri));
	}
}

static void
refuses_what_is_not_understood(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* what it begins with */
	} cases[] = {
	    {"",				  "'' is neither a file: nor a pkcs11: URI"     },
	    {"/etc/key.pem",                      "'/etc/key.pem' is neither"                   },
	    {"https://a/b?c",                     "'https://a/b' is neither"                    },
	    {"pkcs12:a?pin-value=secret",         "'pkcs12:a' is neither"                       },
	    {"file:a",			    "'file:a' has no absolute path"               },
	    {"file://",			   "'file://' has no absolute path"              },
	    {"file://etc/a",                      "'file://etc/a' has no absolute path"         },
	    {"file:localhost/a",                  "'file:localhost/a' has no absolute path"     },
	    {"file:///a?b",                       "a file URI has no query"                     },
	    {"file:///a#b",                       "a file URI has no query"                     },
	    {"file:///a%2",                       "'file:///a%2' has a broken percent"          },
	    {"file:///a%zz",                      "'file:///a%zz' has a broken percent"         },
	    {"file:///a%00",                      "'file:///a%00' has a broken percent"         },
	    {"file:///a b",                       "a URI has no white space"                    },
	    {"pkcs11:object=a\n",                 "a URI has no white space"                    },
	    {"pkcs11:object=my key",              "a URI has no white space"                    },
	    {"pkcs11:object",                     "'pkcs11:object' has an attribute whose value"},
	    {"pkcs11:;object=a",                  "PKCS#11 URIs have no attribute ''"           },
	    {"pkcs11:tokn=a",                     "PKCS#11 URIs have no attribute 'tokn'"       },
	    {"pkcs11:object=a;x-b=c",             "PKCS#11 URIs have no attribute 'x-b'"        },
	    {"pkcs11:object=a;object=b",          "'object' stands twice"                       },
	    {"pkcs11:object=%zz",                 "'pkcs11:object=%zz' has a broken percent"    },
	    {"pkcs11:object=",                    "'object' in the PKCS#11 URI is empty"        },
	    {"pkcs11:object=a%00",                "'object' in the PKCS#11 URI is empty"        },
	    {"pkcs11:type=nonsense",              "'pkcs11:type=nonsense' has an attribute"     },
	    {"pkcs11:slot-id=x",                  "'pkcs11:slot-id=x' has an attribute"         },
	    {"pkcs11:object=a;pin-value=secret",  "'pin-value' must not stand"                  },
	    {"pkcs11:pin-source=/p",              "'pin-source' must not stand"                 },
	    {"pkcs11:?pin-value=1&pin-source=/p", "the PKCS#11 URI has both"                    },
	    {"pkcs11:?pin-value=1&pin-value=2",   "behind '?' a PKCS#11 URI has"                },
	    {"pkcs11:?pin-value=1&secret",        "behind '?' a PKCS#11 URI has"                },
	    {"pkcs11:?pin-value=1%002",           "the query of the PKCS#11 URI has a"          },
	    {"pkcs11:?pin-value=",                "pin-value is empty"                          },
	    {"pkcs11:?pinfile=/p",                "behind '?' a PKCS#11 URI has"                },
	    {"pkcs11:?pin-source=",               "pin-source must be file:"                    },
	    {"pkcs11:?pin-source=|cat",           "pin-source must be file:"                    },
	    {"pkcs11:?pin-source=p",              "pin-source must be file:"                    },
	    {"pkcs11:?pin-source=file:p",         "pin-source must be file:"                    },
	    {"pkcs11:?pin-source=file://h/p",     "pin-source must be file:"                    },
	    {"pkcs11:?pin-source=https://h/p",    "pin-source must be file:"                    },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct uri *uri = NULL;
		struct error err = {0};

		print_message("%s\n", cases[i].text);
		assert_int_equal(
		    uri_parse(cases[i].text, &uri, &err), ERROR_INVALID);
		assert_null(uri);
		assert_memory_equal(
		    err.message, cases[i].message, strlen(cases[i].message));
		assert_null(strstr(err.message, "secret"));
	}
}

static void
reads_the_first_line_of_the_pin_source(void **state)
{
	static const struct {
		const char *content;
		const char *pin; /* NULL: refused */
	} cases[] = {
	    {"1234",           "1234"  },
	    {"1234\n",         "1234"  },
	    {" 12 34\r\nnext", " 12 34"},
	    {"",               NULL    },
	    {"\n1234",         NULL    },
	};
	char path[] = "/tmp/uri.XXXXXX";
	char text[64];
	struct error err;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	(void)snprintf(text, sizeof(text), "pkcs11:?pin-source=file:%s", path);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		CLEANUP(uri) struct uri *uri = parsed(text);
		CLEANUP(secret) char *pin = NULL;

		assert_int_equal(file_write(path, cases[i].content,
				     strlen(cases[i].content), 0600, &err),
		    ERROR_NONE);
		assert_int_equal(uri_read_pin(uri, &pin, &err),
		    cases[i].pin ? ERROR_NONE : ERROR_INVALID);
		if (cases[i].pin)
			assert_string_equal(pin, cases[i].pin);
	}
	assert_int_equal(unlink(path), 0);
}

static void
reads_the_pin_value_and_no_pin(void **state)
{
	CLEANUP(uri) struct uri *with = parsed("pkcs11:?pin-value=a%26b");
	CLEANUP(uri) struct uri *without = parsed("pkcs11:object=a");
	CLEANUP(uri)
	struct uri *absent = parsed("pkcs11:?pin-source=/nonexistent/pin");
	CLEANUP(secret) char *pin = NULL;
	char *none = NULL;
	struct error err;

	(void)state;
	assert_int_equal(uri_read_pin(with, &pin, &err), ERROR_NONE);
	assert_string_equal(pin, "a&b");
	assert_null(p11_kit_uri_get_pin_value(uri_pkcs11(with)));
	assert_int_equal(uri_read_pin(without, &none, &err), ERROR_NONE);
	assert_null(none);
	assert_int_equal(uri_read_pin(absent, &none, &err), ERROR_NOT_FOUND);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_forms_of_a_file_uri),
	    cmocka_unit_test(reads_pkcs11_uris),
	    cmocka_unit_test(refuses_what_is_not_understood),
	    cmocka_unit_test(reads_the_first_line_of_the_pin_source),
	    cmocka_unit_test(reads_the_pin_value_and_no_pin),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
