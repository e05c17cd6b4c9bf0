#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# 'config apply' on running daemons, which are processes with pid files: what
# works is kept, what does not is taken back with the daemons' old service.

. "$(dirname "$0")/../support/harness.sh"
. "$(dirname "$0")/../support/rollback.sh"

pids() { cat "$SIGNET_RUNTIME_DIR"/{keyd,certd,provisiond}.pid; }

# The daemons' files, by which they were and are to be configured.
files() { md5sum "$SIGNET_CONFIG_DIR"/*/config.yaml; }

# The old service is there when the command ends: nothing is waited for.
assert_taken_back() { # MESSAGE-PART
	local before
	before=$(files)
	refused signetctl config apply
	assert_contains "$output" "$1" "why it is taken back"
	assert_contains "$output" "the configuration is as it was" "the message"
	assert_equal "$before" "$(files)" "the daemons' files"
	assert_well
	signature_is_made
}

restarts_only_whom_it_concerns() {
	prepare
	local keyd certd
	keyd=$(daemon_pid keyd)
	certd=$(daemon_pid certd)
	configure "$(token_uri)" better
	output=$(signetctl config apply 2>/dev/null)
	assert_contains "$output" "certd: restarted" "what was restarted"
	assert_lacks "$output" "keyd: restarted" "what was restarted"
	assert_equal "$keyd" "$(daemon_pid keyd)" "keyd's process"
	[ "$certd" != "$(daemon_pid certd)" ] || fail "certd was not restarted"
	assert_well
}

leaves_the_daemons_alone_if_it_is_told_so() {
	prepare
	local before
	before=$(pids)
	configure "$(token_uri)" better
	output=$(signetctl config apply --no-restart 2>/dev/null)
	assert_contains "$output" "signetctl system restart" "what is to be done"
	assert_equal "$before" "$(pids)" "the processes"
}

takes_back_what_kills_a_daemon() {
	prepare
	configure_deadly
	assert_taken_back "signet-certd ended while it started"
}

takes_back_what_loses_the_token() {
	prepare
	configure_lost
	assert_taken_back "keyd cannot work with it"
}

takes_back_what_a_daemon_says_it_cannot_work_with() {
	prepare
	configure_refused
	assert_taken_back "PIN"
}

takes_back_all_daemons_if_a_later_one_fails() {
	prepare
	local keyd
	keyd=$(daemon_pid keyd)
	configure "$(token_uri)" deadly
	sed -i 's/rights: \[use, manage\]/rights: [use, export]/' \
		"$SIGNET_CONFIG_DIR/config.yaml"
	assert_taken_back "signet-certd ended while it started"
	[ "$keyd" != "$(daemon_pid keyd)" ] || fail "keyd was not restarted"
}

is_no_worse_than_before() {
	prepare
	# The token is gone already: a change that does not help may be made.
	mv "$DEVICE/tokens" "$DEVICE/elsewhere"
	mkdir "$DEVICE/tokens"
	signetctl system restart >/dev/null 2>&1
	assert_equal degraded "$(health_of keyd)" "keyd's health"
	configure "$(token_uri)" better
	sed -i 's/rights: \[use, manage\]/rights: [use]/' \
		"$SIGNET_CONFIG_DIR/config.yaml"
	signetctl config apply >/dev/null 2>&1 || fail "it is not applied"
	assert_equal degraded "$(health_of keyd)" "keyd's health"
}

run_tests \
	restarts_only_whom_it_concerns \
	leaves_the_daemons_alone_if_it_is_told_so \
	takes_back_what_kills_a_daemon \
	takes_back_what_loses_the_token \
	takes_back_what_a_daemon_says_it_cannot_work_with \
	takes_back_all_daemons_if_a_later_one_fails \
	is_no_worse_than_before
