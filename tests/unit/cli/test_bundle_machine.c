/* SPDX-License-Identifier: MIT */
/* What a support bundle says of the machine names no single one. */
#include "cmocka_wrap.h"

#include "common/file.h"
#include "machine.h"

static void
assert_kept(const char *text, const char *expected)
{
	CLEANUP(string) char *kept = string_format("%s", text);

	assert_non_null(kept);
	machine_hide_serials(kept);
	assert_string_equal(expected, kept);
}

static void
a_board_tells_its_model_and_no_serial_number(void **state)
{
	(void)state;
	assert_kept("processor\t: 0\n\nHardware\t: BCM2835\n"
		    "Serial\t\t: 10000000deadbeef\nModel\t\t: Pi\n",
	    "processor\t: 0\n\nHardware\t: BCM2835\nModel\t\t: Pi\n");
	assert_kept("Serial\t: 1\nserial : 2\nModel\t: x", "Model\t: x");
	assert_kept("Model\t: x\nSerial\t: 1", "Model\t: x\n");
	assert_kept("flags\t: serialize\n", "flags\t: serialize\n");
	assert_kept("", "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_board_tells_its_model_and_no_serial_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
