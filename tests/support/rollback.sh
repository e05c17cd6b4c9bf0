# SPDX-License-Identifier: MIT
#
# For tests of 'config apply' on running daemons, which are processes with pid
# files, after harness.sh.

# Starts a daemon, unless its file is deadly; with one that is lethal it is the last
# that starts. certd waits while it is held.
script_of() { # DAEMON
	cat <<-SCRIPT
		#!/bin/sh
		[ -e "$DEVICE/dead" ] && exit 3
		grep -q deadly "$SIGNET_CONFIG_DIR/$1/config.yaml" && exit 3
		grep -q lethal "$SIGNET_CONFIG_DIR/$1/config.yaml" && touch "$DEVICE/dead"
		while [ $1 = certd ] && [ -e "$DEVICE/hold" ]; do
			[ -s "$DEVICE/held" ] || echo \$\$ >"$DEVICE/held"
			sleep 0.05
		done
		exec "$SIGNET_BUILD/bin/signet-$1" "\$@"
	SCRIPT
}

# Daemons with a key in a token, all well; certd and provisiond are started by scripts
# of ours.
prepare() {
	device_create
	token_create
	token_key_create web 0a
	mkdir "$DEVICE/libexec"
	local daemon
	for daemon in certd provisiond; do
		script_of $daemon >"$DEVICE/libexec/signet-$daemon"
		chmod 755 "$DEVICE/libexec/signet-$daemon"
	done
	export SIGNET_LIBEXEC=$DEVICE/libexec
	configure "$(token_uri)" good
	signetctl config apply 2>/dev/null >/dev/null
	signetctl system start >/dev/null
	assert_well
	signature_is_made
}

configure() { # TOKEN-URI TRUST-BUNDLE
	cat >"$SIGNET_CONFIG_DIR/config.yaml" <<-YAML
		token: { module: $SOFTHSM_MODULE, uri: "$1" }
		preloaded_keys:
		  web: "pkcs11:token=device;object=web?pin-source=file:$DEVICE/pin"
		principals:
		  - { user: "$(id -u)", keys: [web], rights: [use, manage] }
		trust_bundle: $2
	YAML
}

# Three that do not work: one that kills a daemon, one that loses the token, one
# whose health check fails.
configure_deadly() { configure "$(token_uri)" deadly; }
configure_lost() { configure "pkcs11:token=gone?pin-source=file:$DEVICE/pin" good; }
configure_refused() {
	echo 000000 >"$DEVICE/wrong"
	configure "pkcs11:token=device?pin-source=file:$DEVICE/wrong" good
}

# An apply that is in the midst of starting certd, and stays there; its process is
# $applying.
apply_and_hold() { # [TRUST-BUNDLE]
	touch "$DEVICE/hold"
	rm -f "$DEVICE/held"
	configure "$(token_uri)" "${1:-held}"
	signetctl config apply >"$DEVICE/applying.log" 2>&1 &
	applying=$!
	eventually 20 test -s "$DEVICE/held"
}

# It is killed there, and what it was starting, too: certd does not run.
kill_what_is_held() {
	kill -KILL "$applying"
	wait "$applying" || true
	end "$(cat "$DEVICE/held")"
	rm "$DEVICE/hold"
}

health_of() { call "$1" GET /health | jq -r .status; } # DAEMON

assert_well() {
	assert_equal ok "$(health_of keyd)" "keyd's health"
	assert_equal ok "$(health_of certd)" "certd's health"
}

signature_is_made() {
	signetctl key show web -o json >/dev/null || fail "keyd does not know its key"
}
