#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signetctl check, on one device: nothing is wrong with it, then one thing is
# broken at a time, and the check that is there for it must say so, with the
# reason. What is on the way to a cloud is in test_check_network.sh, what units and
# AppArmor keep from the daemons in test_check_confinement.sh; what cannot be broken
# here is in unit_doctor and unit_doctor_probes.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/doctor.sh"

# Breaks the device, sees that the check finds it, and mends the device: the
# configuration, the PIN and the certificates are as they were then.
finds() { # CHECK RESULT PATTERN COMMAND...
	examine "$1"
	assert_equal ok "$result" "$1 before ($reason)"
	"${@:4}"
	examine "$1"
	assert_equal "$2" "$result" "$1 ($reason)"
	# shellcheck disable=SC2053
	[[ $reason == $3 ]] || fail "$1: expected '$3', got '$reason'"
	mend
	examine "$1"
	assert_equal ok "$result" "$1 afterwards ($reason)"
}

# The same, with what is to be done.
finds_with_fix() { # FIX-PATTERN CHECK RESULT PATTERN COMMAND...
	local wanted=$1 fix
	shift
	"${@:4}"
	fix=$(signetctl check --only "$1" -o json | jq -r '.checks[0].findings[0].fix') || true
	mend
	assert_matches "$fix" "$wanted" "what is to be done of $1"
	finds "$@"
}

keep() {
	rm -rf "$DEVICE/kept"
	mkdir "$DEVICE/kept"
	cp -a "$SIGNET_CONFIG_DIR" "$DEVICE/kept/etc"
	cp -a "$DEVICE/pki" "$DEVICE/kept/pki"
	cp -a "$DEVICE/pin" "$DEVICE/kept/pin"
	cp -a "$SIGNET_STATE_DIR/certd" "$DEVICE/kept/certd"
}

mend() {
	rm -rf "$SIGNET_CONFIG_DIR"/*
	cp -a "$DEVICE/kept/etc/." "$SIGNET_CONFIG_DIR"
	cp -a "$DEVICE/kept/pki/." "$DEVICE/pki"
	[ ! -d "$DEVICE/pin" ] || rmdir "$DEVICE/pin"
	cp -a "$DEVICE/kept/pin" "$DEVICE/pin"
	cp -a "$DEVICE/kept/certd/." "$SIGNET_STATE_DIR/certd"
	[ ! -d "$DEVICE/tokens.away" ] || mv "$DEVICE/tokens.away" "$DEVICE/tokens"
}

# Breaks the device, and follows the advice: its commands stand in quotes.
advice_helps() { # CHECK COMMAND...
	"${@:2}"
	examine "$1"
	assert_matches "$result" "[we]*" "$1 ($reason)"
	signetctl check --only "$1" --json | jq -r '.checks[0].findings[].fix' |
		grep -oE "'(signetctl|chown) [^']*'" | tr -d "'" >"$DEVICE/advice" || true
	bash "$DEVICE/advice" >"$DEVICE/advice.log" 2>&1 || true # such as a diff
	eventually 60 is_well "$1"
}

certd_is_told() { # LINE...
	mkdir -p "$SIGNET_CONFIG_DIR/certd/config.d"
	printf '%s\n' "$@" >"$SIGNET_CONFIG_DIR/certd/config.d/zz.yaml"
}
keyd_is_told() { # LINE...
	mkdir -p "$SIGNET_CONFIG_DIR/keyd/config.d"
	printf '%s\n' "$@" >"$SIGNET_CONFIG_DIR/keyd/config.d/zz.yaml"
}
hide_tokens() { mv "$DEVICE/tokens" "$DEVICE/tokens.away"; }
trust_nobody() {
	: >"$DEVICE/empty.pem"
	add provisiond/config.yaml "trust_bundle_cert: \"file://$DEVICE/empty.pem\""
}
change_into_folder() { # FILE
	rm "$1"
	mkdir "$1"
}
token_module_is_a_pipe() {
	rm -f "$DEVICE/pipe"
	mkfifo "$DEVICE/pipe"
	change keyd/config.yaml "s|module: .*|module: \"$DEVICE/pipe\"|"
}
empty_pin() { : >"$DEVICE/pin"; }
replace_device_chain() {
	local file
	for file in "$SIGNET_STATE_DIR"/certd/certs/deviceid-*.cer; do
		cp "$DEVICE/pki/$ROOT" "$file"
	done
}

finds_nothing_wrong_with_a_device_that_works() {
	issuing_device
	local answer
	answer=$(signetctl check -o json) || fail "$answer"
	assert_equal '[]' "$(jq -c '[.checks[] |
		select(.result != "ok" and .result != "ignored") | .id]' <<<"$answer")" \
		"what is wrong"
	assert_equal true "$(jq .ok <<<"$answer")" "ok"
	signetctl check --warnings-as-errors >/dev/null || fail "warnings"
	leaves_no_file_that_no_manual_has
}

leaves_no_file_that_no_manual_has() {
	local file pattern
	while read -r file; do
		while read -r pattern; do
			# shellcheck disable=SC2053
			[[ $file != $pattern && $file != $pattern* ]] || continue 2
		done < <(sed -nE 's/^\.It Pa \/var\/lib\/signet\/(.*)/\1/p' \
			"$(dirname "$0")"/../../../docs/man/*.8)
		fail "no manual page has the file $file"
	done < <(cd "$SIGNET_STATE_DIR" && find keyd certd provisiond -type f)
}

finds_what_is_broken() {
	issuing_device
	keep
	finds config-well-formed error '*unknown*' add config.yaml 'frobnicate: 1'
	finds keyd-config-well-formed error '*keyd/config.yaml:*' add keyd/config.yaml '}'
	finds certd-config-well-formed error '*certd/config.yaml:*' add certd/config.yaml '}'
	finds provisiond-config-well-formed error '*not configured*' \
		rm "$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	finds configs-up-to-date warning '*since the daemon started' \
		touch -d '+1 hour' "$SIGNET_CONFIG_DIR/keyd/config.yaml"
	finds configs-up-to-date warning '*/provisiond/config.yaml: *not what config.yaml says' \
		change config.yaml 's|0ne00000001|0ne00000002|'
	finds hostname error 'no_name: *RFC 1035*' add provisiond/config.yaml 'hostname: "no_name"'
	finds paths error "$DEVICE/pin: '$DEVICE/pin': it cannot be read: ENOENT" rm "$DEVICE/pin"
	finds_with_fix 'it is not there: *' paths error "*/nowhere.so: *ENOENT" \
		change keyd/config.yaml 's|module: .*|module: "/no/way/nowhere.so"|'
	finds paths error "/no/way/nowhere.so: *ENOENT" \
		keyd_is_told 'preloaded_keys: { far: "pkcs11:object=a?module-path=/no/way/nowhere.so" }'
	finds_with_fix 'put the file there, *' paths error "$DEVICE/pin: *it is a folder (EISDIR) and no file" \
		change_into_folder "$DEVICE/pin"
	finds_with_fix 'it has to be a file *' pins error "$DEVICE/pin: *" change_into_folder "$DEVICE/pin"
	finds paths error "$DEVICE/pipe: *it is a pipe and no file" token_module_is_a_pipe
	finds pins warning '*mode 0644*' chmod 644 "$DEVICE/pin"
	finds pins error "$DEVICE/pin: *" empty_pin
	finds pins warning 'token: the PIN itself*' \
		change keyd/config.yaml 's|pin-source=file:[^"]*|pin-value=1234|'
	finds token error '*' hide_tokens
	finds token error '*' change keyd/config.yaml 's|module: .*|module: "/dev/null"|'
	finds token-uris error "token: *there are: 'device', *" \
		change keyd/config.yaml 's|token=device?|token=quite-another?|'
	finds token-uris error "token: *did you mean 'token=device'?" \
		change keyd/config.yaml 's|token=device?|token=devcie?|'
	finds certs-preloaded error "$DEVICE/empty.pem: *" trust_nobody
	finds certs-preloaded error '*' cp /dev/null "$DEVICE/pki/$INTERMEDIATE"
	finds certs-read error 'local-ca: *' cp /dev/null "$DEVICE/pki/$INTERMEDIATE"
	finds certs-match-private-keys error 'local-ca: *another key*' \
		cp "$DEVICE/pki/$ROOT" "$DEVICE/pki/$INTERMEDIATE"
	finds certificate-chain error 'device-id: *one of a CA*' replace_device_chain
	finds registration-id error "dev2: *'dev2'*'dev1'" \
		change provisiond/config.yaml 's|registration_id: .*|registration_id: "dev2"|'
	finds dns error 'no.such.invalid: no address*' \
		change provisiond/config.yaml 's|https://[^"/]*|https://no.such.invalid|'
	finds dps-tls error "localhost:*issued by*is refused*" \
		add provisiond/config.yaml "trust_bundle_cert: \"file://$DEVICE/pki/$ROOT\""
	finds dps-tls error "127.0.0.1:1: *ECONNREFUSED" \
		change provisiond/config.yaml 's|https://[^"/]*|https://127.0.0.1:1|'
	finds hub-tls error "localhost:*issued by*is refused*" \
		add provisiond/config.yaml "trust_bundle_cert: \"file://$DEVICE/pki/$ROOT\""
	advice_helps pins chmod 644 "$DEVICE/pin"
	advice_helps provisiond-config-well-formed rm "$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	advice_helps configs-up-to-date change config.yaml 's|expiry_days: 30|expiry_days: 29|'
	advice_helps certd-running signetctl system stop
	# Its first look after the start would make the key anew; the next is later.
	wait_until_provisioned
	signetctl key delete device-id
	examine certs-match-private-keys
	assert_equal "error: device-id: keyd does not have its key 'device-id'" \
		"$result: $reason" "a certificate without its key"
}

# Who may not look is not told that all is well.
says_what_others_may_not_look_at() {
	device_create
	local daemon check answer
	for daemon in keyd certd provisiond; do
		mkdir -p "$SIGNET_CONFIG_DIR/$daemon"
		echo '{}' >"$SIGNET_CONFIG_DIR/$daemon/config.yaml"
		chmod 700 "$SIGNET_CONFIG_DIR/$daemon"
	done
	echo 'provisioning: { source: none }' >"$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	examine versions
	assert_matches "$result $reason" "skipped *: signet-keyd does not tell: see keyd-running" "nobody runs"
	signetctl system start >/dev/null
	for check in versions configs-up-to-date dns proxy; do
		examine $check
		assert_lacks "$result" skipped "$check for who may look"
	done
	(umask 077 && echo 'provisioning: { source: none }' >"$SIGNET_CONFIG_DIR/config.yaml")
	chmod 600 "$SIGNET_RUNTIME_DIR"/*.sock
	answer=$(as_uid 65534 signetctl check -o json) || true
	for check in config-well-formed keyd-config-well-formed configs-up-to-date keyd-running \
		certd-running provisiond-running versions token keys-read certs-match-private-keys \
		dns proxy dps-tls hub-tls est-tls; do
		is_left_to_root $check "$answer"
	done
	# Who may read and ask all of it has no right to a key all the same.
	chmod -R go+rX "$SIGNET_CONFIG_DIR"
	chmod 666 "$SIGNET_RUNTIME_DIR"/*.sock
	for check in keys-read certs-match-private-keys; do
		is_left_to_root $check "$(as_uid 65534 signetctl check --only $check -o json)"
		assert_equal ok "$(as_root signetctl check --only $check -o json | jq -r '.checks[0].result')" \
			"$check for root"
	done
}

is_left_to_root() { # CHECK ANSWER
	assert_matches "$(jq -r --arg check "$1" '.checks[] | select(.id == $check) |
		"\(.result): \(.findings[0].reason)"' <<<"$2")" "skipped: *be root*" "$1"
}

# A PIN is the commonest thing that is wrong. keyd tried it once, and says what
# the token returned; so does who asks after keyd has started anew.
says_that_the_token_has_refused_the_pin() {
	device_create
	token_create
	token_key_create web 01
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { web: \"pkcs11:token=device;object=web?pin-source=file:$DEVICE/pin\" }"
	(umask 077 && echo 999999 >"$DEVICE/pin")
	local start check
	for start in first second; do
		daemon_start keyd
		pin_is_told keyd-running "keyd: *CKR_PIN_INCORRECT (correct the PIN)*" "*"
		pin_is_told token "device: token 'device': C_Login: CKR_PIN_INCORRECT (correct the PIN)*" \
			"write the token's PIN where 'pin-source' says*"
		pin_is_told keys-read "web: *C_Login: CKR_PIN_INCORRECT*" "*see the check token"
		[ $start = second ] || daemon_stop keyd
	done
	echo "$PIN" >"$DEVICE/pin"
	for check in keyd-running token keys-read; do
		eventually 30 is_well $check
	done
	daemon_stop keyd
}

pin_is_told() { # CHECK REASON FIX
	examine "$1"
	assert_matches "$result $reason" "error $2" "$1"
	assert_matches "$(signetctl check --only "$1" -o json | jq -r '.checks[0].findings[0].fix')" \
		"$3" "what is to be done of $1"
}

is_well() { # CHECK
	examine "$1"
	[ "$result" = ok ]
}

# The PIN is shown to keyd's unit alone; the file that it is made of is not.
looks_at_the_file_that_the_pin_is_lent_from() {
	device_create
	local pin=$SIGNET_CONFIG_DIR/pin
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	lent_as() { # NAME
		echo "token: { uri: \"pkcs11:token=device?pin-source=file:/run/credentials/$1\" }" \
			>"$SIGNET_CONFIG_DIR/keyd/config.yaml"
		examine pins
	}
	lent_as signet-keyd.service/pin
	assert_matches "$result $reason" "error $pin: *No such file*" "no PIN"
	(umask 077 && echo >"$pin")
	examine pins
	assert_matches "$result $reason" "error $pin: *first line" "an empty PIN"
	echo 1234 >"$pin"
	examine pins
	assert_equal ok "$result" "a PIN ($reason)"
	chmod 640 "$pin"
	examine pins
	assert_matches "$result $reason" "warning $pin: *mode 0640*" "the mode"
	lent_as signet-keyd.service/other
	assert_equal skipped "$result" "a credential of a drop-in ($reason)"
}

# A key may be in another module than the token of the configuration.
looks_for_a_token_in_the_module_that_its_uri_names() {
	device_create
	token_create
	local trust
	trust=$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-trust.so
	web_is() { # TOKEN QUERY
		keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
			"preloaded_keys: { web: \"pkcs11:token=$1;object=web?$2\" }"
		examine token-uris
	}
	web_is System%20Trust "module-path=$trust"
	daemon_start keyd # whose environment has the token of SoftHSM
	examine token-uris
	assert_equal ok "$result" "a path ($reason)"
	web_is System%20Trust module-name=kit-trust
	assert_equal ok "$result" "a name ($reason)"
	web_is device module-name=softhsm
	assert_equal ok "$result" "the name of keyd's own ($reason)"
	web_is device "module-path=$SOFTHSM_MODULE"
	assert_equal ok "$result" "the path of keyd's own ($reason)"
	web_is device "module-path=$trust"
	assert_matches "$result $reason" "error web: *there are: *'System Trust'*" "by its path"
	assert_lacks "$reason" "'device'" "the tokens of that path"
	web_is device module-name=kit-trust
	assert_matches "$result $reason" "error web: *there are: *'System Trust'*" "by its name"
	assert_lacks "$reason" "'device'" "the tokens of that name"
	web_is System%20Trust x-none=1
	assert_equal error "$result" "another module's token ($reason)"
	web_is device module-path=/no/way/nowhere.so
	assert_matches "$result $reason" "error /no/way/nowhere.so: *" "no module"
	daemon_stop keyd
}

# A daemon that does not answer, and one that an EST server is named to.
finds_that_nobody_answers() {
	issuing_device
	local daemon
	for daemon in keyd certd provisiond; do
		examine $daemon-running
		assert_equal ok "$result" "$daemon-running"
		signetctl system stop >/dev/null
		examine $daemon-running
		assert_equal error "$result" "$daemon-running"
		assert_contains "$reason" "No such file or directory" "$daemon-running"
		signetctl system start >/dev/null
	done
	certd_is_told 'cert_issuance: { est: { url: "http://127.0.0.1:1/.well-known/est" } }'
	examine est-https
	assert_equal warning "$result" "est-https ($reason)"
	certd_is_told 'cert_issuance: { est: { url: "https://127.0.0.1:1/.well-known/est" } }'
	examine est-https
	assert_equal ok "$result" "est-https ($reason)"
	examine est-tls
	assert_equal error "$result" "est-tls ($reason)"
	assert_contains "$reason" ECONNREFUSED "est-tls"
}

# One certificate is told of an EST server of its own: its URL, its trust, and
# what it shows there.
finds_what_is_wrong_with_one_certificate_s_est_server() {
	issuing_device
	local est="url: \"$DPS_URL/.well-known/est\"" web
	web() { # WHAT-ELSE
		certd_is_told "preloaded_certs: { cloud: \"file://$DEVICE/cloud/ca.pem\", born: \"$(
		)file://$(leaf_of born)\", root: \"file://$DEVICE/pki/$ROOT\" }" \
			"cert_issuance: { certs: { web: { method: est, common_name: web, est: { $est, $1 } } } }"
	}
	pki device-identity born --issuer root
	web 'trusted_certs: [cloud], username: u, password: pw'
	signetctl system restart >/dev/null
	for web in est-https est-tls est-certificate-expiry dns; do
		examine $web
		assert_equal ok "$result" "$web ($reason)"
	done
	web 'trusted_certs: [root], bootstrap_identity_cert: born, bootstrap_identity_pk: born'
	examine est-tls
	assert_equal error "$result" "the wrong CA ($reason)"
	assert_matches "$reason" "localhost:*issued by*is refused*" "the wrong CA"
	web 'username: u, password: pw'
	examine est-tls
	assert_matches "$result $reason" "error $DPS_URL*nothing says who may be*" "no CA"
	web 'trusted_certs: [cloud]'
	examine est-certificate-expiry
	assert_matches "$result $reason" "error web:*nothing to ask the server with" "no credentials"
	web 'trusted_certs: [cloud, gone], username: u, password: pw'
	examine est-certificate-expiry
	assert_matches "$result $reason" "error gone:*" "an anchor that is not there"
	examine est-tls
	assert_matches "$result $reason" "error gone:*" "an anchor that is not there"
	est='url: "https://no.such.invalid"'
	web 'trusted_certs: [cloud], username: u, password: pw'
	examine dns
	assert_matches "$result $reason" "error no.such.invalid:*" "the name of the server"
}

# The daemons' state is on a file system that is nearly full: a small one, which
# only a mount namespace has.
finds_that_the_disk_is_nearly_full() {
	device_create
	local size
	for size in 200m:ok 60m:warning 8m:error; do
		examine_disk() {
			as_root unshare --mount bash -c 'mount -t tmpfs -o size='"$1"' none "$SIGNET_STATE_DIR" &&
				signetctl check --only disk-space -o json' || true
		}
		assert_equal "${size#*:}" "$(examine_disk "${size%:*}" | jq -r '.checks[0].result')" "$size"
	done
	assert_contains "$(examine_disk 8m)" "8 MiB are free (ENOSPC is near)" "the reason"
}

# Local identities are all that it has.
a_device_that_is_not_to_be_provisioned_is_well() {
	device_create
	local daemon output
	for daemon in keyd certd provisiond; do
		mkdir -p "$SIGNET_CONFIG_DIR/$daemon"
		echo '{}' >"$SIGNET_CONFIG_DIR/$daemon/config.yaml"
	done
	echo 'provisioning: { source: none }' >"$SIGNET_CONFIG_DIR/provisiond/config.yaml"
	signetctl system start >/dev/null
	output=$(signetctl system status) || fail "status: $output"
	assert_contains "$output" "not to be provisioned: the source is 'none'" "status"
	assert_equal true "$(signetctl system status -o json | jq .ok)" "ok"
	examine provisioned
	assert_equal ignored "$result" "provisioned ($reason)"
	output=$(signetctl list) || fail "list: $output"
	assert_contains "$output" "no modules" "list"
	signetctl system stop >/dev/null
	refused signetctl list
	refused signetctl system status
}

chooses_checks_and_tells_by_its_status() {
	device_create
	local answer
	answer=$(signetctl check --list -o json)
	assert_equal "$(grep -oE '^\| `[a-z-]+`' "$(dirname "$0")/../../../docs/checks.md" | tr -d '|` ')" \
		"$(jq -r '.checks[].id' <<<"$answer")" "the checks of docs/checks.md"
	refused signetctl check --only disk-space,pinz
	assert_contains "$output" "there is no check 'pinz'" "the answer"
	local nothing
	for nothing in "--only=" "--only=dns --skip=clock,dns"; do
		status=0
		# shellcheck disable=SC2086
		output=$(signetctl check $nothing 2>&1) || status=$?
		assert_equal 2 "$status" "status of $nothing"
		assert_contains "$output" "leave nothing to check" "$nothing"
	done
	signetctl check --only disk-space,hardening >/dev/null || fail "status of what is ok"
	refused signetctl check --only keyd-running,disk-space --json
	assert_equal '["keyd-running","disk-space"]' \
		"$(jq -c '[.checks[].id] | sort_by(. != "keyd-running")' <<<"$output")" "--only"
	assert_lacks "$(signetctl check --skip keyd-running --json | jq '.checks[].id')" \
		keyd-running "--skip"
	assert_contains "$(signetctl check --only disk-space)" $'\n1 check: 1 ok' "the count of one"
	assert_lacks "$(signetctl check --only disk-space)" $'\033' "colours, but no terminal"
	assert_contains "$(TERM=xterm script -qec 'signetctl check --only disk-space' /dev/null)" \
		$'\033[32mok' "colours on a terminal"
	assert_contains "$(script -qec 'signetctl check --only disk-space -o json' /dev/null)" \
		'signetctl: disk-space ...' "progress on a terminal"
	assert_equal "" "$(signetctl check --only disk-space -o json 2>&1 >/dev/null)" \
		"progress, but no terminal"
}

run_tests \
	finds_nothing_wrong_with_a_device_that_works \
	finds_what_is_broken \
	says_what_others_may_not_look_at \
	says_that_the_token_has_refused_the_pin \
	looks_at_the_file_that_the_pin_is_lent_from \
	looks_for_a_token_in_the_module_that_its_uri_names \
	finds_that_nobody_answers \
	finds_what_is_wrong_with_one_certificate_s_est_server \
	finds_that_the_disk_is_nearly_full \
	a_device_that_is_not_to_be_provisioned_is_well \
	chooses_checks_and_tells_by_its_status
