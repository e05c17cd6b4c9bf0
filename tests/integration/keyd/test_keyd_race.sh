#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Keys are made, moved and destroyed while many callers look for keys and sign.
. "$(dirname "$0")/../../support/harness.sh"

readonly URL="http://keyd.sock"
readonly V="api-version=2026-12-01"

# Many requests on one connection; curl counts in [1-1000].
many() { # CURL-ARGUMENT...
	curl -s --max-time 600 -o /dev/null \
		--unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" "$@"
}

make_and_destroy() { # ROUNDS
	local handle i
	for ((i = 0; i < $1; i++)); do
		handle=$(keyd POST /keypair '{"keyId":"short"}' | jq -r .keyHandle)
		keyd POST /keypair/lived '{"from":"short"}'
		keyd POST /keypair '{"keyId":"short"}' >/dev/null
		keyd DELETE /keypair "{\"keyHandle\":\"$handle\"}"
	done
}

# The objects in the token: how many, and their labels.
objects() { # TYPE
	pkcs11-tool --module "$SOFTHSM_MODULE" --token-label device --login \
		--pin "$PIN" --list-objects --type "$1" 2>/dev/null |
		awk '/^[A-Z]/ { n++ } / label:/ { l = l " " $2 } END { print n l }'
}

leaves_nothing_behind_in_the_token() {
	local searcher searchers=()
	device_with_keyd
	for searcher in 1 2 3 4; do
		many "$URL/keypair/none-$searcher-[1-100000]?$V" &
		searchers+=($!)
	done
	make_and_destroy 40
	kill "${searchers[@]}" || true
	wait "${searchers[@]}" || true

	assert_equal "1 lived" "$(objects privkey)" "private keys"
	assert_equal "1 lived" "$(objects pubkey)" "public keys"
	assert_equal "lived" "$(keyd GET /keys | jq -r '.keys[].id')" "keys"
}

a_key_that_is_moved_to_and_fro_signs() {
	local digest i signer
	device_with_keyd
	keyd POST /keypair '{"keyId":"a"}' >/dev/null
	keyd POST /keypair '{"keyId":"stays"}' >/dev/null
	digest=$(head -c 32 /dev/zero | base64 -w0)
	many --fail -H 'content-type: application/json' \
		--data "{\"algorithm\":\"ES256\",\"digest\":\"$digest\"}" \
		"$URL/keys/stays/sign?$V&[1-2000]" &
	signer=$!
	for ((i = 0; i < 20; i++)); do
		assert_equal "" "$(keyd POST /keypair/b '{"from":"a"}')" "a to b"
		assert_equal "" "$(keyd POST /keypair/a '{"from":"b"}')" "b to a"
	done
	wait "$signer" || fail "a key that nobody moved did not sign"
	assert_equal "a stays" "$(keyd GET /keys | jq -r '.keys[].id' | xargs)" "keys"
}

# Callers that keep every session busy with key a, so that it is found there.
keep_signing() { # starts $signers
	local digest i
	digest=$(head -c 32 /dev/zero | base64 -w0)
	signers=()
	for i in 1 2 3 4; do
		many -H 'content-type: application/json' \
			--data "{\"algorithm\":\"ES256\",\"digest\":\"$digest\"}" \
			"$URL/keys/a/sign?$V&$i-[1-100000]" &
		signers+=($!)
	done
}

stop_signing() {
	kill "${signers[@]}" || true
	wait "${signers[@]}" || true
}

sign_zeros() { # HANDLE; the answer
	keyd POST /sign "{\"keyHandle\":\"$1\",\"algorithm\":\"ECDSA\",
		\"parameters\":{\"digest\":\"$(head -c 32 /dev/zero | base64 -w0)\"}}"
}

# From the moment that a change is answered only the new key signs.
assert_signs_by() { # HANDLE PUBLIC-KEY
	sign_zeros "$1" | jq -re .signature | base64 -d >"$DEVICE/signature" ||
		fail "it does not sign"
	head -c 32 /dev/zero >"$DEVICE/digest"
	openssl pkeyutl -verify -pubin -inkey "$2" -in "$DEVICE/digest" \
		-sigfile "$DEVICE/signature" >/dev/null ||
		fail "the key of before has signed"
}

public_of() { # ID
	keyd GET "/keys/$1/public" | jq -re .pem >"$DEVICE/$1.pub"
}

the_key_of_before_a_move_signs_no_more() {
	local handle i signers
	device_with_keyd
	handle=$(keyd POST /keypair '{"keyId":"a"}' | jq -r .keyHandle)
	keep_signing
	for ((i = 0; i < 8; i++)); do
		keyd POST /keypair '{"keyId":"next"}' >/dev/null
		public_of next
		assert_equal 204 "$(keyd_status POST /keypair/a '{"from":"next"}')" move
		assert_signs_by "$handle" "$DEVICE/next.pub"
	done
	stop_signing
}

a_deleted_key_signs_no_more() {
	local handle i signers
	device_with_keyd
	handle=$(keyd POST /keypair '{"keyId":"a"}' | jq -r .keyHandle)
	keep_signing
	for ((i = 0; i < 8; i++)); do
		assert_equal 204 \
			"$(keyd_status DELETE /keypair "{\"keyHandle\":\"$handle\"}")" delete
		assert_matches "$(sign_zeros "$handle")" "*no key pair 'a'*" "signing"
		keyd POST /keypair '{"keyId":"a"}' >/dev/null
		public_of a
		assert_signs_by "$handle" "$DEVICE/a.pub"
	done
	stop_signing
}

run_tests \
	leaves_nothing_behind_in_the_token \
	a_key_that_is_moved_to_and_fro_signs \
	the_key_of_before_a_move_signs_no_more \
	a_deleted_key_signs_no_more
