#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The units as files: what systemd's own tools say of them. That the daemons
# work inside them is tested in a booted system (scripts/test --vm).
. "$(dirname "$0")/../../support/harness.sh"

readonly CONF=$SIGNET_BUILD/conf
readonly UNITS=$CONF/systemd

# Tenths of systemd's measure: 0 is locked up, 100 is open.
assert_exposed_at_most() { # UNIT TENTHS
	systemd-analyze security --offline=true --no-pager --threshold="$2" \
		"$UNITS/$1" >"$DEVICE/exposure" 2>&1 ||
		fail "$1 is exposed by more than $2 tenths: $(cat "$DEVICE/exposure")"
}

keyd_is_exposed_by_1_0_at_most_and_the_others_by_1_5() {
	device_create
	assert_exposed_at_most signet-keyd.service 10
	assert_exposed_at_most signet-certd.service 15
	assert_exposed_at_most signet-provisiond.service 15
}

a_unit_that_gives_up_one_protection_is_found() {
	device_create
	sed 's/^PrivateNetwork=yes/PrivateNetwork=no/' \
		"$UNITS/signet-keyd.service" >"$DEVICE/signet-keyd.service"
	refused systemd-analyze security --offline=true --no-pager \
		--threshold=10 "$DEVICE/signet-keyd.service"
}

# What the score does not show, and each of which has broken a daemon.
assert_setting() { # UNIT LINE
	grep -qxF "$2" "$UNITS/$1" || fail "$1 lacks '$2'"
}

no_unit_hides_the_uid_of_who_calls() {
	local found
	found=$(grep -lE '^[[:space:]]*(PrivateUsers|DynamicUser)[[:space:]]*=' "$UNITS"/* || true)
	assert_equal "" "$found" "units with a user namespace"
}

each_unit_says_what_its_score_does_not_ask_for() {
	local daemon folder
	for daemon in keyd certd provisiond; do
		assert_setting "signet-$daemon.service" Type=notify
		assert_setting "signet-$daemon.service" WatchdogSec=60
		assert_setting "signet-$daemon.service" PrivateMounts=yes
		assert_setting "signet-$daemon.service" DevicePolicy=closed
		assert_setting "signet-$daemon.service" StartLimitIntervalSec=0
		for folder in State Configuration Runtime; do
			assert_setting "signet-$daemon.service" "${folder}Directory=signet/$daemon"
			assert_setting "signet-$daemon.service" "${folder}DirectoryMode=0700"
		done
		assert_setting "signet-$daemon.socket" "ListenStream=/run/signet/$daemon.sock"
		assert_setting "signet-$daemon.socket" "SocketGroup=signet-$daemon"
		assert_setting "signet-$daemon.socket" "FileDescriptorName=$daemon"
	done
	assert_setting signet-tpmd.socket "ListenStream=/run/signet/tpmd.sock"
	assert_setting signet-tpmd.socket "SocketGroup=signet-tpm"
	assert_setting signet-tpmd.socket "Service=signet-keyd.service"
}

keyd_may_lock_memory_and_open_the_TPM_and_nothing_else() {
	assert_setting signet-keyd.service LimitMEMLOCK=infinity
	assert_setting signet-keyd.service 'SystemCallFilter=@memlock setrlimit prlimit64'
	assert_equal 'DeviceAllow=/dev/tpmrm0 rw' \
		"$(grep '^DeviceAllow' "$UNITS/signet-keyd.service")" devices
	assert_equal 0 "$(grep -c '^PrivateDevices' "$UNITS/signet-keyd.service" || true)" \
		"settings that hide the TPM"
}

the_PIN_is_lent_as_a_credential() {
	assert_setting signet-keyd.service LoadCredential=pin:/etc/signet/pin
}

# With the programs of this build, since none is installed here.
systemd_has_no_complaint_about_any_unit() {
	local said
	device_create
	cp "$UNITS"/* "$CONF"/aziot/*.socket "$DEVICE/run"
	sed -i "s|^ExecStart=.*/|ExecStart=$SIGNET_BUILD/bin/|" "$DEVICE"/run/*.service
	said=$(systemd-analyze verify --man=no "$DEVICE"/run/* 2>&1 | grep signet || true)
	assert_equal "" "$said" "systemd-analyze verify"
}

# --- users and folders ------------------------------------------------------

ids_of() { # FILE NAME; the third field of passwd or group
	sed -n "s/^$2:[^:]*:\([0-9]*\):.*/\1/p" "$DEVICE/root/etc/$1"
}

members_of() { # GROUP
	sed -n "s/^$1:.*://p" "$DEVICE/root/etc/group"
}

root_create() {
	device_create
	mkdir -p "$DEVICE/root/etc"
	as_root systemd-sysusers --root="$DEVICE/root" "$CONF"/sysusers.d/*.conf \
		>"$DEVICE/sysusers.log" 2>&1
}

each_daemon_is_a_user_of_its_own() {
	local daemon seen=''
	root_create
	for daemon in keyd certd provisiond; do
		assert_lacks "$seen" " $(ids_of passwd "signet-$daemon") " "uids"
		seen+=" $(ids_of passwd "signet-$daemon") "
		grep -q "^signet-$daemon:.*nologin$" "$DEVICE/root/etc/passwd" ||
			fail "signet-$daemon can log in"
	done
}

only_daemons_are_in_the_groups_of_sockets() {
	root_create
	assert_equal signet-certd,signet-provisiond "$(members_of signet-keyd)" \
		"who may open keyd.sock"
	assert_equal signet-provisiond "$(members_of signet-certd)" \
		"who may open certd.sock"
	assert_equal "" "$(members_of signet-provisiond)" "who may open provisiond.sock"
	assert_equal signet-provisiond "$(members_of signet-tpm)" "who may open tpmd.sock"
	assert_equal signet-keyd "$(members_of tss)" "who may open the TPM"
}

a_daemons_configuration_is_its_own() {
	local daemon folder
	root_create
	as_root systemd-tmpfiles --create --root="$DEVICE/root" \
		"$CONF"/tmpfiles.d/*.conf
	for daemon in keyd certd provisiond; do
		folder=$DEVICE/root/etc/signet/$daemon
		assert_equal "700 $(ids_of passwd "signet-$daemon")" \
			"$(stat -c '%a %u' "$folder")" "$folder"
	done
	assert_equal "755 0" "$(stat -c '%a %u' "$DEVICE/root/run/signet")" /run/signet
	assert_equal "755 0" "$(stat -c '%a %u' "$DEVICE/root/var/lib/signet")" \
		/var/lib/signet
}

the_AppArmor_profile_can_be_compiled() {
	device_create
	as_root apparmor_parser --skip-kernel-load --skip-cache --quiet \
		"$CONF/apparmor/usr.sbin.signet-keyd"
}

# What no rule allows is denied, and local/ may allow it; a "deny" would win. But
# nobody is to trace keyd.
the_profile_opens_no_network_and_leaves_it_to_the_local_rules() {
	local rules
	rules=$(apparmor_parser --preprocess "$CONF/apparmor/usr.sbin.signet-keyd" |
		sed 's/#.*//; s/^[[:space:]]*//')
	assert_contains "$rules" "signet-keyd mr," "the rules"
	assert_contains "$rules" "/etc/pkcs11/modules/" "those that are included"
	assert_equal "deny ptrace (readby, tracedby)," \
		"$(grep -E '^(audit )?(deny|network|capability|ptrace [^(])' <<<"$rules" || true)" \
		"rules that deny, or open the network"
}

run_tests \
	keyd_is_exposed_by_1_0_at_most_and_the_others_by_1_5 \
	a_unit_that_gives_up_one_protection_is_found \
	no_unit_hides_the_uid_of_who_calls \
	each_unit_says_what_its_score_does_not_ask_for \
	keyd_may_lock_memory_and_open_the_TPM_and_nothing_else \
	the_PIN_is_lent_as_a_credential \
	systemd_has_no_complaint_about_any_unit \
	each_daemon_is_a_user_of_its_own \
	only_daemons_are_in_the_groups_of_sockets \
	a_daemons_configuration_is_its_own \
	the_profile_opens_no_network_and_leaves_it_to_the_local_rules \
	the_AppArmor_profile_can_be_compiled
