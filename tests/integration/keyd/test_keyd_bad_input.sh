#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What callers may send to a real keyd, with a real token behind it: each gets a
# clear answer, and the others do not notice.
. "$(dirname "$0")/../../support/apps.sh"
. "$(dirname "$0")/../../support/faults.sh"

readonly VERSION='?api-version=2026-12-01'
PROTOCOL="$(dirname "$0")/../../../docs/protocol-keyd.md"
readonly PROTOCOL

repeat() { # COUNT TEXT
	awk -v count="$1" -v text="$2" \
		'BEGIN { for (i = 0; i < count; i++) printf "%s", text }'
}

# Sends its input as it is, and prints what comes until keyd closes.
raw() { socat -t 30 -T 60 - "UNIX-CONNECT:$SIGNET_RUNTIME_DIR/keyd.sock"; }

# An answer is an error in the stated form, with this status.
assert_error() { # ANSWER STATUS WHAT
	assert_matches "$1" "HTTP/1.1 $2 *" "$3"
	local body=${1##*$'\r\n\r\n'}
	[ -n "$(jq -er .message <<<"$body")" ] || fail "$3: no message in '$body'"
}

# The status of a request with a body that is in a file.
status_of_file() { # METHOD PATH FILE
	curl -s --max-time 60 --unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" -X "$1" \
		-H 'content-type: application/json' --data-binary "@$3" \
		-o "$DEVICE/answer" -w '%{http_code}' "http://keyd.sock$2$VERSION"
}

# keyd is the process that it was, works, and ends without a complaint.
assert_unharmed() {
	assert_equal "ok: " "$(health keyd)" "keyd's health"
	assert_equal "$(cat "$DEVICE/keyd.pid")" "$(keyd GET /health | jq .pid)" "keyd's pid"
	assert_equal 200 "$(keyd_status POST /keys/ec-key/sign "$SIGN")" "signing"
	daemon_stop keyd
}

# --- bodies -----------------------------------------------------------------

# The calls that take a body, as the protocol's page lists them.
calls_with_body() { # prints "METHOD PATH"
	sed -nE 's/^## ((POST|PUT|DELETE) .*)/\1/p' "$PROTOCOL" |
		grep -v '^DELETE /keys' |
		sed 's/{id}/ec-key/; s/{name}/algorithm/'
}

readonly BODIES=('' '{' '{"a":1' 'null' 'true' '7' '"text"' '[]' '[{}]' '{}'
	'{"keyId":{}}' '{"keyId":[]}' '{"keyHandle":7}' '{"keyHandle":"sr=&sig="}'
	'{"algorithm":{"algorithm":"ES256"}}' '{"algorithm":"ES256","digest":[]}'
	'{"algorithm":"ES256","digest":"\u0000"}' '{"length":-1}' '{"length":1e999}'
	'{"length":99999999999999999999}' '{"from":true}' $'{"keyId":"\xff\xfe"}'
	$'\xef\xbb\xbf{}' '{"keyId":"x"}{"keyId":"y"}')

# Sends all bodies in one go; prints the statuses, and leaves the answers in
# $DEVICE/answer.NUMBER.
send_bodies() { # METHOD PATH
	local number arguments=()
	for number in "${!BODIES[@]}"; do
		arguments+=(--next -s --max-time 60 -X "$1"
			--unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock"
			-H 'content-type: application/json'
			--data-binary "@$DEVICE/body.$number"
			-o "$DEVICE/answer.$number" -w '%{http_code}\n'
			"http://keyd.sock$2$VERSION")
	done
	curl "${arguments[@]:1}"
}

every_call_refuses_bodies_that_are_none() {
	device_with_keys
	local method path number statuses calls=0
	for number in "${!BODIES[@]}"; do
		printf %s "${BODIES[number]}" >"$DEVICE/body.$number"
	done
	while read -r method path; do
		mapfile -t statuses < <(send_bodies "$method" "$path")
		for number in "${!BODIES[@]}"; do
			[[ ${statuses[number]:-} == 4[0-9][0-9] ]] ||
				fail "$method $path with '${BODIES[number]}': ${statuses[number]:-}"
		done
		assert_equal ${#BODIES[@]} "$(jq -r 'select(.message != "") | .code' \
			"$DEVICE"/answer.* | grep -c .)" "errors of $method $path"
		calls=$((calls + 1))
	done < <(calls_with_body)
	[ $calls -ge 7 ] || fail "only $calls calls"
	assert_unharmed
}

bodies_may_not_be_deep() {
	device_with_keys
	{ repeat 60000 '[' && repeat 60000 ']'; } >"$DEVICE/arrays"
	{ repeat 60000 '{"a":' && printf 1 && repeat 60000 '}'; } >"$DEVICE/objects"
	{ printf '{"keyId":"x","more":' && cat "$DEVICE/arrays" && printf '}'; } \
		>"$DEVICE/member"
	repeat 60000 '[' >"$DEVICE/open"
	local method path file
	while read -r method path; do
		for file in arrays objects member open; do
			assert_equal 422 "$(status_of_file "$method" "$path" "$DEVICE/$file")" \
				"$method $path with 60000 nested $file"
		done
	done < <(calls_with_body)
	assert_unharmed
}

bodies_and_heads_may_not_be_large() {
	device_with_keys
	{ printf '{"keyId":"' && repeat 1048576 a && printf '"}'; } >"$DEVICE/body"
	assert_equal 413 "$(status_of_file POST /keypair "$DEVICE/body")" "a large body"
	{ printf '{"keyId":"' && repeat 1040000 a && printf '"}'; } >"$DEVICE/body"
	assert_equal 400 "$(status_of_file POST /keypair "$DEVICE/body")" "a long id"
	assert_error "$({ printf 'GET /keys%s HTTP/1.1\r\nlong: ' "$VERSION" &&
		repeat 20000 a && printf '\r\n\r\n'; } | raw)" 431 "a large head"
	assert_error "$({ printf 'GET /keys/' && repeat 20000 a &&
		printf '%s HTTP/1.1\r\n\r\n' "$VERSION"; } | raw)" 431 "a long path"
	assert_unharmed
	local status
	for status in 408 413 431; do
		grep -q "^| $status |" "$PROTOCOL" || fail "$PROTOCOL has no $status"
	done
}

# --- requests ---------------------------------------------------------------

requests_may_not_end_early() {
	device_with_keys
	local start
	for start in 'GET /keys' "GET /keys$VERSION HTTP/1.1\\r\\nhost: x\\r\\n" \
		"POST /keypair$VERSION HTTP/1.1\\r\\ncontent-type: application/json\\r\\ncontent-length: 20\\r\\n\\r\\n{\"keyId\":"; do
		assert_error "$(printf %b "$start" | raw)" 400 "after '$start'"
	done
	assert_equal 200 "$(keyd_status GET /keys/ec-key)" "a whole request"
	assert_unharmed
}

requests_may_not_be_slow() {
	device_with_keys
	local start number pids=()
	for number in 1 2 3; do
		start=$(cut -d '|' -f $number \
			<<<"GET /k|GET /keys HTTP/1.1\\r\\na: b|POST /keypair$VERSION HTTP/1.1\\r\\ncontent-length: 9\\r\\n\\r\\n{")
		# One byte a second, for longer than keyd has patience.
		{ printf %b "$start" && for _ in {1..15}; do sleep 1 && printf ' '; done; } \
			2>/dev/null | raw >"$DEVICE/slow.$number" 2>/dev/null &
		pids+=($!)
	done
	# Nobody waits for them.
	assert_equal 200 "$(keyd_status POST /keys/ec-key/sign "$SIGN")" "another one"
	wait "${pids[@]}" || true
	for number in 1 2 3; do
		assert_error "$(cat "$DEVICE/slow.$number")" 408 "slow request $number"
	done
	assert_unharmed
}

# --- connections ------------------------------------------------------------

# Opens connections that stay until the test ends, and sends TEXT on each.
hold() { # UID COUNT TEXT
	mkfifo "$DEVICE/hold.$1.$2"
	as_uid "$1" connection_holder "$SIGNET_RUNTIME_DIR/keyd.sock" "$2" "$3" \
		<"$DEVICE/hold.$1.$2" >"$DEVICE/held.$1.$2" &
	exec {holder}>"$DEVICE/hold.$1.$2"
	eventually 30 grep -qx ready "$DEVICE/held.$1.$2"
}

is_served() { [ "$(CALLER=$1 keyd_status GET /keys)" = 200 ]; } # UID

assert_served() { # UID WHAT
	is_served "$1" || fail "$2 is not served"
}

idle_connections_of_many_uids_keep_nobody_out() {
	device_with_keys
	local uid
	for uid in 61301 61302 61303 61304 61305; do
		hold "$uid" 10 ''
		hold "$uid" 11 "GET /keys$VERSION HTTP/1.1"$'\r\n\r\n'
		assert_served "$uid" "who has idle connections"
	done
	assert_served "$STRANGER_UID" "who has none"
	assert_unharmed
}

a_uid_with_all_its_connections_keeps_out_nobody_not_even_itself() {
	device_with_keys
	hold "$OTHER_UID" 700 ''
	assert_served "$STRANGER_UID" "another uid"
	assert_served "$OTHER_UID" "the same uid"
	assert_unharmed
}

a_uid_with_unfinished_requests_keeps_out_nobody() {
	device_with_keys
	hold "$OTHER_UID" 500 'POST /keypair'
	assert_served "$STRANGER_UID" "another uid"
	eventually 60 is_served "$OTHER_UID" # once they are refused
	assert_unharmed
}

# Its backlog in a slow token, which takes 75 s, comes behind whoever has none.
a_uid_that_fills_the_token_keeps_out_nobody() {
	local before head number
	device_with_faults "$(principal "$OTHER_UID" '*')" "sessions: 2"
	printf -v head 'POST /keys/a/sign%s HTTP/1.1\r\n%s\r\n%s %d\r\n\r\n' \
		"$VERSION" "content-type: application/json" "content-length:" ${#SIGN}
	before=$(calls C_Sign)
	order C_Sign.sleep 300
	hold "$OTHER_UID" 500 "$head$SIGN"
	eventually 30 has_called C_Sign $((before + 4))
	for number in 1 2 3; do
		assert_equal 200 "$(sign)" "signature $number of another uid"
	done
	! has_called C_Sign $((before + 500)) || fail "all that was done first"
	revoke C_Sign.sleep
	daemon_stop keyd
}

# --- ids --------------------------------------------------------------------

readonly IDS=('a b' 'a/b' '%41' '%2f' 'café' 'ключ' 'a?b#c' 'a;b=c&d' '"' "it's"
	'..' '\' '*')

create_body() { jq -n --arg id "$1" '{keyId: $id, preferredAlgorithms: "ec-p256"}'; }
segment_of() { jq -rn --arg id "$1" '$id | @uri'; }

# A key with such an id is made, found, used in two ways, moved and deleted.
assert_usable() { # ID
	local segment handle
	segment=$(segment_of "$1")
	assert_equal 200 "$(keyd_status POST /keypair "$(create_body "$1")")" "creating '$1'"
	assert_equal "$1" "$(keyd GET "/keys/$segment" | jq -r .id)" "the id of '$1'"
	assert_equal 200 "$(keyd_status POST "/keys/$segment/sign" "$SIGN")" "signing with '$1'"
	keyd GET /keys | jq -e --arg id "$1" '.keys | any(.id == $id)' >/dev/null ||
		fail "'$1' is not listed"
	accepted with_engine openssl dgst -engine pkcs11 -keyform engine -sha256 \
		-sign "$(uri_of "$segment")" -hex "$DEVICE/message"
	assert_equal 204 "$(keyd_status POST /keypair/moved \
		"$(jq -n --arg id "$1" '{from: $id}')")" "moving '$1'"
	assert_equal 204 "$(keyd_status POST "/keypair/$segment" '{"from":"moved"}')" \
		"moving it back to '$1'"
	handle=$(keyd GET "/keypair/$segment" | jq -c '{keyHandle}')
	assert_equal 204 "$(keyd_status DELETE /keypair "$handle")" "deleting '$1'"
	assert_equal 400 "$(keyd_status GET "/keys/$segment")" "the deleted '$1'"
}

ids_may_have_any_character() {
	device_with_keys
	echo "a message" >"$DEVICE/message"
	local id
	for id in "${IDS[@]}" "$(repeat 255 i)" "$(repeat 127 é)"; do
		assert_usable "$id"
	done
	assert_unharmed
}

ids_may_not_be_empty_or_long_or_have_control_characters() {
	device_with_keys
	local id
	for id in '' "$(repeat 256 i)" "$(repeat 1000 i)" "$(repeat 128 é)" \
		$'a\nb' $'\x7f' $'a\tb'; do
		assert_equal 400 "$(keyd_status POST /keypair "$(create_body "$id")")" \
			"creating '$id'"
		[ -z "$id" ] || assert_equal 400 \
			"$(keyd_status GET "/keys/$(segment_of "$id")")" "getting '$id'"
		assert_equal 400 "$(keyd_status POST /keypair/moved \
			"$(jq -n --arg id "$id" '{from: $id}')")" "moving '$id'"
	done
	assert_equal 422 "$(keyd_status POST /keypair '{"keyId":"a\u0000b"}')" "NUL in a body"
	assert_equal 404 "$(keyd_status GET /keys/a%00b)" "NUL in a path"
	assert_equal 404 "$(keyd_status GET /keys/%ff)" "no UTF-8 in a path"
	assert_equal 2 "$(keyd GET /keys | jq '.keys | length')" "the number of keys"
	assert_unharmed
}

run_tests \
	every_call_refuses_bodies_that_are_none \
	bodies_may_not_be_deep \
	bodies_and_heads_may_not_be_large \
	requests_may_not_end_early \
	requests_may_not_be_slow \
	idle_connections_of_many_uids_keep_nobody_out \
	a_uid_with_all_its_connections_keeps_out_nobody_not_even_itself \
	a_uid_with_unfinished_requests_keeps_out_nobody \
	a_uid_that_fills_the_token_keeps_out_nobody \
	ids_may_have_any_character \
	ids_may_not_be_empty_or_long_or_have_control_characters
