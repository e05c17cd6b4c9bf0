# SPDX-License-Identifier: MIT
#
# For tests with the packages in a Debian 12 of their own: a root, and a guest
# that boots it. Everything is in $VM, and is made once:
#
#   packages/     what scripts/package makes
#   root.tar      Debian with a kernel and the packages
#   root.img      the same with scenarios, for guests
#   device.img    a guest that has been set up and is provisioned
#
# There is no KVM and no network: qemu emulates, and the guest has a loopback.
. "$(dirname "${BASH_SOURCE[0]}")/../support/harness.sh"

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly SOURCE VM=$SIGNET_BUILD/vm
readonly QUICKSTART=$SOURCE/docs/guides/quickstart.md
mkdir -p "$VM"

# Packages without debug symbols, which nobody looks at here.
packages_create() { # DIR [COMMIT]
	rm -rf "$1"
	DEB_BUILD_OPTIONS=noautodbgsym "$SOURCE/scripts/package" "$@"
}

# --- a root -----------------------------------------------------------------

# Only what a guest of qemu needs to find its root, so that it starts quickly.
readonly INITRAMFS='
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf "MODULES=list\nCOMPRESS=lz4\n" >"$1/etc/initramfs-tools/conf.d/guest"
printf "virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n" >"$1/etc/initramfs-tools/modules"'

# On a bare Debian the quickstart's commands bring the packages and all that they
# need; what only the scenarios need comes behind them. Nobody is asked, and the
# disk may take its time.
install_script() {
	cat <<-'SCRIPT'
		set -euo pipefail
		cd /packages
		echo 'APT::Get::Assume-Yes "1"; Dpkg::Options { "--force-unsafe-io"; };' >apt.conf
		export APT_CONFIG=/packages/apt.conf DEBIAN_FRONTEND=noninteractive
	SCRIPT
	sed -n '/^## 1\./,/^## 2\./s/^    //p' "$QUICKSTART"
	grep -o 'apt-get install ./signet-cloud[^`]*' "$QUICKSTART"
	echo "apt-get install --no-install-recommends curl polkitd \
		libtpm2-pkcs11-1 libtpm2-pkcs11-tools tpm2-tools tpm-udev"
}

root_create() {
	cp -r "$VM/packages" "$DEVICE/packages"
	install_script >"$DEVICE/packages/install"
	as_root mmdebstrap --quiet --variant=minbase \
		--essential-hook="$INITRAMFS" \
		--include="linux-image-cloud-amd64,systemd-sysv,udev,kmod,lz4,dbus,apparmor" \
		--customize-hook="cp -r '$DEVICE/packages' \"\$1\"" \
		--customize-hook='chroot "$1" bash /packages/install' \
		--customize-hook='rm -r "$1/packages"' \
		bookworm "$VM/root.tar" >"$DEVICE/mmdebstrap.log" 2>&1
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

root_install() { # DIR PACKAGE...
	local root=$1
	shift
	as_root mkdir "$root/packages"
	as_root cp "$@" "$root/packages"
	in_root "$root" sh -c 'dpkg --install /packages/*.deb' >"$DEVICE/dpkg.log" 2>&1 ||
		fail "dpkg --install: $(tail -n 20 "$DEVICE/dpkg.log")"
	as_root rm -r "$root/packages"
}

root_purge() { # DIR
	in_root "$1" sh -c "dpkg --purge \$(dpkg-query -W -f '\${Package} ' \
		'signet*' 'libsignet*')" >"$DEVICE/dpkg.log" 2>&1 ||
		fail "purge: $(tail -n 20 "$DEVICE/dpkg.log")"
}

# --- a guest ----------------------------------------------------------------

# What a guest has beside the packages: tests, and nothing that takes its time.
guest_furnish() { # DIR
	local unit root=$1
	as_root mkdir -p "$root/usr/lib/signet-test"
	as_root cp "$SOURCE"/tests/system/guest/* "$QUICKSTART" \
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
	as_root rm -f "$root/usr/sbin/policy-rc.d"
}

image_create() { # IMAGE ROOT
	guest_furnish "$2"
	as_root rm -f "$1"
	truncate -s 2G "$1"
	as_root mke2fs -q -t ext4 -d "$2" "$1"
}

# Boots in the background; $GUEST/said is what the scenario says as it goes. What
# stands behind an image are qemu's options of the drive, whose data the host may
# write when it likes: it is the host's power that does not go. On a busy host the
# kernel's check of its timer fails, which would be the end.
guest_start() { # SCENARIO IMAGE[,OPTION] [QEMU-OPTION]...
	local scenario=$1 image=$2
	shift 2
	rm -f "$GUEST"/said
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
		-nodefaults -nographic -nic none -device virtio-rng-pci \
		-kernel "$VM/vmlinuz" -initrd "$VM/initrd" \
		-append "root=/dev/vda rw console=ttyS0 quiet no_timer_check apparmor=1 security=apparmor signet.test=$scenario" \
		-drive "file=$image,format=raw,if=virtio,cache=unsafe" \
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
