#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The power goes while certificates are renewed. The state is on a drive of its
# own; what the guest's kernel has not written there is lost with qemu.
. "$(dirname "$0")/vm.sh"

readonly ENOUGH=4 # the first is the one that there was

drive_create() {
	truncate -s 64M "$GUEST/state.img"
	mke2fs -q -t ext4 "$GUEST/state.img"
}

readonly DRIVE=if=virtio,format=raw,cache=writethrough

# Or has failed, which its last line says.
has_acknowledged_enough() {
	[ "$(grep -c '^acknowledged certificate' "$GUEST/said")" -ge $ENOUGH ] ||
		grep -q '^exit' "$GUEST/said"
}

# Renews, and cuts the power somewhere in the middle of it.
renew_until_the_power_goes() { # [KERNEL-OPTION]
	drive_create
	guest_start "renew${1:+ $1}" "$VM/device.img,snapshot=on" \
		-drive "file=$GUEST/state.img,$DRIVE"
	eventually 1200 has_acknowledged_enough
	! grep '^exit' "$GUEST/said" || {
		guest_show
		fail "the guest does not renew"
	}
	sleep "$((RANDOM % 3)).$((RANDOM % 10))"
	kill -KILL "$(cat "$GUEST/guest.pid")"
	wait "$(cat "$GUEST/guest.pid")" 2>/dev/null || true
	rm "$GUEST/guest.pid"
}

# As a file system is found after a crash: its journal is replayed.
drive_read() {
	local result=0
	e2fsck -fy "$GUEST/state.img" >"$GUEST/fsck.log" 2>&1 || result=$?
	[ $result -le 1 ] || fail "e2fsck: $(cat "$GUEST/fsck.log")"
	mkdir "$GUEST/found"
	debugfs -R "rdump / $GUEST/found" "$GUEST/state.img" 2>/dev/null
	[ -d "$GUEST/found/lost+found" ] || fail "the drive cannot be read"
}

plain() { tr 'A-F' 'a-f' | tr -d ':' | sed 's/^0*//'; }

# True if the certificate is there, whole, and none that was replaced by one
# that was acknowledged. One more may have been renewed, and not said.
nothing_acknowledged_is_lost() {
	local serials found files
	files=("$GUEST"/found/certd/certs/deviceid-*.cer) # itself, if there is none
	[ ${#files[@]} -eq 1 ] || fail "there are several: ${files[*]}"
	serials=$(sed -n 's/^acknowledged certificate //p' "$GUEST/said" | plain)
	found=$(openssl x509 -noout -serial -in "${files[0]}" |
		sed 's/^serial=//' | plain) || return 1
	echo "acknowledged $(wc -l <<<"$serials"), last $(tail -n 1 <<<"$serials"), found $found"
	! head -n -1 <<<"$serials" | grep -qx "$found"
}

# In keyd's list, and an object of the token's.
key_is_there() { # KEY
	jq -e --arg key "$1" 'any(.keys[]; .id == $key)' "$GUEST/found/keyd/index.json" >/dev/null &&
		grep -rqwaF -- "$1" "$GUEST/found/keyd/softhsm"
}

acknowledged_keys() { sed -n 's/^acknowledged key //p' "$GUEST/said"; }

lost_keys() {
	local key
	for key in $(acknowledged_keys); do
		key_is_there "$key" || echo "$key"
	done
}

all_documents_are_whole() {
	local file count=0
	while read -r file; do
		jq -e . "$file" >/dev/null || fail "${file#"$GUEST/found"} is not whole"
		count=$((count + 1))
	done < <(find "$GUEST/found" -name '*.json')
	[ $count -ge 2 ] || fail "there are $count documents"
}

every_acknowledged_renewal_survives_a_power_cut() {
	guest_create
	renew_until_the_power_goes
	cp --sparse=always "$GUEST/state.img" "$GUEST/cut.img"
	drive_read
	nothing_acknowledged_is_lost || fail "a certificate is lost"
	assert_equal "" "$(lost_keys)" "keys that are lost"
	all_documents_are_whole
	guest_run "after_cut signet.keys=$(acknowledged_keys | wc -l)" "$VM/device.img,snapshot=on" \
		-drive "file=$GUEST/cut.img,$DRIVE"
}

the_same_harness_finds_what_a_build_without_fsync_loses() {
	guest_create
	renew_until_the_power_goes signet.fsync=no
	drive_read
	! nothing_acknowledged_is_lost || fail "no certificate is lost"
	[ -n "$(lost_keys)" ] || fail "no key is lost of $(acknowledged_keys | wc -l)"
}

run_tests \
	every_acknowledged_renewal_survives_a_power_cut \
	the_same_harness_finds_what_a_build_without_fsync_loses
