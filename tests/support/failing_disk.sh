# SPDX-License-Identifier: MIT
#
# For tests of a daemon, $DAEMON, on a disk that fails or that is cut off, after
# harness.sh: "with_each_failure" lets each write, fsync, rename and unlink fail in
# turn.

# The daemon, on a disk that fails at the given call.
run_on_failing_disk() { # CALL NUMBER ERRNO
	exec env LD_PRELOAD="$SIGNET_BUILD/lib/failio.so" \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		FAILIO_FOLDER="$SIGNET_STATE_DIR/$DAEMON" FAILIO_CALL="$1" \
		FAILIO_NUMBER="$2" FAILIO_ERRNO="$3" FAILIO_MARK="$DEVICE/mark" \
		"$SIGNET_BUILD/bin/signet-$DAEMON" 2>>"$SIGNET_STATE_DIR/log/$DAEMON.log"
}

# Starts it; the others run.
start_on_failing_disk() { # CALL NUMBER ERRNO
	mkdir -p "$SIGNET_STATE_DIR/log"
	run_on_failing_disk "$@" &
	daemon=$!
	echo "$daemon" >"$DEVICE/$DAEMON.pid"
	serves_or_is_killed() { is_ready "$DAEMON" || is_killed; }
	eventually 30 serves_or_is_killed
}

is_killed() { [ "${reason:-}" = KILL ] && [ -e "$DEVICE/mark" ]; }

# It ends as ever, whatever failed: it has not crashed, nor leaked. One may also be
# killed by what it does at its end.
stop_daemon() {
	local result=0 expected=0
	kill "$daemon" 2>/dev/null || true
	wait "$daemon" || result=$?
	! is_killed || expected=137
	assert_equal $expected $result "the daemon's exit status"
}

# There are many starts; other tests look for leaks on good disks.
start_on_good_disk() { # DAEMON
	mkdir -p "$SIGNET_STATE_DIR/log"
	ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" \
		"$SIGNET_BUILD/bin/signet-$1" 2>>"$SIGNET_STATE_DIR/log/$1.log" &
	daemon=$!
	echo "$daemon" >"$DEVICE/$1.pid"
	wait_for "$1"
}

is_ready() { # DAEMON
	curl -s -o "$DEVICE/ready" --unix-socket "$SIGNET_RUNTIME_DIR/$1.sock" \
		"http://$1.sock/health?api-version=2026-12-01"
}

wait_for() { # DAEMON
	local i
	for ((i = 0; i < 50; i++)); do
		! is_ready "$1" || return 0
		sleep 0.02
	done
	eventually 20 is_ready "$1"
}

# What a test notes after "operate", when no daemon runs.
take_note() { :; }

# Runs "operate" with one call failing, and "examine" on a good disk afterwards.
# "prepare" makes the state before. False: there is no such call.
fails() { # CALL NUMBER REASON
	local reason=$3
	prepare
	rm -f "$DEVICE/mark"
	stop_daemon
	start_on_failing_disk "$1" "$2" "$reason"
	operate || true
	stop_daemon
	take_note
	start_on_good_disk "$DAEMON"
	examine || fail "$DAEMON: $reason at $1 $2"
	[ -f "$DEVICE/mark" ]
}

# What a call fails with. A write meets both; the daemons do not look why a call
# failed, so that for what follows it they take turns. A sanitizer says nothing of
# a process that was killed, and makes all of it slow, so kills are for the build
# that is packaged.
reasons() { # CALL NUMBER
	if [ "$1" = write ]; then
		echo ENOSPC EIO
	elif (($2 % 2)); then
		echo ENOSPC
	else
		echo EIO
	fi
	is_sanitized || echo KILL
}

# Until none is left to fail; CALLS may be less than all.
with_each_failure() {
	local call number reason failed=0
	start_on_good_disk "$DAEMON"
	for call in ${CALLS:-write fsync rename unlink}; do
		for number in $(seq 41); do
			for reason in $(reasons "$call" "$number"); do
				fails "$call" "$number" "$reason" || break 2
			done
			failed=$((failed + 1))
			[ "$number" -lt 41 ] || fail "$call never ran out"
		done
	done
	stop_daemon
	echo "# $DAEMON: $failed calls failed in turn"
	# One file is a write, two fsyncs and a rename; or an unlink and an fsync.
	[ "$failed" -ge "${1:-4}" ] ||
		fail "only $failed calls failed; the shim is not in the way"
}
