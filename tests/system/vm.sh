# SPDX-License-Identifier: MIT
#
# For tests with the packages in a Debian 12 of their own: a root, and a guest
# that boots it. Everything is in $VM, and is made once:
#
#   packages/     what scripts/package makes
#   root.tar      Debian with what the packages depend on, and a kernel
#   root.img      the same with the packages, for guests
#   device.img    a guest that has been set up and is provisioned
#
# There is no KVM and no network: qemu emulates, and the guest has a loopback.
. "$(dirname "${BASH_SOURCE[0]}")/../support/harness.sh"

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly SOURCE VM=$SIGNET_BUILD/vm
mkdir -p "$VM"

# Packages without debug symbols, which nobody looks at here.
packages_create() { # DIR [COMMIT]
	rm -rf "$1"
	DEB_BUILD_OPTIONS=noautodbgsym "$SOURCE/scripts/package" "$@"
}

# --- a root -----------------------------------------------------------------

# The packages of Debian that ours need, but for our own.
dependencies() {
	local package
	for package in "$VM"/packages/*.deb; do
		dpkg-deb --field "$package" Pre-Depends Depends
	done | sed 's/^[A-Za-z-]*: //; s/, */\n/g' | sed 's/[ (|].*//' |
		grep -vE '^(lib)?signet|^$' | sort -u | paste -sd,
}

# Only what a guest of qemu needs to find its root, so that it starts quickly.
readonly INITRAMFS='
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf "MODULES=list\nCOMPRESS=lz4\n" >"$1/etc/initramfs-tools/conf.d/guest"
printf "virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n" >"$1/etc/initramfs-tools/modules"'

root_create() {
	as_root mmdebstrap --quiet --variant=minbase \
		--essential-hook="$INITRAMFS" \
		--include="linux-image-cloud-amd64,systemd-sysv,udev,kmod,lz4,dbus" \
		--include="apparmor,ca-certificates,curl,jq,openssl,softhsm2" \
		--include="libtpm2-pkcs11-1,libtpm2-pkcs11-tools,tpm2-tools,tpm-udev" \
		--include="$(dependencies)" bookworm "$VM/root.tar"
}

# Unpacks the root; commands run in it by in_root().
root_unpack() { # DIR
	mkdir -p "$1"
	as_root tar -C "$1" -xf "$VM/root.tar"
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$1/usr/sbin/policy-rc.d" >/dev/null
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
}

# With a /proc of its own, and nothing of our environment.
in_root() { # DIR COMMAND...
	local root=$1
	shift
	as_root unshare --mount --pid --fork env -i "PATH=$PATH" chroot "$root" \
		sh -c 'mount -t proc proc /proc && exec "$@"' sh "$@"
}

# Installs packages from a folder of the host.
root_install() { # DIR FOLDER
	as_root rm -rf "$1/packages"
	as_root mkdir "$1/packages"
	as_root cp "$2"/*.deb "$1/packages"
	in_root "$1" sh -c 'dpkg --install /packages/*.deb' >"$VM/dpkg.log" 2>&1 ||
		fail "dpkg --install: $(tail -n 20 "$VM/dpkg.log")"
}

# --- a guest ----------------------------------------------------------------

# What a guest has beside the packages: tests, and nothing that takes its time.
guest_furnish() { # DIR
	local unit root=$1
	as_root mkdir -p "$root/usr/lib/signet-test"
	as_root cp "$SOURCE"/tests/system/guest/* "$SOURCE/docs/guides/quickstart.md" \
		"$root/usr/lib/signet-test"
	as_root chmod 755 "$root/usr/lib/signet-test/run"
	# Preloaded, it asks for nothing to be on the disk.
	printf 'int f%s(int fd) { return fd < 0; }\n' sync datasync |
		as_root gcc -shared -fPIC -x c - -o "$root/usr/lib/signet-test/no_fsync.so"
	as_root cp "$root"/usr/lib/signet-test/*.service "$root/etc/systemd/system"
	in_root "$root" systemctl --quiet enable signet-test signet-cloud
	for unit in getty@tty1 serial-getty@ttyS0 e2scrub_reap apt-daily.timer \
		apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
		fstrim.timer systemd-update-utmp systemd-journal-flush; do
		in_root "$root" systemctl --quiet mask "$unit" 2>/dev/null || true
	done
	as_root rm -rf "$root/usr/sbin/policy-rc.d" "$root/packages"
}

image_create() {
	local root
	root=$(mktemp -d "$VM/root.XXXXXX")
	root_unpack "$root"
	root_install "$root" "$VM/packages"
	guest_furnish "$root"
	as_root cp "$root"/boot/vmlinuz-* "$VM/vmlinuz"
	as_root cp "$root"/boot/initrd.img-* "$VM/initrd"
	rm -f "$VM/root.img"
	truncate -s 2G "$VM/root.img"
	as_root mke2fs -q -t ext4 -d "$root" "$VM/root.img"
	as_root rm -rf "$root"
	[ "$(id -u)" -eq 0 ] || as_root chown "$(id -u)" "$VM"/{vmlinuz,initrd,root.img}
}

# Boots in the background; $GUEST/said is what the scenario says as it goes. What
# stands behind an image are qemu's options of the drive.
guest_start() { # SCENARIO IMAGE[,OPTION] [QEMU-OPTION]...
	local scenario=$1 image=$2
	shift 2
	rm -f "$GUEST"/said
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
		-nodefaults -nographic -nic none -device virtio-rng-pci \
		-kernel "$VM/vmlinuz" -initrd "$VM/initrd" \
		-append "root=/dev/vda rw console=ttyS0 quiet apparmor=1 security=apparmor signet.test=$scenario" \
		-drive "file=$image,format=raw,if=virtio,cache=writethrough" \
		-serial "file:$GUEST/console" -serial "file:$GUEST/said" "$@" \
		>"$GUEST/qemu.log" 2>&1 &
	echo $! >"$GUEST/guest.pid" # device_destroy() ends it
}

# Waits for its end; what it said must end in "exit 0".
guest_wait() {
	local pid end=$((SECONDS + 1500))
	pid=$(cat "$GUEST/guest.pid")
	while kill -0 "$pid" 2>/dev/null; do
		[ $SECONDS -lt $end ] || {
			kill -KILL "$pid"
			guest_show
			fail "the guest does not end"
		}
		sleep 0.5
	done
	[ "$(tail -n 1 "$GUEST/said" 2>/dev/null)" = "exit 0" ] || {
		guest_show
		fail "the guest's scenario failed"
	}
	cat "$GUEST/said"
}

guest_show() {
	tail -n 100 "$GUEST/said" "$GUEST/qemu.log" >&2 || true
	tail -c 2000 "$GUEST/console" >&2 || true
}

# A guest of one's own, which is ended with the test.
guest_create() {
	device_create
	GUEST=$DEVICE
}

guest_run() { # SCENARIO IMAGE [QEMU-OPTION]...
	guest_start "$@"
	guest_wait
}
