#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Gives test_openssl_key a SoftHSM token of its own, a configuration for keyd
# and the module.
. "$(dirname "$0")/../../support/harness.sh"

openssl_uses_the_keys_of_keyd() {
	device_with_token
	test_openssl_key "$SIGNET_BUILD/bin/signet-keyd"
}

run_tests openssl_uses_the_keys_of_keyd
