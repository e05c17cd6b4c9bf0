# SPDX-License-Identifier: MIT
#
# For tests of a disk that fails, or that is cut off, after harness.sh: each write,
# fsync, rename and unlink fails in turn, of a daemon, $DAEMON
# ("with_each_failure"), or of a command ("with_each_failure_of").

# What a subshell starts from now on is on a disk that fails at the given call.
let_disk_fail() { # FOLDER CALL NUMBER ERRNO
	export LD_PRELOAD=$SIGNET_BUILD/lib/failio.so \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		FAILIO_FOLDER=$1 FAILIO_CALL=$2 FAILIO_NUMBER=$3 FAILIO_ERRNO=$4 \
		FAILIO_MARK=$DEVICE/mark
}

# --- a command ------------------------------------------------------------------

command_on_failing_disk() { # CALL NUMBER REASON COMMAND...
	(
		let_disk_fail "$DEVICE" "$1" "$2" "$3"
		exec "${@:4}"
	)
}

# The files that it makes, but those on the way to them.
files_made() {
	(cd "$DEVICE" && find etc state -type f ! -name '*.old' ! -name '*.new' \
		! -name '*.tmp' ! -name applying.json \
		-exec stat -c '%a %n' {} + -exec md5sum {} + | sort)
}

files_on_the_way() {
	find "$DEVICE"/{etc,state} -name '*.old' -o -name '*.new' -o -name applying.json \
		-o -name '*.tmp' "$@"
}

forget_files() {
	rm -rf "$DEVICE"/{etc,state,mark}
	mkdir "$DEVICE"/{etc,state}
}

# The same command again makes what it would have made at once. False: there is no
# such call.
command_fails() { # CALL NUMBER REASON COMMAND...
	local result=0 what="$3 at $1 $2"
	forget_files
	command_on_failing_disk "$@" >"$DEVICE/out" 2>&1 || result=$?
	[ -e "$DEVICE/mark" ] || return 1
	case $3:$result in
	KILL:137 | ENOSPC:[01] | EIO:[01]) ;;
	*) fail "$what: status $result, $(cat "$DEVICE/out")" ;;
	esac
	assert_equal "" "$(comm -23 <(files_made) <(echo "$made"))" "a half file after $what"
	[ "$3" = KILL ] || assert_equal "" "$(files_on_the_way)" "what is left after $what"
	"${@:4}" >"$DEVICE/out" 2>&1 || fail "again, after $what: $(cat "$DEVICE/out")"
	assert_equal "$made" "$(files_made)" "the files, again after $what"
	assert_equal "" "$(files_on_the_way -a ! -name '*.tmp')" "what is left in the end"
}

command_reasons() { # NUMBER
	if (($1 % 2)); then echo ENOSPC; else echo EIO; fi
	is_sanitized || echo KILL
}

# Each file that it makes is whole or not there, whatever happens.
with_each_failure_of() { # COMMAND...
	local call number reason failed=0 made
	forget_files
	"$@" >"$DEVICE/out" 2>&1 || fail "$*: $(cat "$DEVICE/out")"
	made=$(files_made)
	for call in write fsync rename unlink; do
		for number in $(seq 80); do
			for reason in $(command_reasons "$number"); do
				command_fails "$call" "$number" "$reason" "$@" || break 2
			done
			failed=$((failed + 1))
			[ "$number" -lt 80 ] || fail "$call never ran out"
		done
	done
	echo "# $*: $failed calls failed in turn"
	[ "$failed" -ge 4 ] || fail "the shim is not in the way"
}

# --- a daemon -------------------------------------------------------------------

# The daemon, on a disk that fails at the given call.
run_on_failing_disk() { # CALL NUMBER ERRNO
	let_disk_fail "$SIGNET_STATE_DIR/$DAEMON" "$@"
	exec "$SIGNET_BUILD/bin/signet-$DAEMON" 2>>"$SIGNET_STATE_DIR/log/$DAEMON.log"
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
	rm -f "$DEVICE/mark" # of the last round
	prepare || fail "$DAEMON: what is there before cannot be made"
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

# --- devices ----------------------------------------------------------------------

# A device that has been assigned, with its provisiond stopped.
assigned_device() {
	device_of_group dev1
	config_provision "file://$(chain_of dev1)" "file://$(key_of dev1)"
	echo '  always_reprovision_on_startup: false' >>"$DEVICE/config.yaml"
	printf 'token: { module: "%s", uri: "%s" }\n' "$SOFTHSM_MODULE" "$(token_uri)" \
		>>"$DEVICE/config.yaml"
	mkdir -p "$SIGNET_CONFIG_DIR/keyd/config.d"
	printf 'principals: [{ user: "%s", keys: ["aziot*"], rights: [use, export, manage] }]\n' \
		"$(id -u)" >"$SIGNET_CONFIG_DIR/keyd/config.d/modules.yaml"
	apply_and_start
	wait_until_provisioned
	service_end provisiond
}
