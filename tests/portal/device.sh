#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What happens outside the browser, for the tests in this folder: a function of
# harness.sh or plant.sh, with its arguments, on the device that test_portal.sh
# has made.
. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/plant.sh"

# A device registers by curl; it must be assigned, to the hub of this server.
registers() { # REGISTRATION-ID DEVICE-ID CHAIN KEY; both below $DEVICE
	provision "$1" "$3" "$4"
	assert_matches "$state" "assigned $2 localhost:$port *" "device $1"
}

# One registers by its symmetric key.
registers_by_key() { # REGISTRATION-ID KEY
	local resource="$scope/registrations/$1" expiry mac
	expiry=$(soon)
	mac=$(printf '%s\n%s' "$resource" "$expiry" | openssl dgst -sha256 \
		-mac HMAC -macopt "hexkey:$(base64 -d <<<"$2" | od -An -tx1 | tr -d ' \n')" \
		-binary | base64 -w0)
	request -X PUT "$url/$resource/register?api-version=2021-06-01" -d '{}' \
		-H "Authorization: SharedAccessSignature sr=$resource&sig=$(
			jq -rn --arg s "$mac" '$s|@uri')&se=$expiry&skn=registration"
	assert_status 202 "device $1"
}

# Signet's own device side does, with what it reads from the seed's file.
signet_registers() { # NAME, of a device identity of testpki
	DPS_URL=$url
	config_provision "file://$(chain_of "$1")" "file://$(key_of "$1")"
	apply_and_start
	wait_until_provisioned
	signetctl system stop >/dev/null
}

use cloud
"$@"
