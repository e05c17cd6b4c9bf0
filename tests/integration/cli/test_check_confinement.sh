#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# signetctl check, on what confines the daemons: units that give up a protection,
# and units or an AppArmor profile that keep from a daemon what it needs.
. "$(dirname "$0")/../../support/harness.sh"
. "$(dirname "$0")/../../support/doctor.sh"

# What /proc says of the process of a unit is put in the place of what it says
# of a daemon here, which is in no unit.
finds_that_a_unit_is_not_hardened() {
	issuing_device
	local pid result
	pid=$(daemon_pid keyd)
	mkdir "$DEVICE/proc"
	echo '0::/system.slice/signet-keyd.service' >"$DEVICE/proc/cgroup"
	sed -E 's/^(NoNewPrivs:\t).*/\11/; s/^(Seccomp:\t).*/\12/; s/^(CapEff:\t).*/\10000000000000000/
		s/^(Uid:).*/\1\t2001\t2001\t2001\t2001/' "/proc/$pid/status" >"$DEVICE/proc/status"
	echo '         0          0 4294967295' >"$DEVICE/proc/uid_map"
	as_seen() { # SED-COMMAND: prints result and reason
		cp -r "$DEVICE/proc" "$DEVICE/proc2"
		sed -i -E "$1" "$DEVICE/proc2/status"
		as_root unshare --mount bash -c 'for file in cgroup status uid_map; do
			mount --bind "$DEVICE/proc2/$file" "/proc/'"$pid"'/$file"; done
			signetctl check --only hardening -o json' |
			jq -r '.checks[0] | "\(.result) \(.findings[0] // {} | "\(.object): \(.reason)")"'
		rm -r "$DEVICE/proc2"
	}
	assert_matches "$(as_seen '')" 'ok *' "as it is shipped"
	assert_matches "$(as_seen 's/^(Seccomp:.)2/\10/')" \
		'warning signet-keyd.service: *every system call' "without a filter"
	assert_matches "$(as_seen 's/^(NoNewPrivs:.)1/\10/')" \
		'warning signet-keyd.service: *setuid program' "with new privileges"
	assert_matches "$(as_seen 's/^(Uid:.)2001.2001/\10\t0/')" \
		'warning signet-keyd.service: *runs as root' "as root"
	examine hardening
	assert_equal ignored "$result" "a daemon that is no unit's"
}

# The shipped units and such drop-ins as an operator writes, where systemd would
# look for them.
drop_in() { # UNIT LINE...: the only one that there is
	rm -rf "$DEVICE/units"
	mkdir -p "$DEVICE/units/signet-$1.service.d"
	printf '%s\n' '[Service]' "${@:2}" >"$DEVICE/units/signet-$1.service.d/mine.conf"
}
examine_units() { # CHECK
	local units
	units=$(cd "$(dirname "$0")/../../../conf/systemd" && pwd)
	SIGNET_SERVICES=units SYSTEMD_UNIT_PATH=$DEVICE/units:$units examine "$1"
}

finds_a_drop_in_that_weakens_a_unit() {
	device_create
	drop_in keyd 'DeviceAllow=/dev/vendor0 rw'
	examine_units hardening
	assert_equal ok "$result" "a device more ($reason)"
	drop_in certd '' 'NoNewPrivileges=no'
	examine_units hardening
	assert_matches "$result $reason" "warning $DEVICE/units/signet-certd.service.d/mine.conf:3: $(
	)NoNewPrivileges=no is weaker*" "new privileges"
}

# The page says that the doctor warns of these lines, and of no other.
finds_what_the_page_on_HSMs_opens() {
	device_create
	local units lines
	units=$(cd "$(dirname "$0")/../../../conf/systemd" && pwd)
	mapfile -t lines < <(sed -n '/^## An HSM behind/,/^## What/s/^    \([A-Z][A-Za-z]*=.*\)/\1/p' \
		"$(dirname "$0")/../../../docs/guides/hsm.md")
	drop_in keyd "${lines[@]}"
	assert_equal "$(printf '%s\n' "${lines[@]}" | cut -d = -f 1 | sort)" \
		"$(SIGNET_SERVICES=units SYSTEMD_UNIT_PATH=$DEVICE/units:$units signetctl check \
			--only hardening -o json | jq -r '.checks[0].findings[].reason' | cut -d = -f 1 | sort)" \
		"what is warned of"
}

# The device is in /tmp, of which the shipped units have one of their own.
finds_what_a_unit_keeps_from_its_service() {
	issuing_device
	drop_in keyd
	examine_units paths
	assert_equal error "$result" "as shipped"
	assert_matches "$reason" "$DEVICE/*: PrivateTmp=yes hides it from signet-*.service (*:*)" "as shipped"
	local unit
	for unit in keyd certd provisiond; do
		mkdir -p "$DEVICE/units/signet-$unit.service.d"
		printf '%s\n' '[Service]' PrivateTmp=no "ReadWritePaths=$SIGNET_STATE_DIR" \
			>"$DEVICE/units/signet-$unit.service.d/mine.conf"
	done
	examine_units paths
	assert_equal ok "$result" "with drop-ins ($reason)"
	sed -i '/ReadWritePaths/d' "$DEVICE/units/signet-certd.service.d/mine.conf"
	examine_units paths
	assert_matches "$result $reason" "error $SIGNET_STATE_DIR/certd: ProtectSystem=strict lets $(
	)nothing be written to it by signet-certd.service*" "the state"
}

# A profile is put in place of what there is, and keyd is shown as under it.
finds_what_apparmor_keeps_from_keyd() {
	issuing_device
	local result
	cp -rL /etc/apparmor.d "$DEVICE/apparmor"
	cp "$SIGNET_BUILD/conf/apparmor/usr.sbin.signet-keyd" "$DEVICE/apparmor"
	PID=$(daemon_pid keyd)
	export PID
	under() { # PROFILE LOCAL-RULE...
		echo "$1" >"$DEVICE/current"
		printf '%s\n' "${@:2}" >"$DEVICE/apparmor/local/usr.sbin.signet-keyd"
		as_root unshare --mount bash -c 'mount --bind "$DEVICE/apparmor" /etc/apparmor.d
			mount --bind "$DEVICE/current" "/proc/$PID/attr/current"
			signetctl check --only paths -o json' | jq -r '.checks[0] | "\(.result) \(
				[.findings[] | "\(.object): \(.reason), \(.fix)"] | join("; "))"'
	}
	assert_equal "ok " "$(under unconfined)" "without a profile"
	assert_equal "ok " "$(under 'signet-keyd (complain)')" "one that is not enforced"
	assert_equal "ok " "$(under 'signet-keyd (enforce)')" "what the profile allows"
	change keyd/config.yaml 's|pin-source=file:[^"]*|pin-source=file:/etc/debian_version|'
	assert_matches "$(under 'signet-keyd (enforce)')" \
		"error /etc/debian_version: AppArmor denies it*add '/etc/debian_version r,' to */local/*" \
		"without local rules"
	assert_equal "ok " "$(under 'signet-keyd (enforce)' '/etc/debian_version r,')" \
		"with a local rule"
	assert_matches "$(under 'signet-keyd (enforce)' '/etc/* r, deny /etc/deb* r,')" \
		"error */local/usr.sbin.signet-keyd, line 1: 'deny /etc/deb\* r', take that rule away*" \
		"what is denied"
	assert_matches "$(under 'signet-keyd (enforce)' 'if $plant { /etc/* r, }')" \
		"warning *not understood: */local/usr.sbin.signet-keyd, line 1: '/etc/\* r', look by hand*" \
		"a condition"
}

run_tests \
	finds_that_a_unit_is_not_hardened \
	finds_a_drop_in_that_weakens_a_unit \
	finds_what_the_page_on_HSMs_opens \
	finds_what_a_unit_keeps_from_its_service \
	finds_what_apparmor_keeps_from_keyd
