#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs transcripts: what is typed and what is to be answered, between prose.
#
#   run.sh [--update] FILE.t...
#
# A line "  $ COMMAND" is run by bash in a device's empty directory; "  > MORE"
# goes on. The indented lines behind it are its whole output, stderr too, and
# "  [N]" its exit status unless that is 0. In the output the directory is shown
# as DIR, the version as VERSION and numbers of processes as N; empty lines are
# left out. Everything else is a comment. --update writes down what was answered.
set -euo pipefail
: "${SIGNET_BUILD:?names the build directory, e.g. build/dev}"

update=false
if [ "${1:-}" = --update ]; then
	update=true
	shift
fi

SIGNET_SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
export SIGNET_SOURCE
export PATH=$SIGNET_BUILD/bin:$PATH
export SIGNET_PKCS11_MODULE=$SIGNET_BUILD/lib/libsignet-pkcs11.so

work=$(mktemp -d /tmp/sc.XXXXXX)
device=$work/device
export SIGNET_RUNTIME_DIR=$device/run
export SIGNET_CONFIG_DIR=$device/etc
export SIGNET_STATE_DIR=$device/state

clean() {
	signetctl system stop >/dev/null 2>&1 || true
	rm -rf "$device"
}
trap 'clean; rm -rf "$work"' EXIT

version=$(signetctl --version)
version=${version#signetctl }

normalise() {
	sed -E "s|$device|DIR|g; s/process [0-9]+/process N/g;
		s/(\"pid\": )[0-9]+/\1N/; s/${version//./[.]}/VERSION/g"
}

answer() { # COMMAND: its output and status, indented
	local status=0
	(cd "$device" && bash -c "$1") >"$work/output" 2>&1 </dev/null || status=$?
	normalise <"$work/output" | sed 's/ *$//; /^$/d; s/^/  /'
	[ $status -eq 0 ] || echo "  [$status]"
}

# Prints the transcript with the answers that are given now.
replay() { # FILE
	local line command=''
	while IFS= read -r line || [ -n "$line" ]; do
		if [ -n "$command" ] && [[ $line != '  > '* ]]; then
			answer "$command"
			command=''
		fi
		case $line in
		'  $ '*) command=${line#'  $ '} ;;
		'  > '*) command+=$'\n'${line#'  > '} ;;
		'  '*) continue ;;
		esac
		printf '%s\n' "$line"
	done <"$1"
	[ -z "$command" ] || answer "$command"
}

failures=0
for transcript; do
	mkdir "$device"
	replay "$transcript" >"$work/actual"
	clean
	if $update; then
		cp "$work/actual" "$transcript"
	elif diff -u "$transcript" "$work/actual"; then
		echo "ok - ${transcript##*/}"
	else
		echo "not ok - ${transcript##*/}"
		failures=$((failures + 1))
	fi
done
[ $failures -eq 0 ]
