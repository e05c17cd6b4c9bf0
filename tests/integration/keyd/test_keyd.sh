#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-keyd on a real SoftHSM token, over its socket.
. "$(dirname "$0")/../../support/harness.sh"

readonly PRINCIPAL=2001 # may use mine*
readonly STRANGER=2002
readonly TOKEN=pkcs11:token=device

# --- a keyd and its token -----------------------------------------------------

tool() { # ARGUMENT...; prints what the token holds
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label device --login \
		--pin "$PIN" "$@" 2>/dev/null
}

create() { # ID [PREFERRED]; prints the handle
	keyd POST /keypair "$(jq -n --arg id "$1" --arg preferred "${2:-*}" \
		'{keyId: $id, preferredAlgorithms: $preferred}')" |
		jq -r .keyHandle
}

handle_of() { # ID
	keyd GET "/keypair/$1" | jq -r .keyHandle
}

delete() { # HANDLE; prints the status
	keyd_status DELETE /keypair "{\"keyHandle\":\"$1\"}"
}

move() { # FROM TO; prints the status
	keyd_status POST "/keypair/$2" "{\"from\":\"$1\"}"
}

exponent_of() { # HANDLE
	keyd POST /parameters/rsa-exponent "{\"keyHandle\":\"$1\"}" | jq -r .value
}

doomed() { jq '.doomed | length' "$SIGNET_STATE_DIR/keyd/index.json"; }

# --- signatures -----------------------------------------------------------------

digest() { # prints the base64 of the SHA-256 of the message
	echo "to be signed" >"$DEVICE/message"
	openssl dgst -sha256 -binary "$DEVICE/message" | base64 -w0
}

# Puts the signature of an answer where the assertions look for it.
keep_signature() { # MEMBER; the answer on stdin
	jq -r ".$1" | base64 -d >"$DEVICE/signature"
}

assert_verifies() { # ID [OPENSSL-OPTION]...; the token itself knows the key
	token_key_public "$1" >"$DEVICE/public.pem"
	assert_equal "Verified OK" "$(openssl dgst -sha256 "${@:2}" \
		-verify "$DEVICE/public.pem" -signature "$DEVICE/signature" \
		"$DEVICE/message" 2>&1)" "the signature of $1"
}

assert_signs_ec() { # ID HANDLE
	keyd POST /sign "{\"keyHandle\":\"$2\",\"algorithm\":\"ECDSA\",
		\"parameters\":{\"digest\":\"$(digest)\"}}" | keep_signature signature
	assert_verifies "$1"
}

assert_signs_rsa() { # ID ALGORITHM [OPENSSL-OPTION]...
	keyd POST "/keys/$1/sign" \
		"{\"algorithm\":\"$2\",\"digest\":\"$(digest)\"}" |
		keep_signature signature
	assert_verifies "$1" "${@:3}"
}

# --- keys that keyd makes -------------------------------------------------------

an_ec_key_signs() {
	local handle zeros
	device_with_keyd
	handle=$(create ec1)
	# As aziot's look.
	assert_matches "$handle" "sr=*&sig=*" "the handle"
	assert_signs_ec ec1 "$handle"
	zeros=$(head -c 64 /dev/zero | base64 -w0)
	assert_equal 200 "$(keyd_status POST /sign "{\"keyHandle\":\"$handle\",
		\"algorithm\":\"ECDSA\",\"parameters\":{\"digest\":\"$zeros\"}}")" \
		"a digest longer than the order, which is truncated"
}

an_rsa_key_signs() {
	local handle
	device_with_keyd
	handle=$(create rsa1 rsa-2048)
	assert_signs_rsa rsa1 RS256
	assert_signs_rsa rsa1 PS256 \
		-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
	assert_equal AQAB "$(exponent_of "$handle")" "the exponent"
}

rsa_without_padding_is_undone_by_the_public_key() {
	local handle
	device_with_keyd
	handle=$(create rsa1 rsa-2048)
	head -c 256 /dev/zero | tr '\0' '\1' >"$DEVICE/block"
	keyd POST /encrypt "{\"keyHandle\":\"$handle\",
		\"algorithm\":\"RSA-NO-PADDING\",
		\"plaintext\":\"$(base64 -w0 "$DEVICE/block")\"}" |
		keep_signature ciphertext
	token_key_public rsa1 >"$DEVICE/public.pem"
	assert_equal "$(sha256sum <"$DEVICE/block")" "$(openssl pkeyutl \
		-verifyrecover -pubin -inkey "$DEVICE/public.pem" \
		-in "$DEVICE/signature" -pkeyopt rsa_padding_mode:none |
		sha256sum)" "the block"
}

a_key_that_exists_is_not_made_again() {
	local before
	device_with_keyd
	create ec1 >/dev/null
	before=$(token_key_public ec1)
	create ec1 >/dev/null
	assert_equal "$before" "$(token_key_public ec1)" "the key"
}

a_key_never_leaves_the_token() {
	device_with_keyd
	create ec1 >/dev/null
	assert_equal "true false" "$(keyd GET /keys/ec1 |
		jq -r '"\(.sensitive) \(.extractable)"')" "what keyd says"
	assert_matches "$(tool --list-objects --type privkey)" \
		"*label:*ec1*sensitive, always sensitive, never extractable*" \
		"what the token says"
	assert_equal "$TOKEN;object=ec1" "$(keyd GET /keys/ec1 | jq -r .location)" \
		"the location, without a PIN"
}

# --- keys that others made ------------------------------------------------------

a_key_of_aziots_is_found_by_its_label() {
	device_with_token
	tool --keypairgen --key-type EC:prime256v1 --label left-by-aziot >/dev/null
	daemon_start keyd
	assert_equal 200 "$(keyd_status GET /keypair/left-by-aziot)" "asking for it"
	assert_equal 40 "$(jq -r '.keys[] | select(.id == "left-by-aziot").cka_id |
		length' "$SIGNET_STATE_DIR/keyd/index.json")" "length of its CKA_ID"
}

# keyd is killed between the two changes that give both halves their CKA_ID.
a_key_whose_making_was_cut_off_is_used() {
	local tag
	device_with_keyd
	create cut ec-p256 >/dev/null
	tag=$(jq -r '.keys[] | select(.id == "cut").cka_id' "$SIGNET_STATE_DIR/keyd/index.json")
	daemon_kill keyd
	rm "$SIGNET_STATE_DIR/keyd/index.json"
	tool --set-id 0102030405 --id "$tag" --type privkey >/dev/null
	daemon_start keyd
	assert_signs_ec cut "$(create cut ec-p256)"
	assert_equal 1 "$(tool --list-objects --type privkey | grep -c 'label: *cut')" \
		"private keys of this name"
}

a_key_with_only_a_certificate_beside_it_signs() {
	device_with_token
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
		-days 1 -subj /CN=lonely -keyout "$DEVICE/lonely.key" \
		-out "$DEVICE/lonely.pem" 2>/dev/null
	openssl x509 -in "$DEVICE/lonely.pem" -outform DER -out "$DEVICE/lonely.der"
	tool --write-object "$DEVICE/lonely.key" --type privkey --id 05 \
		--label lonely --usage-sign >/dev/null
	tool --write-object "$DEVICE/lonely.der" --type cert --id 05 \
		--label lonely >/dev/null
	daemon_start keyd
	keyd POST /keys/lonely/sign \
		"{\"algorithm\":\"ES256\",\"digest\":\"$(digest)\"}" |
		keep_signature signature
	assert_equal 64 "$(stat -c %s "$DEVICE/signature")" "size of the signature"
	assert_equal "$(openssl x509 -in "$DEVICE/lonely.pem" -noout -pubkey |
		openssl pkey -pubin -outform DER | tail -c 64 | head -c 32 | base64 -w0)" \
		"$(keyd GET /keys/lonely | jq -r '.parameters."ec-point"' |
			base64 -d | tail -c 32 | base64 -w0)" "its public half"
}

# A tool gave two keys one CKA_ID.
keys_that_share_a_cka_id_are_told_apart() {
	local id
	device_with_token
	for id in same-id-1 same-id-2; do
		token_key_create $id 07
	done
	daemon_start keyd
	for id in same-id-1 same-id-2; do
		assert_signs_ec $id "$(handle_of $id)"
	done
	assert_equal 204 "$(move same-id-1 same-id-3)" "moving one"
	assert_equal 204 "$(delete "$(handle_of same-id-3)")" "deleting it"
	assert_equal 200 "$(keyd_status GET /keypair/same-id-2)" "the other one"
	assert_signs_ec same-id-2 "$(handle_of same-id-2)"
}

# A keyd whose configuration names a key file and three keys of the token, two
# of which are not there. PRINCIPAL may use and manage mine*.
device_with_preloaded_keys() {
	device_with_token
	token_key_create device-1 01
	openssl ecparam -name prime256v1 -genkey -noout -out "$DEVICE/old.pem"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"  - { user: \"$PRINCIPAL\", keys: [\"mine*\"], rights: [use, manage] }" \
		"preloaded_keys:" \
		"  old: \"file://$DEVICE/old.pem\"" \
		"  web: \"$TOKEN;object=device-1\"" \
		"  gone: \"$TOKEN;object=device-id\"" \
		"  mine-gone: \"$TOKEN;object=other\""
	daemon_start keyd
}

preloaded_keys_are_where_the_configuration_says() {
	device_with_preloaded_keys
	assert_equal "file://$DEVICE/old.pem false true" "$(keyd GET /keys/old |
		jq -r '"\(.location) \(.sensitive) \(.extractable)"')" "a key file"
	assert_equal "$TOKEN;object=device-1" \
		"$(keyd GET /keys/web | jq -r .location)" "a key of the token"
	assert_equal 400 "$(keyd_status GET /keys/device-1)" "its label as an id"
}

a_preloaded_key_that_is_missing_is_named_with_those_there_are() {
	device_with_preloaded_keys
	assert_matches "$(keyd GET /keys/gone | jq -r .message)" \
		"*has no private key 'device-id'; it has: *'device-1'*" "the error"
	assert_matches "$(health keyd)" "degraded: preloaded key 'gone'*" "health"
	assert_matches "$(keyd GET /keys |
		jq -r '.keys[] | select(.id == "gone").error')" "*'device-1'*" "the list"
}

a_preloaded_key_stays_as_it_is() {
	device_with_preloaded_keys
	create ec1 >/dev/null
	assert_equal 400 "$(delete "$(handle_of old)")" "deleting it"
	assert_equal 400 "$(move old new)" "moving it"
	assert_equal 400 "$(move ec1 old)" "replacing it"
	[ -s "$DEVICE/old.pem" ] || fail "its file is gone"
}

# --- moving and deleting ----------------------------------------------------------

a_key_is_moved() {
	local before
	device_with_keyd
	create ec1 >/dev/null
	before=$(token_key_public ec1)
	assert_equal 204 "$(move ec1 ec2)" "moving"
	assert_equal "$before" "$(token_key_public ec2)" "the key under its new name"
	assert_equal 400 "$(keyd_status GET /keypair/ec1)" "the old name"
	assert_equal 204 "$(move ec1 ec2)" "the same again"
	assert_equal "$before" "$(token_key_public ec2)" "the key after that"
	assert_equal 400 "$(move ec2 ec2)" "a move onto itself"
	assert_equal 400 "$(move none1 none2)" "a move of nothing"
}

a_move_replaces() {
	local moved
	device_with_keyd
	create ec2 >/dev/null
	create ec3 >/dev/null
	moved=$(token_key_public ec3)
	assert_equal 204 "$(move ec3 ec2)" "moving"
	assert_equal "$moved" "$(token_key_public ec2)" "the key"
	assert_equal 1 "$(tool --list-objects --type pubkey |
		grep -c 'label: *ec2$')" "keys of that name in the token"
	assert_equal 0 "$(doomed)" "keys to be destroyed yet"
}

a_key_is_deleted() {
	local handle
	device_with_keyd
	handle=$(create ec2)
	assert_contains "$(tool --list-objects)" ec2 "the token before"
	assert_equal 204 "$(delete "$handle")" "deleting"
	assert_equal 400 "$(keyd_status GET /keypair/ec2)" "asking for it"
	assert_lacks "$(tool --list-objects)" ec2 "the token"
	assert_equal 204 "$(delete "$handle")" "deleting again"
	assert_equal 0 "$(doomed)" "keys to be destroyed yet"
}

# --- other uids -------------------------------------------------------------------

# How often an answer names what only others may know.
leaks() { # UID
	CALLER=$1 call keyd GET /health | grep -c -e gone -e device-1 || true
}

a_stranger_learns_of_no_key() {
	local handle
	device_with_preloaded_keys
	handle=$(create rsa1 rsa-2048)
	assert_equal '{"keys":[]}200' "$(CALLER=$STRANGER call keyd GET /keys "" \
		-w '%{http_code}')" "the list"
	assert_equal 0 "$(leaks $STRANGER)" "keys named in what is wrong"
	assert_equal 401 "$(CALLER=$STRANGER keyd_status POST \
		/parameters/algorithm "{\"keyHandle\":\"$handle\"}")" \
		"a use with another's handle"
}

a_principal_has_its_own_keys() {
	device_with_preloaded_keys
	create rsa1 rsa-2048 >/dev/null
	assert_equal 0 "$(leaks $PRINCIPAL)" "others' keys named in what is wrong"
	assert_matches "$(CALLER=$PRINCIPAL call keyd GET /keys/mine-gone "" \
		-w '%{http_code}')" "*has no private key 'other'\",*400" \
		"what is wrong with its own"
	assert_matches "$(CALLER=$PRINCIPAL call keyd POST /keypair \
		'{"keyId":"mine1"}' -w '%{http_code}')" "*keyHandle*200" "making its own"
	assert_matches "$(CALLER=$PRINCIPAL call keyd GET /keys "" \
		-w '%{http_code}')" \
		'{"keys":?{"id":"mine-gone"*},{"id":"mine1"*}]}*200' "the list"
	assert_equal 401 "$(CALLER=$PRINCIPAL keyd_status GET /keypair/rsa1)" \
		"asking for another's"
}

the_reserved_id_is_nobodys() {
	device_with_keyd
	assert_equal 401 "$(keyd_status POST /keypair \
		'{"keyId":"handle-validation-key"}')" "making it"
}

# --- ends -------------------------------------------------------------------------

keys_and_handles_outlive_a_kill() {
	local handle
	device_with_keyd
	handle=$(create rsa1 rsa-2048)
	daemon_kill keyd
	daemon_start keyd
	assert_equal AQAB "$(exponent_of "$handle")" "the exponent"
	assert_signs_rsa rsa1 RS256
}

two_keyds_do_not_share_a_socket() {
	local result=0
	device_with_keyd
	timeout 20 signet-keyd 2>/dev/null || result=$?
	assert_equal 1 $result "the second one's exit status"
	assert_equal "ok: " "$(health keyd)" "health of the first"
}

sigterm_is_an_orderly_end() {
	device_with_keyd
	daemon_stop keyd # looks at the exit status
}

run_tests \
	an_ec_key_signs \
	an_rsa_key_signs \
	rsa_without_padding_is_undone_by_the_public_key \
	a_key_that_exists_is_not_made_again \
	a_key_never_leaves_the_token \
	a_key_of_aziots_is_found_by_its_label \
	a_key_whose_making_was_cut_off_is_used \
	a_key_with_only_a_certificate_beside_it_signs \
	keys_that_share_a_cka_id_are_told_apart \
	preloaded_keys_are_where_the_configuration_says \
	a_preloaded_key_that_is_missing_is_named_with_those_there_are \
	a_preloaded_key_stays_as_it_is \
	a_key_is_moved \
	a_move_replaces \
	a_key_is_deleted \
	a_stranger_learns_of_no_key \
	a_principal_has_its_own_keys \
	the_reserved_id_is_nobodys \
	keys_and_handles_outlive_a_kill \
	two_keyds_do_not_share_a_socket \
	sigterm_is_an_orderly_end
