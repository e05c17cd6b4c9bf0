#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ssh, ssh-agent and ssh-keygen with keys of keyd, at an sshd of our own.
. "$(dirname "$0")/../../support/apps.sh"

# The keys of a kind that the module shows, as the server wants them. What follows
# the kind is base64, in which anything can stand.
shown() { # ecdsa|rsa
	ssh-keygen -D "$SIGNET_PKCS11_MODULE" | grep -E "^(ssh-)?$1"
}

authorize() { # KIND
	shown "$1" >"$DEVICE/authorized"
	assert_equal 1 "$(wc -l <"$DEVICE/authorized")" "keys of the kind $1"
}

log_in() { # SSH-OPTION...
	ssh -F none -p "$port" -o BatchMode=yes -o PreferredAuthentications=publickey \
		-o "UserKnownHostsFile=$DEVICE/known_hosts" -o IdentityFile=none \
		"$@" "$(id -un)@127.0.0.1" echo welcome
}

assert_logs_in() { # SSH-OPTION...
	accepted log_in "$@"
	assert_equal welcome "$output" "ssh $*"
}

fingerprint() { ssh-keygen -l -f "$DEVICE/authorized" | cut -d ' ' -f 2; }

# --- with the module --------------------------------------------------------

ssh_keygen_shows_the_public_keys() {
	device_with_keys
	ssh-keygen -D "$SIGNET_PKCS11_MODULE" >"$DEVICE/shown"
	local label
	for label in ec-key rsa-key; do
		certificate_create "$label"
		openssl x509 -in "$DEVICE/$label.pem" -noout -pubkey >"$DEVICE/public.pem"
		ssh-keygen -i -m PKCS8 -f "$DEVICE/public.pem" >"$DEVICE/public"
		grep -qF "$(cat "$DEVICE/public")" "$DEVICE/shown" ||
			fail "not the key $label: $(cat "$DEVICE/shown")"
	done
	assert_equal 2 "$(wc -l <"$DEVICE/shown")" "the number of keys"
}

ssh_logs_in_with_the_module() {
	device_with_keys
	sshd_start
	local kind
	for kind in ecdsa rsa; do
		authorize "$kind"
		assert_logs_in -I "$SIGNET_PKCS11_MODULE" -o IdentityAgent=none
		grep -q "Accepted publickey.* $(fingerprint)" "$DEVICE/sshd.log" ||
			fail "the server has not seen the $kind key"
	done
}

ssh_signs_certificates() {
	device_with_keys
	sshd_start
	ssh-keygen -q -t ed25519 -N '' -f "$DEVICE/user"
	# The CA's key is keyd's: whom it has signed for may log in.
	local ca
	for ca in ecdsa rsa; do
		shown "$ca" >"$DEVICE/ca.pub"
		sed 's/^/cert-authority /' "$DEVICE/ca.pub" >"$DEVICE/authorized"
		refused log_in -i "$DEVICE/user" -o CertificateFile=none
		accepted ssh-keygen -q -D "$SIGNET_PKCS11_MODULE" -s "$DEVICE/ca.pub" \
			-I tester -n "$(id -un)" "$DEVICE/user.pub"
		assert_logs_in -i "$DEVICE/user"
		rm "$DEVICE/user-cert.pub"
	done
}

# --- with the agent ---------------------------------------------------------

# Without a terminal, ssh-add takes an empty PIN; there is none.
agent_add() {
	setsid --wait ssh-add -s "$SIGNET_PKCS11_MODULE" </dev/null
}

the_agent_logs_in() {
	device_with_keys
	sshd_start
	agent_start
	accepted agent_add
	assert_equal 2 "$(ssh-add -L | wc -l)" "the agent's keys"
	local kind
	for kind in ecdsa rsa; do
		authorize "$kind"
		assert_logs_in
		grep -q "Accepted publickey.* $(fingerprint)" "$DEVICE/sshd.log" ||
			fail "the server has not seen the $kind key"
	done
	accepted ssh-add -e "$SIGNET_PKCS11_MODULE"
	refused log_in
}

the_agent_survives_restarts_of_keyd() {
	device_with_keys
	sshd_start
	agent_start
	accepted agent_add
	authorize ecdsa
	assert_logs_in
	daemon_stop keyd
	refused log_in
	assert_contains "$output" "agent refused operation" "ssh without keyd"
	daemon_start keyd
	assert_logs_in
	daemon_kill keyd
	daemon_start keyd
	assert_logs_in
}

# --- refusals ---------------------------------------------------------------

# ssh runs for users with a name only.
a_stranger_has_no_keys() {
	device_with_keys
	refused as_uid "$(id -u nobody)" ssh-keygen -D "$SIGNET_PKCS11_MODULE"
	assert_contains "$output" "cannot read public key from pkcs11" "a stranger"
}

a_principal_shows_its_own_keys_only() {
	device_with_keys "$(principal "$(id -u nobody)" 'ec*')"
	accepted as_uid "$(id -u nobody)" ssh-keygen -D "$SIGNET_PKCS11_MODULE"
	assert_matches "$output" "ecdsa-sha2-nistp256 * ec-key" "a principal's keys"
}

without_keyd_there_are_no_keys() {
	device_with_keys
	sshd_start
	authorize ecdsa
	daemon_stop keyd
	refused ssh-keygen -D "$SIGNET_PKCS11_MODULE"
	assert_contains "$output" "cannot read public key from pkcs11" "ssh-keygen"
	refused log_in -I "$SIGNET_PKCS11_MODULE" -o IdentityAgent=none
	assert_contains "$output" "Permission denied (publickey)" "ssh"
}

run_tests \
	ssh_keygen_shows_the_public_keys \
	ssh_logs_in_with_the_module \
	ssh_signs_certificates \
	the_agent_logs_in \
	the_agent_survives_restarts_of_keyd \
	a_stranger_has_no_keys \
	a_principal_shows_its_own_keys_only \
	without_keyd_there_are_no_keys
