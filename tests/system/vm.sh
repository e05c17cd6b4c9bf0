# SPDX-License-Identifier: MIT
#
# For tests with the packages in a Debian 12 of their own: a root, and a guest
# that boots it. Everything is in $VM, and is made once, by test_<name>.sh:
#
#   debian.tar      debian       a bare Debian with a kernel
#   vmlinuz initrd  debian       that kernel, for qemu
#   packages/       build        what scripts/package makes
#   builder.tar     build        the Debian that made them
#   first/          build_first  the packages of the commit that could first
#   root.tar        root         the bare Debian with the packages
#   device.img      device       for guests: provisioned, and with scenarios
#
# There is no KVM, and guests have no network but a loopback: qemu emulates.
. "$(dirname "${BASH_SOURCE[0]}")/../support/harness.sh"
. "$(dirname "${BASH_SOURCE[0]}")/guest/page.sh"

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly SOURCE VM=$SIGNET_BUILD/vm
readonly GUIDES=$SOURCE/docs/guides
mkdir -p "$VM"

# Roots take room, and programs are run in them: /tmp need not be made for that.
export TMPDIR=${TMPDIR:-$VM/tmp}
export SIGNET_TEST_FOLDER=$TMPDIR
mkdir -p "$TMPDIR"

# Nobody looks at debug symbols here: what there has to be of them is made, since
# packages could differ by it, and left out.
readonly QUICK="DEB_BUILD_OPTIONS=noautodbgsym DEB_CFLAGS_APPEND=-g1 DEB_CXXFLAGS_APPEND=-g1"
readonly TREE=/srv/signet # where they are built

# --- a root -----------------------------------------------------------------

# What each Debian has that boots, beside a kernel.
readonly BARE="systemd-sysv udev kmod dbus apparmor"

# How this machine's apt, and wget, get at Debian, as apt says it.
host_proxies() {
	local scheme variable
	for scheme in http https; do
		variable=${scheme}_proxy
		[ -z "${!variable:-}" ] || echo "Acquire::$scheme::Proxy \"${!variable}\";"
	done
	apt-config dump | grep -E '^Acquire::https?::Proxy(::[^ ]*)? ' || true
}

# The one for all hosts, if there is one.
host_proxy() { host_proxies | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p' | tail -n 1; }

# What Debian's installer writes. Beyond that nobody is asked, no service is started,
# and the disk may take its time; and the initrd has only what a guest of qemu needs
# to find its root, so that it starts quickly.
root_configure() { # DIR
	local kernel=$1/usr/share/initramfs-tools
	as_root mkdir -p "$kernel/conf.d" "$kernel/modules.d"
	as_root tee "$1/etc/hosts" <<<'127.0.0.1 localhost'
	as_root tee "$1/etc/apt/apt.conf.d/quiet" <<-'CONF'
		APT::Get::Assume-Yes "1";
		Dpkg::Options { "--force-unsafe-io"; };
	CONF
	host_proxies | as_root tee "$1/etc/apt/apt.conf.d/proxy"
	as_root tee "$kernel/conf.d/guest" <<<$'MODULES=list\nCOMPRESS=lz4'
	as_root tee "$kernel/modules.d/guest" <<<$'virtio_pci\nvirtio_blk\next4\ncrc32c_generic'
	as_root tee "$1/usr/sbin/policy-rc.d" <<<$'#!/bin/sh\nexit 101'
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
} >/dev/null

root_pack() { # DIR TAR
	in_root "$1" apt-get clean
	as_root tar -C "$1" --numeric-owner -cf "$2" .
}

root_unpack() { # TAR DIR
	mkdir -p "$2"
	as_root tar -C "$2" --numeric-owner -xf "$1"
}

# With mounts that go when the command ends, or when the test is killed: and in the
# folder there may be devices and programs, whatever the file system around it says.
with_mounts() { # DIR COMMAND...
	local result=0
	as_root unshare --mount --pid --fork --kill-child sh -c '
		trap exit TERM INT
		mount --bind "$0" "$0" && mount -o remount,bind,dev,exec,suid "$0" || exit
		"$@" & wait $!' "$@" </dev/null &
	echo $! >"$DEVICE/mounts.pid" # device_destroy() ends it
	wait $! || result=$?
	rm -f "$DEVICE/mounts.pid"
	return $result
}

# With nothing of our environment.
in_root() { # DIR COMMAND...
	local root=$1
	shift
	with_mounts "$root" env -i "PATH=$PATH" \
		DEBIAN_FRONTEND=noninteractive chroot "$root" \
		sh -c 'mount -t proc proc /proc && exec "$@"' sh "$@"
}

# From Debian; and nothing that is only recommended.
root_add() { # DIR PACKAGE...
	local root=$1
	shift
	in_root "$root" apt-get install --no-install-recommends "$@" >"$DEVICE/apt.log" 2>&1 ||
		fail "apt-get install $*: $(tail -n 20 "$DEVICE/apt.log")"
}

root_install() { # DIR PACKAGE-FILE...
	local root=$1
	shift
	as_root mkdir "$root/packages"
	as_root cp "$@" "$root/packages"
	in_root "$root" sh -c 'dpkg --install /packages/*.deb' >"$DEVICE/dpkg.log" 2>&1 ||
		fail "dpkg --install: $(tail -n 20 "$DEVICE/dpkg.log")"
	as_root rm -r "$root/packages"
}

# What a guide says, as it stands there, in a folder of the root. Behind the folder
# may stand what the shell that does it is to be run with.
root_follow() { # DIR GUIDE SECTION FOLDER [COMMAND...]
	{
		printf 'set -euo pipefail; cd %s\n' "$4"
		page_commands "$GUIDES/$2" "$3"
	} >"$DEVICE/commands"
	as_root cp "$DEVICE/commands" "$1/tmp/commands"
	in_root "$1" "${@:5}" bash /tmp/commands >"$DEVICE/commands.log" 2>&1 ||
		fail "$2: $(tail -n 20 "$DEVICE/commands.log")"
	as_root rm "$1/tmp/commands"
}

# What a guide says for installing.
root_follow_install() { # DIR GUIDE SECTION
	as_root cp -r "$VM/packages" "$1/packages"
	root_follow "$@" /packages
	as_root rm -r "$1/packages"
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
	as_root cp "$SOURCE"/tests/system/guest/* "$GUIDES"/{quickstart,tpm}.md \
		"$SOURCE/docs/man/signet-keyd.8" "$root/usr/lib/signet-test"
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
	as_root rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/*
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
