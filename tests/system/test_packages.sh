#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The packages: how they are built, and what they do to a Debian.
. "$(dirname "$0")/vm.sh"

lintian_finds_no_error() {
	lintian --allow-root --fail-on error "$VM"/packages/signet_*.changes
}

# --- installed in a root ----------------------------------------------------

root_make() {
	device_create
	INSTALLED=$DEVICE/root
	root_unpack "$INSTALLED"
}

# keyd in the root, as its unit runs it, but for what only systemd can do.
in_root_keyd() { # COMMAND, run while keyd is there
	in_root "$INSTALLED" setpriv --reuid signet-keyd --regid signet-keyd \
		--init-groups sh -c '
		export SOFTHSM2_CONF=/usr/share/signet/softhsm2.conf SIGNET_RUNTIME_DIR=/tmp
		signet-keyd 2>/tmp/keyd.log & keyd=$!
		until [ -S /tmp/keyd.sock ]; do sleep 0.1; done
		'"$1"'
		result=$?
		kill $keyd; wait $keyd
		exit $result' || fail "in the root: $1: $(as_root cat "$INSTALLED/tmp/keyd.log")"
}

# A device of the installed version with a key in its token.
state_make() {
	as_root tee "$INSTALLED/etc/signet/keyd/config.yaml" >/dev/null <<YAML
token:
  module: "/usr/lib/softhsm/libsofthsm2.so"
  uri: "pkcs11:token=device?pin-value=$PIN"
principals:
  - { user: signet-keyd, keys: ["*"], rights: [use, manage] }
YAML
	in_root "$INSTALLED" sh -c "
		install -d -m 0700 -o signet-keyd -g signet-keyd \
			/var/lib/signet/keyd /var/lib/signet/keyd/softhsm
		chown signet-keyd /etc/signet/keyd/config.yaml
		chmod 600 /etc/signet/keyd/config.yaml"
	in_root "$INSTALLED" setpriv --reuid signet-keyd --regid signet-keyd --clear-groups \
		env SOFTHSM2_CONF=/usr/share/signet/softhsm2.conf softhsm2-util \
		--init-token --free --label device --pin "$PIN" --so-pin "$PIN" >/dev/null
	in_root_keyd 'signetctl key create kept >/dev/null'
}

public_key() {
	in_root_keyd 'curl -sf --unix-socket /tmp/keyd.sock \
		"http://keyd.sock/keys/kept/public?api-version=2026-12-01"'
}

users_and_folders_come_and_go_with_the_packages() {
	local daemon
	root_make
	root_install "$INSTALLED" "$VM/packages"
	for daemon in keyd certd provisiond; do
		assert_equal "700 signet-$daemon" "$(in_root "$INSTALLED" \
			stat -c '%a %U' "/etc/signet/$daemon")" "/etc/signet/$daemon"
		[ -L "$INSTALLED/etc/systemd/system/multi-user.target.wants/signet-$daemon.service" ] ||
			fail "$daemon does not start at boot"
	done
	state_make
	in_root "$INSTALLED" sh -c "dpkg --purge \$(dpkg-query -W -f '\${Package} ' \
		'signet*' 'libsignet*')" >"$DEVICE/purge.log" 2>&1 ||
		fail "purge: $(cat "$DEVICE/purge.log")"
	assert_equal "" "$(as_root find "$INSTALLED"/etc "$INSTALLED"/usr "$INSTALLED"/lib/systemd \
		"$INSTALLED"/var/lib/signet -name '*signet*' ! -path '*/apparmor.d/local/*' \
		2>/dev/null)" "what a purge leaves"
}

# From the packages of the commit that built the first ones.
an_upgrade_keeps_keys_configuration_and_state() {
	local first before
	root_make
	first=$(git -C "$SOURCE" log --diff-filter=A --format=%H -- debian/control | tail -n 1)
	DEB_CFLAGS_APPEND=-O1 packages_create "$DEVICE/first" "$first" # sooner built
	root_install "$INSTALLED" "$DEVICE/first"
	state_make
	before=$(public_key)
	root_install "$INSTALLED" "$VM/packages"
	assert_equal "$before" "$(public_key)" "the key"
	as_root grep -q "token=device" "$INSTALLED/etc/signet/keyd/config.yaml" ||
		fail "the configuration is gone"
}

run_tests \
	lintian_finds_no_error \
	users_and_folders_come_and_go_with_the_packages \
	an_upgrade_keeps_keys_configuration_and_state
