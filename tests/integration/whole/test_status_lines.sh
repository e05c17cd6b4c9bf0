#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What a service manager shows of each daemon: its STATUS=, by which an operator
# sees what it waits for.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/provisiond.sh"

# Starts a daemon with a service manager that listens.
start_heard() { # DAEMON
	python3 "$(dirname "$0")/../../support/notify.py" "$DEVICE/notify-$1" \
		>"$DEVICE/heard-$1" 2>&1 &
	echo $! >"$DEVICE/notify-$1.pid"
	eventually 20 test -S "$DEVICE/notify-$1"
	NOTIFY_SOCKET=$DEVICE/notify-$1 daemon_start "$1"
}

# The last status is this one, with a pattern.
shows() { # DAEMON PATTERN
	# shellcheck disable=SC2053
	[[ $(grep -a '^STATUS=' "$DEVICE/heard-$1" | tail -n 1) == STATUS=$2 ]]
}

eventually_shows() { # DAEMON PATTERN
	eventually 60 shows "$1" "$2" || fail "$1 shows: $(cat "$DEVICE/heard-$1")"
}

create() {
	device_create
	token_create
	(umask 077 && head -c 48 /dev/urandom >"$DEVICE/secret")
	base64 -w0 "$DEVICE/secret" >"$DEVICE/key"
	keyd_configure "$SOFTHSM_MODULE" "$(token_uri)" \
		"preloaded_keys: { secret: \"file://$DEVICE/secret\" }"
}

keyd_shows_its_keys_and_its_token() {
	create
	start_heard keyd
	eventually_shows keyd "1 key; token 'device': open"
	keyd POST /keypair '{"keyId":"web"}' >/dev/null
	eventually_shows keyd "2 keys; token 'device': open"
	daemon_stop keyd
	echo 'token: {' >"$SIGNET_CONFIG_DIR/keyd/config.yaml"
	NOTIFY_SOCKET=$DEVICE/notify-keyd daemon_start keyd
	eventually_shows keyd "degraded: *config.yaml*"
	daemon_stop keyd
}

certd_shows_what_is_renewed_next() {
	create
	mkdir -p "$SIGNET_CONFIG_DIR/certd"
	cat >"$SIGNET_CONFIG_DIR/certd/config.yaml" <<YAML
cert_issuance:
  certs:
    web: { method: self_signed, common_name: web, expiry_days: 20, renewal: { rotate_key: "true" } }
principals: [{ user: "$(id -u)", certs: ["*"] }]
YAML
	daemon_start keyd
	start_heard certd
	eventually_shows certd "1 certificate is kept fresh*"
	call certd POST /certificates/web/renew >/dev/null
	eventually_shows certd "1 certificate is kept fresh; next is 'web', 20*Z"
	daemon_stop certd
	daemon_stop keyd
}

provisiond_shows_what_it_waits_for_and_where_it_belongs() {
	create
	cloud_start
	cloud enroll individual --registration-id dev1 \
		--key-file "$DEVICE/key" --secondary-key-file "$DEVICE/key" >/dev/null
	provisiond_configure_dps \
		"method: symmetric_key, registration_id: dev1, symmetric_key: secret"
	start_heard provisiond
	eventually_shows provisiond "provisioning: *keyd.sock*"
	# Units that come after it start, whatever it waits for.
	eventually 20 grep -a '^READY=1' "$DEVICE/heard-provisiond"
	daemon_start keyd
	eventually_shows provisiond "assigned to hub '${DPS_URL#https://}' as device 'dev1'"
	cloud enroll disable --registration-id dev1 >/dev/null
	call provisiond POST /identities/device/reprovision >/dev/null
	eventually_shows provisiond "failed: DPS does not accept the key of 'dev1'*"
	daemon_stop provisiond
	echo 'provisioning: {' >"$(provisiond_file)"
	NOTIFY_SOCKET=$DEVICE/notify-provisiond daemon_start provisiond
	eventually_shows provisiond "degraded: *config.yaml*"
	daemon_stop provisiond
	daemon_stop keyd
}

run_tests_side_by_side keyd_shows_its_keys_and_its_token \
	certd_shows_what_is_renewed_next \
	provisiond_shows_what_it_waits_for_and_where_it_belongs
