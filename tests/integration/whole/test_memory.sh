#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The memory that the daemons are promised to need, as they are packaged: a
# sanitizer's would say nothing.

. "$(dirname "$0")/../../support/harness.sh"

readonly PROVISIOND_KIB=$((6 * 1024))
readonly CERTD_KIB=$((10 * 1024))
readonly CERTIFICATES=1000

memory_of() { # DAEMON; anonymous, in KiB
	as_root cat "/proc/$(call "$1" GET /health | jq .pid)/smaps_rollup" |
		awk '/^Pss_Anon:/ { print $2 }'
}

assert_memory() { # DAEMON LIMIT
	local memory
	memory=$(memory_of "$1")
	echo "$1: $memory KiB, the limit is $2"
	[ "$memory" -gt 0 ] || fail "$1's memory is not seen"
	[ "$memory" -le "$2" ] || fail "$1 has $memory KiB, the limit is $2"
}

# With the key in a token, the certificate of the local CA, and modules at its hub.
provisiond_is_small() {
	device_of_group
	local i
	config_issued dev1 "file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	apply_and_start
	wait_until_provisioned
	assert_memory provisiond $PROVISIOND_KIB
	signetctl system reprovision >/dev/null
	for i in 1 2 3 4 5; do
		signetctl identity create "module-$i" >/dev/null
	done
	signetctl identity list >/dev/null
	assert_memory provisiond $PROVISIOND_KIB
}

# With a policy for each, and all of them asked for.
certd_is_small_with_many_certificates() {
	device_with_keyd
	pki root
	pki intermediate
	pki device-identity dev1
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	{
		echo "cert_issuance:"
		echo "  local_ca: { cert: ca, pk: ca }"
		echo "  certs:"
		seq -f '    c-%.0f: { method: local_ca }' $CERTIFICATES
		echo "principals: [{ user: \"$(id -u)\", certs: [\"*\"] }]"
	} >"$SIGNET_CONFIG_DIR/certd/config.yaml"
	daemon_start certd
	jq -Rs '{pem: .}' "$(leaf_of dev1)" >"$DEVICE/body"
	seq -f 'c-%.0f' $CERTIFICATES | while read -r id; do
		printf 'next\nurl = "http://certd.sock/certificates/%s?api-version=2026-12-01"\n' "$id"
		printf 'unix-socket = "%s"\nrequest = PUT\noutput = "%s"\nfail-with-body\n' \
			"$SIGNET_RUNTIME_DIR/certd.sock" "$DEVICE/answer"
		printf 'header = "content-type: application/json"\ndata = "@%s"\n' "$DEVICE/body"
	done | tail -n +2 >"$DEVICE/imports"
	curl -s -K "$DEVICE/imports" || fail "a certificate is not taken: $(cat "$DEVICE/answer")"
	assert_equal $CERTIFICATES "$(call certd GET /certificates | jq '.certificates | length')" \
		"the certificates"
	call certd GET /metrics >/dev/null
	call certd GET /certificate-objects >/dev/null
	assert_memory certd $CERTD_KIB
}

run_tests \
	provisiond_is_small \
	certd_is_small_with_many_certificates
