#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# test_tokens.sh softhsm|tpm|nss: the same tests on tokens of different makers.
# What a token cannot do stands in the table of docs/guides/hsm.md; there keyd
# must say why.
readonly TOKEN=${1:?softhsm, tpm or nss}
. "$(dirname "$0")/../../support/tokens.sh"

readonly RSA=({RS,PS}{256,384,512})

# --- pairs ----------------------------------------------------------------------

makes_pairs_that_nobody_can_copy() {
	local kind
	device_with_token_of_ours
	for kind in ec-p256:ES256 ec-p384:ES384 ec-p521:ES512 ed25519:EdDSA \
		rsa-2048:RS256 rsa-3072:RS256 rsa-4096:RS256; do
		may "${kind%:*}" POST /keypair "$(pair a-key "${kind%:*}")" || continue
		assert_equal '[true,false,true,true]' "$(keyd GET /keys/a-key | jq -c \
			'[.sensitive, .extractable, .alwaysSensitive, .neverExtractable]')" \
			"the flags of ${kind%:*}"
		assert_equal 2 "$(token_objects | grep -c "label: *a-key")" \
			"objects of ${kind%:*} in the token"
		assert_signs a-key "${kind#*:}"
		assert_equal 204 "$(keyd_status DELETE /keys/a-key)" "deleting it"
		assert_lacks "$(token_objects)" a-key "what is left"
	done
	# A pair that the module makes and then refuses costs a TPM seconds.
	assert_lacks "$(cat "$DEVICE/keyd.log")" "attr mismatch" "the log"
}

makes_the_first_kind_that_the_token_can() {
	local kind kinds=(ed25519 rsa-4096 ec-p521 ec-p256) expected=
	device_with_token_of_ours
	for kind in "${kinds[@]}"; do
		[ -n "$expected" ] || [ "$(table_says "$kind")" != yes ] || expected=$kind
	done
	create a-key "$(IFS=: && echo "${kinds[*]}")"
	case $expected in
	ed25519) expected=Ed25519 ;;
	rsa-4096) expected=4096 ;;
	ec-p521) expected=P-521 ;;
	ec-p256) expected=P-256 ;;
	esac
	assert_equal "$expected" \
		"$(keyd GET /keys/a-key | jq -r '.curve // .size')" "what was made"
}

signs_by_each_algorithm() {
	local algorithm
	device_with_token_of_ours
	create ec-key ec-p256
	create rsa-key rsa-2048
	assert_signs ec-key ES256
	for algorithm in "${RSA[@]}"; do
		! may "$algorithm" POST /keys/rsa-key/sign "$(signing "$algorithm")" ||
			assert_signed rsa-key "$algorithm"
	done
	# What is padded elsewhere, and the bare operation.
	openssl rand 256 | tr '\377' '\1' >"$DEVICE/block"
	printf '\0' | dd of="$DEVICE/block" conv=notrunc status=none
	! may RSA-NO-PADDING POST /keys/rsa-key/sign \
		"$(jq -n --arg m "$(base64 -w0 "$DEVICE/block")" \
			'{algorithm: "RSA-NO-PADDING", message: $m}')" ||
		assert_recovers rsa-key none "$DEVICE/block"
	! may RSA-PKCS1 POST /keys/rsa-key/sign \
		"$(jq -n --arg m "$(base64 -w0 "$DEVICE/message")" \
			'{algorithm: "RSA-PKCS1", message: $m}')" ||
		assert_recovers rsa-key pkcs1 "$DEVICE/message"
}

# The public operation on the signature in $answer gives the file's bytes.
assert_recovers() { # ID PADDING FILE
	keep signature
	keyd GET "/keys/$1/public" | jq -r .pem >"$DEVICE/public.pem"
	accepted openssl pkeyutl -verifyrecover -pubin -inkey "$DEVICE/public.pem" \
		-pkeyopt "rsa_padding_mode:$2" -in "$DEVICE/signature" -out "$DEVICE/recovered"
	cmp "$3" "$DEVICE/recovered"
}

# 20 signatures on one connection; their statuses and the last one go to a file.
sign_repeatedly() { # ID ALGORITHM CALLER
	curl -s --unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" \
		-H 'content-type: application/json' --data "$(signing "$2")" \
		-w '\n%{http_code}\n' \
		"http://keyd.sock/keys/$1/sign?api-version=2026-12-01#[1-20]" \
		>"$DEVICE/caller-$3"
}

serves_many_callers_while_it_makes_a_key() {
	local caller callers=()
	device_with_token_of_ours
	create ec-key ec-p256
	create rsa-key rsa-2048
	for caller in 1 2 3 4; do
		sign_repeatedly ec-key ES256 "ec-$caller" &
		callers+=($!)
		sign_repeatedly rsa-key PS256 "rsa-$caller" &
		callers+=($!)
	done
	create another ec-p256
	wait "${callers[@]}"
	assert_equal 160 "$(cat "$DEVICE"/caller-* | grep -c '^200$')" "signatures"
	for caller in 1 2 3 4; do
		answer=$(tail -n 2 "$DEVICE/caller-ec-$caller" | sed -n 1p)
		assert_signed ec-key ES256
		answer=$(tail -n 2 "$DEVICE/caller-rsa-$caller" | sed -n 1p)
		assert_signed rsa-key PS256
	done
	assert_signs another ES256
}

tells_the_public_half_that_is_in_the_token() {
	local id
	device_with_token_of_ours
	create ec-key ec-p256
	create rsa-key rsa-2048
	for id in ec-key rsa-key; do
		assert_equal "$(token_key_public $id)" \
			"$(keyd GET /keys/$id/public | jq -r .pem)" "the public half of $id"
	done
}

a_moved_key_has_its_new_name_in_the_token() {
	device_with_token_of_ours
	create old ec-p256
	create new ec-p256
	assert_equal 204 "$(keyd_status POST /keypair/new '{"from":"old"}')" "moving"
	# shellcheck disable=SC2046
	assert_equal "label: new label: new" \
		"$(echo $(token_objects | grep -o 'label: *[a-z]*'))" "what is there"
	assert_signs new ES256
}

keys_outlive_a_restart() {
	local before
	device_with_token_of_ours "symmetric_keys: file"
	create ec-key ec-p256
	answer=$(keyd POST /key '{"keyId":"mac","usage":"sign"}')
	before=$(keyd POST /keys/mac/sign "$(signing HS256)")
	daemon_stop keyd
	daemon_start keyd
	assert_signs ec-key ES256
	assert_equal "$before" "$(keyd POST /keys/mac/sign "$(signing HS256)")" "the MAC"
}

takes_pairs_that_were_made_elsewhere() {
	device_with_token_of_ours
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$DEVICE/key.pem"
	! may import-ec POST /keys/ec-key/import "$(pem_of key.pem)" ||
		assert_signs ec-key ES256
	openssl genpkey -algorithm RSA -out "$DEVICE/key.pem" 2>/dev/null
	! may import-rsa POST /keys/rsa-key/import "$(pem_of key.pem)" ||
		assert_signs rsa-key PS256
	# What is refused leaves nothing behind.
	[ "$(table_says import-ec)" = yes ] ||
		assert_lacks "$(token_objects)" -key "what is in the token"
}

# --- decryption, agreement, random ------------------------------------------------

decrypts_by_each_algorithm() {
	local algorithm hash
	device_with_token_of_ours
	answer=$(keyd POST /keypair "$(pair rsa-key rsa-2048 decrypt)")
	keyd GET /keys/rsa-key/public | jq -r .pem >"$DEVICE/public.pem"
	for algorithm in RSA1_5 RSA-OAEP RSA-OAEP-{256,384,512}; do
		hash=${algorithm#RSA-OAEP}
		encrypt "$algorithm" "sha${hash:+${hash#-}}"
		may "$algorithm" POST /keys/rsa-key/decrypt "$(jq -n \
			--arg a "$algorithm" --arg c "$(base64 -w0 "$DEVICE/encrypted")" \
			'{algorithm: $a, ciphertext: $c}')" || continue
		assert_equal "$(base64 -w0 "$DEVICE/message")" \
			"$(jq -r .plaintext <<<"$answer")" "$algorithm"
	done
	! may cross-use POST /keys/rsa-key/sign "$(signing RS256)" ||
		assert_signed rsa-key RS256
}

encrypt() { # ALGORITHM HASH; of OAEP
	local options=(-pkeyopt rsa_padding_mode:pkcs1)
	[ "$1" = RSA1_5 ] || options=(-pkeyopt rsa_padding_mode:oaep
		-pkeyopt "rsa_oaep_md:${2/%sha/sha1}")
	accepted openssl pkeyutl -encrypt -pubin -inkey "$DEVICE/public.pem" \
		"${options[@]}" -in "$DEVICE/message" -out "$DEVICE/encrypted"
}

agrees_on_a_secret() {
	device_with_token_of_ours
	answer=$(keyd POST /keypair "$(pair ec-key ec-p256 derive)")
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$DEVICE/peer.pem"
	openssl pkey -in "$DEVICE/peer.pem" -pubout -out "$DEVICE/peer.public"
	may ECDH POST /keys/ec-key/derive \
		"$(jq -n --rawfile pem "$DEVICE/peer.public" '{algorithm: "ECDH", pem: $pem}')" ||
		return 0
	keyd GET /keys/ec-key/public | jq -r .pem >"$DEVICE/public.pem"
	assert_equal "$(openssl pkeyutl -derive -inkey "$DEVICE/peer.pem" \
		-peerkey "$DEVICE/public.pem" | base64 -w0)" \
		"$(jq -r .secret <<<"$answer")" "the secret"
}

has_random_bytes() {
	device_with_token_of_ours
	may random POST /random '{"length":1000}'
	assert_equal 1000 "$(jq -r .random <<<"$answer" | base64 -d | wc -c)" "bytes"
	assert_lacks "$(keyd POST /random '{"length":1000}')" \
		"$(jq -r .random <<<"$answer")" "the next ones"
}

# --- symmetric keys ----------------------------------------------------------------

# Makes or imports keys; those that the token refuses go to files once that is
# allowed.
provide() { # ROW JSON...
	local json refused=()
	while [ $# -gt 0 ]; do
		if ! may "$1" POST /key "$2"; then
			refused+=("$2")
			assert_contains "$answer" \
				"'symmetric_keys: file' would keep it in a file" "$1"
		fi
		shift 2
	done
	[ ${#refused[@]} -gt 0 ] || return 0
	daemon_stop keyd
	keyd_start "symmetric_keys: file"
	for json in "${refused[@]}"; do
		assert_lacks "$(keyd POST /key "$json")" message "in a file: $json"
	done
}

makes_macs() {
	local key
	device_with_token_of_ours
	key=$(openssl rand -hex 32)
	provide hmac '{"keyId":"made","usage":"sign"}' \
		hmac-import "$(jq -n --arg key "$(unhex "$key" | base64 -w0)" \
			'{keyId: "given", usage: "sign", keyBytes: $key}')"
	assert_verifies_own_mac made
	assert_equal "$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" \
		-binary "$DEVICE/message" | base64 -w0)" \
		"$(keyd POST /keys/given/sign "$(signing HS256)" | jq -r .signature)" \
		"the MAC with a known key"
}

unhex() { # shellcheck disable=SC2059
	printf "$(sed 's/../\\x&/g' <<<"$1")"
}

aead() { # PATH KEY MEMBER BASE64
	keyd POST "/$1" "$(jq -n --arg member "$3" --arg text "$4" \
		--arg handle "$(keyd GET "/key/$2" | jq -r .keyHandle)" \
		'{keyHandle: $handle, algorithm: "AEAD",
			parameters: {iv: "AAECAwQFBgcICQoL", aad: "YWFk"}, ($member): $text}')"
}

encrypts_and_authenticates() {
	local key text
	device_with_token_of_ours
	provide aes '{"keyId":"made","usage":"encrypt"}' \
		aes-import "$(jq -n --arg key "$(openssl rand -base64 32)" \
			'{keyId: "given", usage: "encrypt", keyBytes: $key}')"
	for key in made given; do
		text=$(aead encrypt $key plaintext "$(base64 -w0 "$DEVICE/message")" |
			jq -r .ciphertext)
		assert_equal "$(base64 -w0 "$DEVICE/message")" \
			"$(aead decrypt $key ciphertext "$text" | jq -r .plaintext)" \
			"the plaintext"
		# The first byte says the form; all others are changed.
		text=$(base64 -d <<<"$text" | tail -c +2 | tr '\0-\376\377' '\1-\377\0' |
			base64 -w0)
		text=$({ printf '\2' && base64 -d <<<"$text"; } | base64 -w0)
		assert_contains "$(aead decrypt $key ciphertext "$text")" message "tampered"
	done
}

# --- keys that others made ------------------------------------------------------------

adopts_keys_by_their_label() {
	device_create
	token_of_ours_create
	token_key_create theirs-ec 01
	token_key_create theirs-rsa 02 rsa:2048
	token_mac_create theirs-mac
	keyd_start
	assert_equal not-found "$(keyd GET "/keys/theirs-ec/public?adopt=no" | jq -r .code)" \
		"a key that keyd has not seen"
	assert_equal "theirs-ec theirs-mac theirs-rsa" \
		"$(keyd GET /keys | jq -r '[.keys[].id] | sort | join(" ")')" "the list"
	assert_equal "$(keyd GET /keys/theirs-ec/public)" \
		"$(keyd GET "/keys/theirs-ec/public?adopt=no")" "a key that it has seen"
	assert_contains "$(keyd GET "/keys/theirs-ec/public?adopt=2")" message "neither"
	assert_signs theirs-ec ES256
	assert_signs theirs-rsa PS256
	assert_verifies_own_mac theirs-mac
}

# The MAC is 32 bytes long, valid, and not that of another message.
assert_verifies_own_mac() { # ID
	local mac other
	mac=$(keyd POST "/keys/$1/sign" "$(signing HS256)")
	assert_equal 32 "$(jq -r .signature <<<"$mac" | base64 -d | wc -c)" \
		"bytes of the MAC: $mac"
	assert_equal true "$(keyd POST "/keys/$1/verify" \
		"$(jq --argjson s "$mac" '. + $s' <<<"$(signing HS256)")" | jq .valid)" \
		"the MAC is valid"
	other=$(jq --arg m "$(echo other | base64)" '.message = $m' <<<"$(signing HS256)")
	assert_equal false "$(keyd POST "/keys/$1/verify" \
		"$(jq --argjson s "$mac" '. + $s' <<<"$other")" | jq .valid)" \
		"the MAC is valid for another message"
}

# What is between pkcs11: and ? of the token's URI, as p11tool has it.
token_attributes() {
	p11tool --provider "$TOOL_MODULE" --list-token-urls 2>/dev/null |
		sed -n '/;token=device/s/^pkcs11://p'
}

slot_id() {
	echo $(($(pkcs11-tool --module "$TOOL_MODULE" --list-slots 2>/dev/null |
		grep -B 1 'token label *: device$' | sed -n 's/^Slot .*(\(.*\)):.*/\1/p')))
}

# As it is written in a URI.
library_manufacturer() {
	pkcs11-tool --module "$TOOL_MODULE" --show-info 2>/dev/null |
		sed -n 's/^Manufacturer *//p' | sed 's/ /%20/g'
}

uses_keys_by_every_attribute_of_a_uri() {
	local attributes name lines=() i=0
	device_create
	token_of_ours_create
	token_key_create web 0a00ff
	token_key_create other 0b
	for attributes in "$(token_attributes);object=web" "token=device;object=web" \
		"token=device;id=%0a%00%ff" "token=device;id=%0A%00%FF;object=web" \
		"token=device;object=web;type=private" "token=device;object=%77eb" \
		"slot-id=$(slot_id);object=web" \
		"library-manufacturer=$(library_manufacturer);token=device;object=web"; do
		lines+=("  web-$((++i)): \"pkcs11:$attributes?pin-source=file:$DEVICE/pin\"")
	done
	lines+=("  web: \"$(token_uri)\"") # by the id of the entry
	keyd_start "preloaded_keys:" "${lines[@]}"
	token_key_public web >"$DEVICE/web.public"
	for name in web $(seq -f 'web-%.0f' "$i"); do
		assert_equal "$(cat "$DEVICE/web.public")" \
			"$(keyd GET "/keys/$name/public" | jq -r .pem)" "the key of $name"
		assert_signs "$name" ES256
	done
}

tells_of_the_certificate_beside_a_key() {
	device_create
	token_of_ours_create
	token_key_create web 0a
	token_key_create other 0b
	token_key_public web >"$DEVICE/web.public"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj /CN=ca -keyout "$DEVICE/ca.key" -out "$DEVICE/ca.pem" 2>/dev/null
	accepted openssl x509 -new -subj /CN=web -days 2 -CA "$DEVICE/ca.pem" \
		-CAkey "$DEVICE/ca.key" -force_pubkey "$DEVICE/web.public" \
		-out "$DEVICE/web.pem"
	token_certificate_add web 0a "$DEVICE/web.pem"
	keyd_start
	assert_equal '["web"]' "$(keyd GET /keys/web | jq -c .certificates)" "beside web"
	assert_equal '[]' "$(keyd GET /keys/other | jq -c .certificates)" "beside other"
	assert_signs web ES256
}

names_what_is_there_instead() {
	device_create
	token_of_ours_create
	token_key_create web 0a
	keyd_start "preloaded_keys:" \
		"  missing: \"pkcs11:token=device;object=wev?pin-source=file:$DEVICE/pin\"" \
		"  elsewhere: \"pkcs11:token=devise;object=web?pin-source=file:$DEVICE/pin\""
	assert_matches "$(keyd GET /keys/missing | jq -r .message)" \
		"*token 'device' has no private key 'wev'*'web'*" "no such key"
	assert_matches "$(keyd GET /keys/elsewhere | jq -r .message)" \
		"*no token matches 'pkcs11:token=devise*'device'*" "no such token"
}

says_that_the_pin_is_wrong() {
	device_create
	token_of_ours_create
	echo 000000 >"$DEVICE/wrong"
	keyd_configure "$TOKEN_MODULE" "pkcs11:token=device?pin-source=file:$DEVICE/wrong"
	daemon_start keyd
	assert_matches "$(health keyd)" "degraded: *token 'device'*PIN*" "health"
	assert_contains "$(cat "$DEVICE/keyd.log")" \
		"token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN)" "the log"
	# A corrected one is taken at once.
	cp "$DEVICE/pin" "$DEVICE/wrong"
	create a-key ec-p256
	assert_equal "ok: " "$(health keyd)" "health"
}

# --- in other programs --------------------------------------------------------------------

authenticates() { # VERSION
	local label
	device_with_token_of_ours
	create ec-key ec-p256
	create rsa-key rsa-2048
	server_start "$1" ec-key rsa-key
	for label in ec-key rsa-key; do
		with_engine openssl s_client -connect "127.0.0.1:$port" "-$1" \
			-engine pkcs11 -keyform engine -key "$(uri_of "$label")" \
			-cert "$DEVICE/$label.pem" -CAfile "$DEVICE/server.pem" \
			-verify_return_error -ign_eof >"$DEVICE/client.log" 2>&1 \
			< <(printf 'GET / HTTP/1.0\r\n\r\n') ||
			fail "s_client with $label: $(tail -n 5 "$DEVICE/client.log")"
		assert_seen "$DEVICE/client.log" "$label"
	done
}

# The key is made in the token, certified by the local CA, and shown to DPS and
# the hub.
gives_a_device_its_identity() {
	local key
	device_create
	token_of_ours_create
	pki root
	pki intermediate
	cloud_start
	enroll_group "$DEVICE/pki/$ROOT"
	config_issued dev1 \
		"file://$DEVICE/pki/private/azure-iot-test-only.intermediate.key.pem"
	apply_and_start
	wait_until_provisioned
	signetctl telemetry send "hello" >/dev/null
	assert_equal hello "$(cloud show messages -o json | jq -r '.[-1].body')" \
		"the message that arrived"
	key=$(signetctl key list -o json | jq '.keys[] | select(.id == "device-id")')
	assert_equal '["pkcs11:token=device;object=device-id",true,false]' \
		"$(jq -c '[.location, .sensitive, .extractable]' <<<"$key")" "the key"
}

authenticates_in_tls_1_2() { authenticates tls1_2; }
authenticates_in_tls_1_3() { authenticates tls1_3; }

run_tests \
	makes_pairs_that_nobody_can_copy \
	makes_the_first_kind_that_the_token_can \
	signs_by_each_algorithm \
	serves_many_callers_while_it_makes_a_key \
	tells_the_public_half_that_is_in_the_token \
	a_moved_key_has_its_new_name_in_the_token \
	keys_outlive_a_restart \
	takes_pairs_that_were_made_elsewhere \
	decrypts_by_each_algorithm \
	agrees_on_a_secret \
	has_random_bytes \
	makes_macs \
	encrypts_and_authenticates \
	adopts_keys_by_their_label \
	uses_keys_by_every_attribute_of_a_uri \
	tells_of_the_certificate_beside_a_key \
	names_what_is_there_instead \
	says_that_the_pin_is_wrong \
	gives_a_device_its_identity \
	authenticates_in_tls_1_2 \
	authenticates_in_tls_1_3
