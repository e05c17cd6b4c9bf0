#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What libsignet-pkcs11.so brings into the programs that load it.
. "$(dirname "$0")/../../support/harness.sh"

brings_only_libc_and_jansson() {
	local libraries
	libraries=$(ldd "$SIGNET_PKCS11_MODULE" | awk '{print $1}' |
		sed 's|.*/||' | grep -v '^linux-vdso\.so' | sort | xargs)
	[[ $libraries =~ ^ld-linux[^\ ]*\ libc\.so\.6\ libjansson\.so\.4$ ]] ||
		fail "the module brings $libraries"
}

exports_nothing_but_its_function_list() {
	local symbols
	symbols=$(nm -D --defined-only "$SIGNET_PKCS11_MODULE" | awk '{print $3}' | xargs)
	assert_equal C_GetFunctionList "$symbols" "exported symbols"
}

is_there_while_keyd_is_not() {
	device_create
	output=$(pkcs11-tool --module "$SIGNET_PKCS11_MODULE" --list-slots 2>&1)
	assert_contains "$output" "Signet" "pkcs11-tool --list-slots"
	refused pkcs11-tool --module "$SIGNET_PKCS11_MODULE" --list-objects
	assert_contains "$output" "CKR_DEVICE_ERROR" "a search without keyd"
}

run_tests \
	brings_only_libc_and_jansson \
	exports_nothing_but_its_function_list \
	is_there_while_keyd_is_not
