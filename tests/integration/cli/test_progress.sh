#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signetctl, where a daemon takes calls and does not answer.
. "$(dirname "$0")/../../support/harness.sh"

# Writes down what is asked on a socket, and says nothing.
hear() { # SOCKET
	python3 -c '
import socket, sys, threading
path = sys.argv[1]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(64)
heard = open(path + ".heard", "w")
kept = []

def read(connection):
    while data := connection.recv(4096):
        heard.write(data.split(b"\r\n")[0].decode() + "\n")
        heard.flush()

while True:
    kept.append(server.accept()[0])
    threading.Thread(target=read, args=(kept[-1],), daemon=True).start()' "$1" &
	echo $! >"$DEVICE/$(basename "$(dirname "$1")")-$(basename "$1").pid"
	eventually 20 test -e "$1.heard"
}

# The command as if a person watched, from its beginning to its end.
watch() { # NAME COMMAND...
	script -qec "signetctl ${*:2}" /dev/null >"$DEVICE/$1.said" 2>&1 </dev/null &
	echo $! >"$DEVICE/$1.pid"
}

says_after_a_second_whom_it_waits_for() {
	device_create
	local command daemon
	local commands=("key list" "key show web" "key export-public web" "cert list"
		"cert show web" "cert tree" "cert explain web")
	hear "$SIGNET_RUNTIME_DIR/keyd.sock"
	hear "$SIGNET_RUNTIME_DIR/certd.sock"
	for command in "${commands[@]}"; do
		watch "${command// /-}" "$command"
	done
	for command in "${commands[@]}"; do
		daemon=certd
		[[ $command != key* ]] || daemon=keyd
		eventually 60 grep -qF "signetctl: $daemon is asked ..." "$DEVICE/${command// /-}.said"
	done
	# That sets all of them free at once; script(1) is slow to die of a signal.
	end "$(cat "$DEVICE/run-keyd.sock.pid")"
	end "$(cat "$DEVICE/run-certd.sock.pid")"
	for command in "${commands[@]}"; do
		wait "$(cat "$DEVICE/${command// /-}.pid")" || true
	done
}

# It waits once for a daemon, though it would ask twice.
status_waits_once_for_who_is_silent() {
	device_create
	hear "$SIGNET_RUNTIME_DIR/provisiond.sock"
	local status
	status=$(signetctl system status -o json) || true
	assert_equal '["stopped","stopped","silent"]' "$(jq -c '[.daemons[].state]' <<<"$status")" "states"
	assert_contains "$(jq -r .provisioning.message <<<"$status")" "did not answer" "the device"
	eventually 60 test -s "$SIGNET_RUNTIME_DIR/provisiond.sock.heard"
	assert_equal 1 "$(wc -l <"$SIGNET_RUNTIME_DIR/provisiond.sock.heard")" "how often it is asked"
}

# What serves the socket is not ours to end, and it is not said that nobody does.
stop_fails_where_another_program_serves_the_socket() {
	device_create
	hear "$SIGNET_RUNTIME_DIR/keyd.sock"
	refused signetctl system stop
	assert_contains "$output" "serves '$SIGNET_RUNTIME_DIR/keyd.sock', and is not 'signet-keyd'" "the answer"
	kill -0 "$(cat "$DEVICE/run-keyd.sock.pid")" || fail "it was ended"
}

run_tests \
	says_after_a_second_whom_it_waits_for \
	status_waits_once_for_who_is_silent \
	stop_fails_where_another_program_serves_the_socket
