#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# 'config apply' on running daemons, which are processes with pid files: what
# works is kept, what does not is taken back with the daemons' old service.

. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/namespace.sh"
. "$(dirname "$0")/../../support/rollback.sh"

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

# 5 s are promised, and held by tests/bench/rollback on a machine that rests. This one
# may be busy: several times that, and the best of three counts.
takes_back_what_loses_the_token_and_waits_for_nothing_else() {
	local began took limit=20000
	! is_sanitized || limit=60000
	prepare
	for _ in 1 2 3; do
		began=$(date +%s%N)
		configure_lost
		assert_taken_back "keyd cannot work with it"
		took=$((($(date +%s%N) - began) / 1000000))
		echo "the old service is back after $took ms"
		[ $took -gt $limit ] || return 0
	done
	fail "the old service was never back within $limit ms"
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

# An EST identity that ends soon, which certd says of itself, and works.
configure_ending() { # TRUST-BUNDLE
	configure "$(token_uri)" "$1"
	cat >>"$SIGNET_CONFIG_DIR/config.yaml" <<-YAML
		preloaded_certs:
		  birth: "file://$DEVICE/pki/certs/iot-edge-device-identity-dev-1-full-chain.cert.pem"
		  root: "file://$DEVICE/pki/certs/azure-iot-test-only.root.ca.cert.pem"
		cert_issuance:
		  certs:
		    site:
		      method: est
		      est:
		        url: "https://127.0.0.1:9/.well-known/est"
		        trusted_certs: [root]
		        identity_cert: birth
		        identity_pk: birth
	YAML
	sed -i "s|^preloaded_keys:|&\n  birth: \"file://$DEVICE/pki/private/iot-edge-device-identity-dev-1.key.pem\"|" \
		"$SIGNET_CONFIG_DIR/config.yaml"
}

tells_what_does_not_work_from_what_works_still() {
	local made stray
	prepare
	for made in root "device-identity dev-1"; do
		# shellcheck disable=SC2086
		signetctl testpki $made --dir "$DEVICE/pki" --not-before 2020-01-01T00:00:00Z \
			--not-after "$(date -u -d '2 days' +%FT%TZ)" >/dev/null
	done
	configure_ending good
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_matches "$(health certd)" "degraded: certificate 'birth'*replace it in time*" \
		"certd's health"
	# That is no reason to overlook what does not work from then on.
	stray=$SIGNET_STATE_DIR/certd/certs/stray.cer
	sed -i "2i grep -q stray '$SIGNET_CONFIG_DIR/certd/config.yaml' && echo '# certificate x' >'$stray'" \
		"$DEVICE/libexec/signet-certd"
	configure_ending stray
	refused signetctl config apply
	assert_contains "$output" "certd cannot work with it: file" "why it is taken back"
}

nothing_is_left() {
	assert_equal "" "$(find "$SIGNET_CONFIG_DIR" -name '*.old' -o -name '*.new' \
		-o -name applying.json)" "what is beside the files"
}

a_signal_takes_it_back() {
	prepare
	local before signal result
	before=$(files)
	for signal in HUP TERM; do
		apply_and_hold
		[ "$before" != "$(files)" ] || fail "nothing was switched"
		kill "-$signal" "$applying"
		rm "$DEVICE/hold"
		result=0
		wait "$applying" || result=$?
		assert_equal 1 $result "its exit status"
		assert_contains "$(cat "$DEVICE/applying.log")" "interrupted by SIG$signal" \
			"the message"
		assert_equal "$before" "$(files)" "the daemons' files"
		nothing_is_left
		assert_well
		signature_is_made
	done
}

only_one_is_at_work() {
	prepare
	apply_and_hold
	refused signetctl config apply
	assert_contains "$output" "another 'config apply' is at work" "the message"
	output=$(signetctl config check 2>&1) || true
	assert_lacks "$output" "interrupted" "what is found meanwhile"
	rm "$DEVICE/hold"
	wait "$applying" || fail "it has failed: $(cat "$DEVICE/applying.log")"
	nothing_is_left
}

the_next_takes_back_one_that_was_killed() {
	prepare
	local before certd
	before=$(files)
	apply_and_hold
	kill -KILL "$applying"
	wait "$applying" || true
	rm "$DEVICE/hold"
	certd_is_well() { [ "$(health_of certd)" = ok ]; }
	eventually 20 certd_is_well
	certd=$(daemon_pid certd)
	refused signetctl config check
	assert_contains "$output" "was interrupted" "what is found"
	configure "$(token_uri)" good
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_contains "$output" "what it had changed is taken back" "the message"
	assert_equal "$before" "$(files)" "the daemons' files"
	[ "$certd" != "$(daemon_pid certd)" ] || fail "certd was not restarted"
	nothing_is_left
	assert_well
	output=$(signetctl config check 2>&1) || true
	assert_lacks "$output" "was interrupted" "what is found afterwards"
}

# Killed when it had stopped a daemon, with the new files or on its way back to the
# old: what is found says so, and the next one starts it again.
assert_started_again() {
	refused signetctl system status
	assert_contains "$output" "certd: does not run" "what is seen"
	assert_contains "$output" "an earlier 'config apply' was interrupted" "why"
	refused signetctl config check
	assert_contains "$output" "was interrupted" "what is found"
	configure "$(token_uri)" good
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_contains "$output" "what it had changed is taken back" "the message"
	assert_equal "$before" "$(files)" "the daemons' files"
	nothing_is_left
	assert_well
	signature_is_made
	output=$(signetctl system status 2>&1) || true
	assert_lacks "$output" "interrupted" "what is seen afterwards"
}

the_next_starts_what_one_that_was_killed_had_stopped() {
	prepare
	local before
	before=$(files)
	apply_and_hold
	kill_what_is_held
	assert_started_again
	# On its way back: certd ended with the new files, and is held with the old.
	apply_and_hold deadly
	kill_what_is_held
	assert_equal "$before" "$(files)" "the daemons' files, on the way back"
	assert_started_again
}

# The old files do not work either any more: that is said, and stops nobody.
one_that_cannot_be_started_again_stops_no_new_one() {
	prepare
	apply_and_hold
	kill_what_is_held
	echo '# deadly' >>"$SIGNET_CONFIG_DIR/certd/config.yaml.old"
	configure "$(token_uri)" better
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_contains "$output" "signet-certd ended while it started" "the note"
	assert_contains "$output" "certd: restarted" "what it says"
	nothing_is_left
	assert_well
}

# certd starts once with the new files, and then nobody does but keyd.
every_daemon_has_its_chance_and_the_next_apply_tries_again() {
	prepare
	local before
	before=$(files)
	configure "$(token_uri)" lethal
	echo 'cloud_retries: 3' >>"$SIGNET_CONFIG_DIR/config.yaml"
	sed -i 's/rights: \[use, manage\]/rights: [use, export]/' \
		"$SIGNET_CONFIG_DIR/config.yaml"
	refused signetctl config apply
	assert_contains "$output" "cannot restart provisiond" "why it is taken back"
	assert_contains "$output" "not running: certd, provisiond; certd: " "who failed"
	assert_contains "$output" "provisiond: signet-provisiond ended" "and why"
	assert_equal "$before" "$(files)" "the daemons' files"
	assert_equal ok "$(health_of keyd)" "keyd's health"
	refused signetctl system status
	assert_contains "$output" "certd: does not run" "what is seen"
	assert_lacks "$output" "interrupted" "what is seen"

	# As long as they cannot, that is said, and others may change.
	configure "$(token_uri)" good
	sed -i 's/rights: \[use, manage\]/rights: [use]/' "$SIGNET_CONFIG_DIR/config.yaml"
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_contains "$output" "not running: certd, provisiond" "the note"
	assert_contains "$output" "keyd: restarted" "what it says"
	output=$(signetctl config apply --no-restart 2>&1) || fail "not applied: $output"
	assert_lacks "$output" "not running" "what it says without a restart"

	rm "$DEVICE/dead"
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_lacks "$output" "not running" "what it says when they can"
	assert_well
	[ -n "$(daemon_pid provisiond)" ] || fail "provisiond does not run"
	nothing_is_left
}

# One that does not run has not said that it cannot work: what it says then counts.
one_that_could_not_start_is_not_taken_for_degraded() {
	prepare
	local before
	script_of keyd >"$DEVICE/libexec/signet-keyd"
	chmod 755 "$DEVICE/libexec/signet-keyd"
	touch "$DEVICE/dead"
	sed -i 's/rights: \[use, manage\]/rights: [use]/' "$SIGNET_CONFIG_DIR/config.yaml"
	refused signetctl config apply
	assert_contains "$output" "not running: keyd; keyd: " "who failed"
	rm "$DEVICE/dead"
	echo '# deadly' >>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	before=$(files)
	configure_refused
	refused signetctl config apply
	assert_contains "$output" "not running: keyd; keyd: " "the note on the old files"
	assert_contains "$output" "keyd cannot work with it" "why it is taken back"
	assert_equal "$before" "$(files)" "the daemons' files"
	configure "$(token_uri)" good
	output=$(signetctl config apply 2>&1) || fail "it is not applied: $output"
	assert_well
	nothing_is_left
}

# Whom others have started meanwhile is left alone.
one_that_runs_again_is_not_started_again() {
	prepare
	touch "$DEVICE/dead"
	configure "$(token_uri)" better
	refused signetctl config apply
	assert_contains "$output" "not running: certd; certd: " "who failed"
	rm "$DEVICE/dead"
	signetctl system start >/dev/null
	local certd
	certd=$(daemon_pid certd)
	configure "$(token_uri)" good
	signetctl config apply >/dev/null 2>&1 || fail "it is not applied"
	assert_equal "$certd" "$(daemon_pid certd)" "certd's process"
	nothing_is_left
}

# As a supervisor does that we know nothing of: it starts it again when it ends.
supervise() { # DAEMON
	while "$SIGNET_BUILD/bin/signet-$1" >>"$DEVICE/$1.log" 2>&1; do :; done &
	echo $! >"$DEVICE/supervisor.pid"
	eventually 20 call "$1" GET /health
}

pid_of() { call "$1" GET /health | jq .pid; } # DAEMON

is_another() { # DAEMON PID
	local pid
	pid=$(pid_of "$1")
	[ -n "$pid" ] && [ "$pid" != "$2" ]
}

leaves_it_to_others_to_restart_what_they_have_started() {
	prepare
	local keyd certd result=0
	service_end certd
	supervise certd
	keyd=$(daemon_pid keyd)
	certd=$(pid_of certd)

	configure "$(token_uri)" better
	sed -i 's/rights: \[use, manage\]/rights: [use]/' "$SIGNET_CONFIG_DIR/config.yaml"
	output=$(signetctl config apply -o json 2>/dev/null) || result=$?
	assert_equal 3 $result "the exit status"
	assert_equal "certd $certd" "$(jq -r '.waiting[] | "\(.name) \(.pid)"' <<<"$output")" \
		"who waits"
	assert_contains "$(jq -r '.waiting[].restarted_by' <<<"$output")" \
		"(process $(cat "$DEVICE/supervisor.pid"))" "who is to restart it"
	assert_equal "$certd" "$(pid_of certd)" "certd's process"
	assert_contains "$(cat "$SIGNET_CONFIG_DIR/certd/config.yaml")" better "certd's file"
	[ "$keyd" != "$(daemon_pid keyd)" ] || fail "keyd was not restarted"
	nothing_is_left

	kill "$certd"
	eventually 20 is_another certd "$certd"
	signetctl config apply >/dev/null 2>&1 || fail "it waits still"
	refused signetctl system restart
	assert_contains "$output" "has not started certd" "why it is not restarted"
	if namespaces_are_allowed; then
		refused unshare --user --map-root-user --pid --fork signetctl system stop
		assert_contains "$output" "not seen from here" "why it is not stopped"
	else
		echo "not tried from another namespace: there can be none here"
	fi
	certd=$(pid_of certd)

	# What is taken back, they may have seen: that is said, and all that is done.
	configure "pkcs11:token=gone?pin-source=file:$DEVICE/pin" worse
	assert_taken_back "keyd cannot work with it"
	assert_contains "$output" "certd may run with what is taken back" "the note"
	assert_equal "$certd" "$(pid_of certd)" "certd's process"
}

run_tests \
	restarts_only_whom_it_concerns \
	leaves_the_daemons_alone_if_it_is_told_so \
	takes_back_what_kills_a_daemon \
	takes_back_what_loses_the_token_and_waits_for_nothing_else \
	takes_back_what_a_daemon_says_it_cannot_work_with \
	takes_back_all_daemons_if_a_later_one_fails \
	is_no_worse_than_before \
	tells_what_does_not_work_from_what_works_still \
	a_signal_takes_it_back \
	only_one_is_at_work \
	the_next_takes_back_one_that_was_killed \
	the_next_starts_what_one_that_was_killed_had_stopped \
	one_that_cannot_be_started_again_stops_no_new_one \
	every_daemon_has_its_chance_and_the_next_apply_tries_again \
	one_that_could_not_start_is_not_taken_for_degraded \
	one_that_runs_again_is_not_started_again \
	leaves_it_to_others_to_restart_what_they_have_started
