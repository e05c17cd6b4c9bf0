#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Who may do what with the keys of a real keyd: in a token, and in files.
. "$(dirname "$0")/../../support/harness.sh"

readonly OTHER=2001
readonly THIRD=2002
readonly DIGEST='AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
readonly AZIOT='?api-version=2020-09-01'

# A keyd with a pair and a secret in the token and one of each in a file, named
# token-pair, token-secret, file-pair, file-secret; further lines of its file.
device_with_keys() { # [LINE]...
	device_create
	token_create
	openssl genpkey -algorithm RSA -out "$DEVICE/pair.pem" 2>/dev/null
	printf '0123456789abcdef0123456789abcdef' >"$DEVICE/secret"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" "$@" \
		'preloaded_keys:' \
		"  file-pair: \"file://$DEVICE/pair.pem\"" \
		"  file-secret: \"file://$DEVICE/secret\""
	daemon_start keyd
	signetctl key create token-pair --algorithm rsa-2048 --usage sign,decrypt \
		>/dev/null
	signetctl key create token-secret --symmetric >/dev/null
}

# A call of aziot's, as CALLER.
aziot() { # METHOD PATH [JSON] [CURL-OPTION]...
	${CALLER:+as_uid "$CALLER"} curl -s --max-time 60 \
		--unix-socket "$SIGNET_RUNTIME_DIR/keyd.sock" -X "$1" \
		${3:+-H 'content-type: application/json' --data "$3"} "${@:4}" \
		"http://keyd.sock$2$AZIOT"
}

handle_of() { # PATH; as CALLER
	aziot GET "$1" | jq -er .keyHandle
}

status_as() { # UID METHOD PATH [JSON]
	CALLER=$1 keyd_status "$2" "$3" "${4:-}"
}

# The status of a use of the key by that uid, by id.
use_of() { # UID KEY
	case $2 in
	*-pair) status_as "$1" POST "/keys/$2/sign" \
		"{\"algorithm\":\"PS256\",\"digest\":\"$DIGEST\"}" ;;
	*) status_as "$1" POST "/keys/$2/sign" \
		'{"algorithm":"HS256","message":""}' ;;
	esac
}

is_use() { # STATUS UID KEY
	[ "$(use_of "$2" "$3")" = "$1" ]
}

# The status of an HMAC with a handle.
mac_of() { # UID HANDLE
	status_as "$1" POST /sign "{\"keyHandle\":\"$2\",\"algorithm\":
		\"HMAC-SHA256\",\"parameters\":{\"message\":\"\"}}"
}

is_mac() { # STATUS UID HANDLE
	[ "$(mac_of "$2" "$3")" = "$1" ]
}

derived_from() { # HANDLE; as CALLER
	aziot POST /derivedkey \
		"{\"baseKeyHandle\":\"$1\",\"derivationData\":\"AQ==\"}" |
		jq -er .keyHandle
}

# --- each right ---------------------------------------------------------------

each_right_is_one_of_its_own() {
	device_with_keys \
		"  - { user: \"$OTHER\", keys: [\"*\"] }" \
		"  - { user: \"$THIRD\", keys: [\"*\"], rights: [manage] }"
	local key handle
	for key in token-pair file-pair token-secret file-secret; do
		assert_equal 200 "$(use_of $OTHER $key)" "use of $key by who may use"
		assert_equal 401 "$(use_of $THIRD $key)" "use of $key by who manages"
		assert_equal 200 "$(status_as $THIRD GET /keys/$key)" "$key, shown"
		assert_equal 401 "$(status_as $OTHER DELETE /keys/$key)" \
			"removal of $key by who may use"
	done
	for key in token-secret file-secret; do
		handle=$(handle_of /key/$key)
		handle=$(derived_from "$handle")
		assert_equal 401 "$(status_as $OTHER POST /derivedkey/export \
			"{\"keyHandle\":\"$handle\"}")" "bytes derived from $key"
		assert_equal 200 "$(keyd_status POST /derivedkey/export \
			"{\"keyHandle\":\"$handle\"}")" "the same, by who may export"
	done
	# What is preloaded is the operator's.
	for key in file-pair file-secret; do
		assert_equal 400 "$(status_as $THIRD DELETE /keys/$key)" "removal of $key"
	done
	for key in token-pair token-secret; do
		assert_equal 204 "$(status_as $THIRD DELETE /keys/$key)" "removal of $key"
		assert_equal 400 "$(use_of $OTHER $key)" "use of $key that is removed"
	done
}

a_stranger_is_refused_each_call() {
	local key handle derived
	device_with_keys
	for key in token-pair file-pair token-secret file-secret; do
		assert_equal 401 "$(use_of $OTHER $key)" "use of $key"
		assert_equal 401 "$(status_as $OTHER GET /keys/$key)" "$key, shown"
		assert_equal 401 "$(status_as $OTHER DELETE /keys/$key)" "removal of $key"
	done
	for key in token-secret file-secret; do
		handle=$(handle_of /key/$key)
		derived=$(derived_from "$handle")
		assert_equal 401 "$(mac_of $OTHER "$handle")" "HMAC with $key"
		assert_equal 401 "$(mac_of $OTHER "$derived")" "HMAC derived from $key"
		assert_equal 401 "$(status_as $OTHER POST /derivedkey \
			"{\"baseKeyHandle\":\"$handle\",\"derivationData\":\"\"}")" \
			"deriving from $key"
	done
	assert_equal '{"keys":[]}' "$(CALLER=$OTHER keyd GET /keys)" "the list"
}

root_manages_but_does_not_use() {
	device_create
	token_create
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	printf 'token: { module: "%s", uri: "%s" }\n' "$SOFTHSM_MODULE" \
		"$(token_uri)" >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	daemon_start keyd
	assert_equal 200 "$(status_as 0 POST /keypair '{"keyId":"a-pair",
		"preferredAlgorithms":"rsa-2048"}')" "root's making of a key"
	assert_equal '["manage"]' "$(CALLER=0 keyd GET /keys/a-pair |
		jq -c .rights)" "root's rights"
	assert_equal 401 "$(use_of 0 a-pair)" "root's use"
	assert_equal 204 "$(status_as 0 DELETE /keys/a-pair)" "root's removal"
}

# --- changes while keyd runs --------------------------------------------------

what_is_granted_and_revoked_counts_at_once() {
	device_with_keys
	assert_equal 401 "$(use_of $OTHER token-pair)" "use before"
	signetctl grant $OTHER 'token-*' use >/dev/null
	eventually 20 is_use 200 $OTHER token-pair
	assert_equal 200 "$(use_of $OTHER token-secret)" "use of another key"
	assert_equal 401 "$(use_of $OTHER file-pair)" "use of one that was not meant"
	signetctl revoke $OTHER 'token-*' >/dev/null
	eventually 20 is_use 401 $OTHER token-pair
}

the_configuration_is_read_anew_on_sighup() {
	device_with_keys
	printf '  - { user: "%s", keys: ["token-pair"] }\n' "$OTHER" >"$DEVICE/line"
	sed -i "/^principals:/r $DEVICE/line" "$SIGNET_CONFIG_DIR/keyd/config.yaml"
	kill -HUP "$(cat "$DEVICE/keyd.pid")"
	eventually 20 is_use 200 $OTHER token-pair
}

# The health of keyd is that, somewhere.
has_health() { # PART
	[[ $(health keyd) == *"$1"* ]]
}

a_broken_file_changes_nothing_and_is_told() {
	device_with_keys
	signetctl grant $OTHER token-pair use >/dev/null
	eventually 20 is_use 200 $OTHER token-pair
	printf 'principals: [ { user: no-such-user-here, keys: ["*"] } ]\n' \
		>"$SIGNET_CONFIG_DIR/keyd/config.d/zz.yaml"
	eventually 20 has_health "no user 'no-such-user-here'"
	has_health "degraded: the principals stay as they were" ||
		fail "the health is $(health keyd)"
	assert_equal 200 "$(use_of $OTHER token-pair)" "use by who might before"
	eventually 20 grep -q "error: the principals stay as they were" "$DEVICE/keyd.log"
	rm "$SIGNET_CONFIG_DIR/keyd/config.d/zz.yaml"
	eventually 20 has_health "ok: "
}

# --- handles ------------------------------------------------------------------

delegate() { # HANDLE UID; as CALLER
	call keyd POST /handles/delegate "{\"keyHandle\":\"$1\",\"uid\":$2}" |
		jq -er .keyHandle
}

a_delegated_handle_lasts_as_long_as_the_right_behind_it() {
	local key handle
	local -A lent
	device_with_keys "  - { user: \"$OTHER\", keys: [\"nothing\"] }"
	for key in token-secret file-secret; do
		signetctl grant $OTHER $key use >/dev/null
		eventually 20 is_use 200 $OTHER $key
		handle=$(CALLER=$OTHER handle_of /key/$key)
		handle=$(CALLER=$OTHER derived_from "$handle")
		lent[$key]=$(CALLER=$OTHER delegate "$handle" $THIRD)
		assert_equal 200 "$(mac_of $THIRD "${lent[$key]}")" "use of $key, lent"
		assert_equal 401 "$(mac_of $THIRD "$handle")" \
			"use of $key by the lender's handle"
	done
	daemon_kill keyd
	daemon_start keyd
	for key in token-secret file-secret; do
		assert_equal 200 "$(mac_of $THIRD "${lent[$key]}")" \
			"use of $key, lent, after a restart"
		signetctl revoke $OTHER $key >/dev/null
		eventually 20 is_mac 401 $THIRD "${lent[$key]}"
	done
}

a_bearer_uses_handles_of_others() {
	local key handle
	device_with_keys "bearer: [\"$OTHER\"]"
	for key in token-secret file-secret; do
		handle=$(handle_of /key/$key)
		assert_equal 200 "$(mac_of $OTHER "$handle")" "use of $key by a bearer"
		assert_equal 401 "$(mac_of $THIRD "$handle")" "use of $key by another"
		assert_equal 401 "$(use_of $OTHER $key)" "use of $key without a handle"
	done
}

with_compat_aziot_handles_are_rights() {
	local handle
	device_with_keys "  - { user: \"$OTHER\", keys: [\"other*\"] }" "compat: aziot"
	handle=$(handle_of /key/token-secret)
	assert_equal 200 "$(mac_of $OTHER "$handle")" "use by a principal"
	assert_equal 401 "$(mac_of $THIRD "$handle")" "use by a stranger"
	assert_equal 204 "$(status_as $OTHER DELETE /key \
		"{\"keyHandle\":\"$handle\"}")" "removal by a principal"
	assert_equal 200 "$(status_as $OTHER POST /key \
		'{"keyId":"other-1","usage":"encrypt"}')" "making one's own"
}

# What is not for everybody is refused with who can, and not taken for empty.
others_are_told_what_root_can() {
	device_with_keys
	signetctl grant "$OTHER" token-pair use >/dev/null
	eventually 20 is_use 200 $OTHER token-pair
	as_other() { as_uid "$OTHER" signetctl "$@" 2>&1; }
	chmod 755 "$DEVICE" "$SIGNET_STATE_DIR" "$SIGNET_CONFIG_DIR"
	mkdir -m 700 "$SIGNET_STATE_DIR/log"
	refused as_other system logs
	assert_matches "$output" "*cannot read '*/log/keyd.log': Permission denied (root can)" "logs"
	refused as_other key show token-secret
	assert_contains "$output" "uid $OTHER has no right to key 'token-secret' ('signetctl grants'" "show"
	refused as_other key delete token-pair
	assert_contains "$output" "uid $OTHER may not manage key 'token-pair'" "delete"
}

run_tests \
	each_right_is_one_of_its_own \
	a_stranger_is_refused_each_call \
	root_manages_but_does_not_use \
	what_is_granted_and_revoked_counts_at_once \
	the_configuration_is_read_anew_on_sighup \
	a_broken_file_changes_nothing_and_is_told \
	a_delegated_handle_lasts_as_long_as_the_right_behind_it \
	a_bearer_uses_handles_of_others \
	with_compat_aziot_handles_are_rights \
	others_are_told_what_root_can
