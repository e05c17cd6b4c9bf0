#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs what building, running and testing Signet needs, from Debian 12.
# Does nothing when everything is there already; uses sudo when not root. What
# tests need of npm goes into node_modules beside their package.json.
#
#   scripts/deps.sh          for building and testing
#   scripts/deps.sh --vm     for booted systems, too
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
	# build
	build-essential cmake ninja-build pkg-config
	libssl-dev libjansson-dev libyaml-dev libcurl4-openssl-dev
	libp11-kit-dev libhttp-parser-dev libsystemd-dev libsmartcols-dev libtss2-dev
	libtomlplusplus-dev
	# signet-cloud
	libmicrohttpd-dev libgnutls28-dev libsqlite3-dev
	# tokens, and the programs that use them
	softhsm2 libengine-pkcs11-openssl p11-kit p11-kit-modules
	gnutls-bin opensc openssl nginx openssh-client openssh-server
	swtpm swtpm-tools tpm2-tools tpm2-abrmd libtss2-tcti-tabrmd0
	libtpm2-pkcs11-1 libtpm2-pkcs11-tools dbus-daemon
	libnss3 libnss3-tools
	# tests
	libcmocka-dev curl jq socat xxd strace procps util-linux iproute2
	chromium fonts-dejavu-core
	python3 python3-jsonschema python3-prometheus-client python3-yaml
	# units
	apparmor systemd
	# static checks
	clang clang-format clang-tidy libclang-rt-dev cppcheck mandoc
	# pages as HTML
	lowdown
	# Debian's packages
	debhelper dh-apparmor lintian debootstrap
)

[ "${1:-}" != --vm ] || packages+=(e2fsprogs qemu-system-x86)

# Debian's Node comes without npm, NodeSource's with it.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing+=("$package")
done

readonly POLICY=/usr/sbin/policy-rc.d
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

install_packages() {
	# Packages that bring a service do not start it: the tests run their own.
	if [ ! -e "$POLICY" ]; then
		trap '"${as_root[@]}" rm -f "$POLICY"' EXIT
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$POLICY" >/dev/null
		"${as_root[@]}" chmod 755 "$POLICY"
	fi

	echo "installing: ${missing[*]}" >&2
	"${as_root[@]}" apt-get update -q >&2
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# Exactly what the lock file says; again when that has changed.
install_modules() { # FOLDER
	[ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || return 0
	echo "installing: node_modules of $1" >&2
	(cd "$1" && npm ci >&2)
}

[ ${#missing[@]} -eq 0 ] || install_packages
install_modules tests/sdk
install_modules tests/portal
