#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A TPM registers with signet-cloud: what DPS hands out is activated, imported
# and used in swtpm, by tpm2-tools and not by code of ours.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/plant.sh"
. "$(dirname "$0")/../../support/tpm.sh"

readonly EK=0x81010001 SRK=0x81000001

# The TPM of a device as the Azure clients find it: EK and SRK are persistent.
tpm_device() { # [SERVE-OPTION]...
	plant "$@"
	tpm_environment
	tpm_start
	tpm2_createek -Q -G rsa -c $EK -u "$DEVICE/ek.pub"
	tpm2_createprimary -Q -C o -g sha256 -G rsa -c "$DEVICE/srk.ctx"
	tpm2_evictcontrol -Q -C o -c "$DEVICE/srk.ctx" $SRK
	tpm2_readpublic -Q -c $SRK -o "$DEVICE/srk.pub"
}

encoded() { base64 -w0 "$DEVICE/$1"; }

enroll_tpm() { # ID ENDORSEMENT-KEY
	service PUT "/enrollments/$1" -d "$(jq -n --arg id "$1" --arg ek "$2" \
		'{registrationId: $id, attestation: {type: "tpm",
			tpm: {endorsementKey: $ek}}}')"
}

# Step one or, with an Authorization header, step two.
tpm_register() { # ID [AUTHORIZATION]
	request -X PUT "$url/$scope/registrations/$1/register?api-version=2019-03-31" \
		-H 'Content-Type: application/json' ${2:+-H "Authorization: $2"} \
		-d "$(jq -n --arg id "$1" --arg ek "$(encoded ek.pub)" \
			--arg srk "$(encoded srk.pub)" '{registrationId: $id,
			tpm: {endorsementKey: $ek, storageRootKey: $srk}}')"
}

# Cuts the next sized buffer off the blob, with its size, into a file.
take() { # FILE
	local size
	size=$((16#$(od -An -tx1 -j "$offset" -N2 "$DEVICE/blob" | tr -d ' \n') + 2))
	tail -c "+$((offset + 1))" "$DEVICE/blob" | head -c $size >"$DEVICE/$1"
	offset=$((offset + size))
}

# Activates a blob in the TPM; the key is in key.ctx then.
activate() { # BASE64
	local offset=0
	base64 -d <<<"$1" >"$DEVICE/blob"
	take id-object
	take secret
	take duplicate
	take seed
	take public
	take data
	assert_equal "$(stat -c %s "$DEVICE/blob")" $offset "the length of the blob"
	{
		printf '\xba\xdc\xc0\xde\0\0\0\1' # as tpm2-tools frame it
		cat "$DEVICE/id-object" "$DEVICE/secret"
	} >"$DEVICE/credential"
	tpm2_startauthsession --policy-session -S "$DEVICE/session"
	tpm2_policysecret -Q -S "$DEVICE/session" -c e
	tpm2_activatecredential -Q -c $SRK -C $EK -i "$DEVICE/credential" \
		-o "$DEVICE/inner" -P "session:$DEVICE/session"
	tpm2_flushcontext "$DEVICE/session"
	tpm2_import -Q -C $SRK -u "$DEVICE/public" -i "$DEVICE/duplicate" \
		-r "$DEVICE/private" -s "$DEVICE/seed" -k "$DEVICE/inner"
	tpm2_load -Q -C $SRK -u "$DEVICE/public" -r "$DEVICE/private" \
		-c "$DEVICE/key.ctx"
}

# A shared access signature that the TPM makes.
signed() { # RESOURCE [POLICY]
	local expiry mac
	expiry=$(soon)
	printf '%s\n%s' "$1" "$expiry" |
		tpm2_hmac -Q -c "$DEVICE/key.ctx" -o "$DEVICE/mac"
	mac=$(base64 -w0 "$DEVICE/mac")
	printf 'SharedAccessSignature sr=%s&sig=%s&se=%s%s' "$1" \
		"$(jq -rn --arg s "$mac" '$s|@uri')" "$expiry" "${2:+&skn=$2}"
}

# The key that was activated last: its TPMA_OBJECT, and the size of its blob.
key_shape() {
	echo "$(od -An -tx1 -j 6 -N 4 "$DEVICE/public" | tr -d ' \n')" \
		"$(stat -c %s "$DEVICE/blob")"
}

provisions() { # KEY-SHAPE NAME-OF-THE-KEY POLICY [SERVE-OPTION]...
	local operation token
	tpm_device "${@:4}"
	enroll_tpm tpm-1 "$(encoded ek.pub)"
	assert_status 200 "enrolling the TPM"
	tpm_register tpm-1
	assert_equal "401 $2" "$status $(jq -r .keyName <<<"$body")" \
		"the first step"
	activate "$(jq -r .authenticationKey <<<"$body")"
	assert_equal "$1" "$(key_shape)" "the key to register with"
	token=$(signed "$scope%2Fregistrations%2Ftpm-1" "$3")
	tpm_register tpm-1 "$token"
	assert_status 202 "the second step"
	operation=$(jq -r .operationId <<<"$body")
	is_assigned() {
		request "$url/$scope/registrations/tpm-1/operations/$operation?api-version=2019-03-31" \
			-H "Authorization: $token"
		[ "$(jq -r .status <<<"$body")" = assigned ]
	}
	is_assigned || is_assigned || is_assigned || fail "not assigned: $body"

	activate "$(jq -r .registrationState.tpm.authenticationKey <<<"$body")"
	assert_equal "$1" "$(key_shape)" "the key for the hub"
	request -X POST "$url/devices/tpm-1/messages/events?api-version=2021-04-12" \
		-H "Authorization: $(signed "localhost%2Fdevices%2Ftpm-1")" \
		--data-binary 'from the TPM'
	assert_status 204 "sending to the hub"
	assert_equal '"from the TPM"' "$(cloud show messages -o json | jq '.[0].body')" \
		"what arrived"
	stop cloud
}

provisions_a_tpm_that_then_sends_to_the_hub() {
	provisions '00040440 766' registration registration
}

provisions_a_tpm_in_the_way_that_the_tester_chose() {
	provisions '00040040 798' null '' --quirk tpm-attributes=00040040 \
		--quirk tpm-key-bytes=64 --quirk challenge=bare \
		--quirk device-policy=any
}

is_enrolled_on_the_command_line() {
	tpm_device
	cloud enroll individual --registration-id raw \
		--endorsement-key "$DEVICE/ek.pub" >/dev/null
	encoded ek.pub >"$DEVICE/ek.b64"
	cloud enroll individual --registration-id encoded \
		--endorsement-key "$DEVICE/ek.b64" >/dev/null
	tpm_register raw
	assert_equal "401 registration" "$status $(jq -r .keyName <<<"$body")" \
		"the TPM as its tools write its key"
	tpm_register encoded
	assert_equal "401 registration" "$status $(jq -r .keyName <<<"$body")" \
		"the TPM by the base64 of it"
	stop cloud
}

refuses_a_tpm_that_is_another_one() {
	tpm_device
	cp "$DEVICE/srk.pub" "$DEVICE/other.pub" # a TPM's key, but not this EK
	enroll_tpm tpm-1 "$(encoded other.pub)"
	assert_status 200 "enrolling another TPM"
	tpm_register tpm-1
	assert_refused '*not the one that is enrolled*' "another endorsement key"
	enroll_tpm tpm-2 "$(head -c 300 /dev/urandom | base64 -w0)"
	assert_equal '400 400201' "$status $(jq .errorCode <<<"$body")" "no key of a TPM"
	assert_contains "$(message)" endorsementKey "the reason"
	tpm_register tpm-3
	assert_status 401 "a TPM that nobody enrolled"
	enroll_tpm tpm-4 "$(encoded ek.pub)"
	head -c 300 /dev/urandom >"$DEVICE/srk.pub"
	tpm_register tpm-4
	assert_equal '400 400203' "$status $(jq .errorCode <<<"$body")" "no storage root key"
	stop cloud
}

refuses_a_signature_by_another_key() {
	tpm_device
	enroll_tpm tpm-1 "$(encoded ek.pub)"
	tpm_register tpm-1 "$(signature service_connection_string \
		"$scope%2Fregistrations%2Ftpm-1" "$(soon)")"
	assert_refused '*no key yet*' "a signature before the first step"
	tpm_register tpm-1
	activate "$(jq -r .authenticationKey <<<"$body")"
	tpm_register tpm-1 "$(signed "$scope%2Fregistrations%2Ftpm-2" registration)"
	assert_refused "*for '$scope/registrations/tpm-2'*" "another registration"
	tpm_register tpm-1 "$(signed "$scope%2Fregistrations%2Ftpm-1")"
	assert_refused "*signs with 'registration'*" "no policy"
	tpm_register tpm-1 # hands out a new key
	tpm_register tpm-1 "$(signed "$scope%2Fregistrations%2Ftpm-1" registration)"
	assert_refused '*does not match*' "the key of before"
	stop cloud
}

run_tests provisions_a_tpm_that_then_sends_to_the_hub \
	provisions_a_tpm_in_the_way_that_the_tester_chose \
	is_enrolled_on_the_command_line \
	refuses_a_tpm_that_is_another_one refuses_a_signature_by_another_key
