#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The packages: how they are built, and what they do to a Debian.
. "$(dirname "$0")/vm.sh"

lintian_finds_no_error() {
	device_create
	TMPDIR=$DEVICE lintian --allow-root --fail-on error "$VM"/packages/signet_*.changes
}

year_of() { sed -n 's/^Build-Date: .* \(20[0-9][0-9]\) .*/\1/p' "$1"/*.buildinfo; } # DIR

# Elsewhere, by somebody with other habits, a year later.
the_same_source_makes_the_same_packages() {
	local package root
	device_create
	root=$DEVICE/root
	root_unpack "$VM/builder.tar" "$root"
	as_root mv "$root$TREE" "$root/srv/another-folder"
	as_root gcc -shared -fPIC -o "$root/wrongclock.so" \
		"$SOURCE/tests/support/modules/wrongclock.c"
	as_root tee "$root/later" <<<$((366 * 86400)) >/dev/null
	in_root "$root" env $QUICK LC_ALL=C.UTF-8 LANGUAGE=de TZ=Pacific/Kiritimati \
		TMPDIR=/srv LD_PRELOAD=/wrongclock.so WRONGCLOCK_FILE=/later \
		sh -c 'umask 077; exec /srv/another-folder/scripts/package /srv/again'
	as_root chmod -R a+rX "$root/srv"
	[ "$(year_of "$VM/packages")" -lt "$(year_of "$root/srv/again")" ] ||
		fail "the clock was not wrong"
	for package in "$VM"/packages/*.deb; do
		cmp "$package" "$root/srv/again/${package##*/}"
	done
}

# --- installed in a root ----------------------------------------------------

root_make() {
	device_create
	INSTALLED=$DEVICE/root
	root_unpack "$VM/root.tar" "$INSTALLED"
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

public_key() { in_root_keyd 'signetctl key export-public kept'; }

# As man, bash and p11-kit look for them.
pages_completion_and_module_are_where_they_are_looked_for() {
	local page module
	root_make
	for page in "$SOURCE"/docs/man/*.[158]; do
		page=${page##*/}
		in_root "$INSTALLED" gzip -t "/usr/share/man/man${page##*.}/$page.gz"
	done
	in_root "$INSTALLED" bash -euc '
		. /usr/share/bash-completion/completions/signetctl
		complete -p signetctl' || fail "bash does not complete"
	module=$(sed -n 's/^module: *//p' "$INSTALLED/usr/share/p11-kit/modules/signet.module")
	[ -n "$module" ] && as_root test -f "$INSTALLED$module" ||
		fail "there is no module '$module'"
}

users_and_folders_come_and_go_with_the_packages() {
	local daemon
	root_make
	root_install "$INSTALLED" "$VM"/packages/signet-aziot-compat_*.deb
	for daemon in keyd certd provisiond; do
		assert_equal "700 signet-$daemon" "$(in_root "$INSTALLED" \
			stat -c '%a %U' "/etc/signet/$daemon")" "/etc/signet/$daemon"
		[ -L "$INSTALLED/etc/systemd/system/multi-user.target.wants/signet-$daemon.service" ] ||
			fail "$daemon does not start at boot"
	done
	state_make
	in_root "$INSTALLED" sh -c 'cd /etc/signet && touch config.yaml log-level applying.json'
	root_purge "$INSTALLED"
	assert_equal "" "$(in_root "$INSTALLED" find / -xdev -name '*signet*')" \
		"what a purge leaves"
}

# From the first packages; test_upgrade.sh has a device that runs meanwhile.
an_upgrade_keeps_keys_and_configuration() {
	local before
	root_make
	root_purge "$INSTALLED"
	root_install "$INSTALLED" "$VM"/first/*.deb
	state_make
	before=$(public_key)
	[[ $before == *"PUBLIC KEY"* ]] || fail "the key is '$before'"
	root_install "$INSTALLED" "$VM"/packages/*.deb
	assert_equal "$before" "$(public_key)" "the key"
	as_root grep -q "token=device" "$INSTALLED/etc/signet/keyd/config.yaml" ||
		fail "the configuration is gone"
}

run_tests \
	lintian_finds_no_error \
	the_same_source_makes_the_same_packages \
	pages_completion_and_module_are_where_they_are_looked_for \
	users_and_folders_come_and_go_with_the_packages \
	an_upgrade_keeps_keys_and_configuration
