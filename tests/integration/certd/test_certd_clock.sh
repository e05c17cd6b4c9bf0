#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signet-certd with a clock that is wrong by decades: it decides nothing, loses
# nothing, and does what it was asked for when the clock is right.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/certd.sh"

readonly YEAR=31557600

set_clock() { # SECONDS that it is wrong by
	echo "$1" >"$DEVICE/clock.new"
	mv "$DEVICE/clock.new" "$DEVICE/clock"
}

start_with_clock() { # SECONDS that it is wrong by
	set_clock "$1"
	LD_PRELOAD=$SIGNET_BUILD/lib/wrongclock.so WRONGCLOCK_FILE=$DEVICE/clock \
		ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
		daemon_start certd
}

health() { call certd GET /health | jq -r "$1"; } # MEMBER
doubts() { [[ $(health .message) == "the clock $1"* ]]; }  # HOW
status_of() { call certd "$@" -o /dev/null -w '%{http_code}'; }
renew() { status_of POST /certificates/web/renew ''; }

# By name and content, without what the engine has noted.
files() { cd "$SIGNET_STATE_DIR/certd/certs" && sha256sum -- *; }

# Asks for all that is decided by the clock.
assert_decides_nothing() { # HOW-THE-CLOCK-IS-WRONG
	local old kept
	old=$(fingerprint web)
	kept=$(files)
	assert_equal 202 "$(renew)" "asking for it"
	eventually 60 doubts "$1"
	assert_equal "degraded true" "$(health '"\(.status) \(.passing)"')" "the health"
	assert_equal 503 "$(status_of PUT /certificates/web \
		"$(jq -n --arg pem "$(pem web)" '{pem: $pem}')")" "an import"
	assert_equal 503 "$(status_of POST /certificates/other/renew '')" "what is not kept fresh"
	assert_equal "$old" "$(fingerprint web)" "the certificate that is shown"
	assert_equal "$kept" "$(files)" "what is stored"
	assert_equal "idle wanted" "$(journal | jq -r '"\(.stage) \(.wish)"')" "what has been done"
	has_pair || fail "the pair is none"
}

is_at_rest() { [ "$(journal | jq -r '"\(.stage) \(.wish)"')" = "idle null" ]; }

# The engine looks by itself, too, but not at once.
assert_goes_on() { # FINGERPRINT-BEFORE
	set_clock 0
	assert_equal 202 "$(renew)" "asking for it again"
	eventually 60 is_another_than web "$1"
	eventually 60 is_at_rest
	assert_equal ok "$(health .status)" "the health then"
	has_pair || fail "the new pair is none"
}

waits_while_its_clock_is_ahead_or_back_by_decades() {
	local old
	device_with_pair ""
	eventually 60 is_idle
	daemon_stop certd
	start_with_clock 0
	old=$(fingerprint web)
	# A certificate of 7 days is over then, or is not valid yet.
	set_clock $((10 * YEAR))
	assert_decides_nothing "has jumped ahead"
	assert_goes_on "$old"
	old=$(fingerprint web)
	set_clock $((-50 * YEAR))
	assert_decides_nothing "shows a time that is over"
	assert_goes_on "$old"
	daemon_stop certd
	daemon_stop keyd
}

waits_if_it_wakes_up_in_1970() {
	local old
	device_with_pair ""
	eventually 60 is_idle
	old=$(fingerprint web)
	daemon_stop certd
	start_with_clock "-$(date +%s)"
	assert_decides_nothing "shows a time that is over"
	daemon_stop certd
	start_with_clock "-$(date +%s)"
	assert_decides_nothing "shows a time that is over"
	assert_goes_on "$old"
	daemon_stop certd
	daemon_stop keyd
}

# It was ahead for an hour, so that certd remembers that time as the newest.
believes_a_clock_that_was_put_right_when_it_is_told_to() {
	local old
	device_with_pair ""
	eventually 60 is_idle
	daemon_stop certd
	printf %s "$(date -u -d '10 years' +%Y-%m-%dT%H:%M:%SZ)" \
		>"$SIGNET_STATE_DIR/certd/renewal/time"
	start_with_clock 0
	assert_decides_nothing "shows a time that is over"
	assert_contains "$(health .message)" "remove 'renewal/time'" "what to do"
	old=$(fingerprint web)
	daemon_stop certd
	rm "$SIGNET_STATE_DIR/certd/renewal/time"
	start_with_clock 0
	assert_goes_on "$old"
	daemon_stop certd
	daemon_stop keyd
}

run_tests waits_while_its_clock_is_ahead_or_back_by_decades \
	waits_if_it_wakes_up_in_1970 \
	believes_a_clock_that_was_put_right_when_it_is_told_to
