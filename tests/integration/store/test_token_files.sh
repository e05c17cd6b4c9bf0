#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# SoftHSM writes files and leaves it to the kernel when they are on disk. keyd has
# them there before it answers; each change is made on a disk that refuses that once.
. "$(dirname "$0")/../../support/harness.sh"

readonly REFUSED="may not be on disk"

device_with_token_in_state() {
	device_create
	mkdir -p "$SIGNET_STATE_DIR/keyd/softhsm"
	chmod 700 "$SIGNET_STATE_DIR/keyd"
	sed -i "s|tokendir = .*|tokendir = $SIGNET_STATE_DIR/keyd/softhsm|" "$SOFTHSM2_CONF"
	token_create
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)"
	daemon_start keyd
}

# keyd anew; the first fsync of a file of the token fails.
fail_the_first_fsync() {
	daemon_stop keyd
	env LD_PRELOAD="$SIGNET_BUILD/lib/failio.so" \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		FAILIO_FOLDER="$SIGNET_STATE_DIR/keyd/softhsm" FAILIO_CALL=fsync \
		FAILIO_NUMBER=1 FAILIO_ERRNO=EIO FAILIO_MARK="$DEVICE/mark" \
		signet-keyd >>"$DEVICE/keyd.log" 2>&1 &
	echo $! >"$DEVICE/keyd.pid"
	eventually 20 call keyd GET /health
}

assert_settles() { # COMMAND...
	rm -f "$DEVICE/mark"
	fail_the_first_fsync
	refused "$@"
	assert_contains "$output" "$REFUSED" "$* on a disk that fails"
	[ -e "$DEVICE/mark" ] || fail "$*: nothing was to be on disk"
}

a_key_is_made_and_removed_on_disk_before_the_answer() {
	device_with_token_in_state
	signetctl key create deleted >/dev/null
	assert_settles signetctl key create made
	assert_equal 1 "$(signetctl key list -o json | jq '.keys | length')" \
		"keys when one could not be made"
	signetctl key create made >/dev/null
	assert_settles signetctl key delete deleted
	daemon_stop keyd
}

a_key_that_is_only_used_asks_nothing_of_the_disk() {
	device_with_token_in_state
	signetctl key create used >/dev/null
	rm -f "$DEVICE/mark"
	fail_the_first_fsync
	keyd POST /keys/used/sign "$(jq -nc --arg m "$(head -c 32 /dev/zero | base64)" \
		'{algorithm: "ES256", message: $m}')" | jq -e .signature >/dev/null
	[ ! -e "$DEVICE/mark" ] || fail "a signature was waited for"
	daemon_stop keyd
}

run_tests \
	a_key_is_made_and_removed_on_disk_before_the_answer \
	a_key_that_is_only_used_asks_nothing_of_the_disk
