#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Gives test_openssl_key a SoftHSM token of its own, a configuration for keyd
# and the module.
set -euo pipefail

build=${SIGNET_BUILD:?names the build}
work=$(mktemp -d /tmp/ok.XXXXXX)
trap 'rm -rf "$work"' EXIT

export SIGNET_RUNTIME_DIR=$work/run SIGNET_CONFIG_DIR=$work/etc
export SIGNET_STATE_DIR=$work/state
export SIGNET_PKCS11_MODULE=$build/lib/libsignet-pkcs11.so
export SOFTHSM2_CONF=$work/softhsm2.conf

mkdir -p "$work"/{run,etc/keyd,state,tokens}
echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
echo 1234 >"$work/pin"
softhsm2-util --init-token --free --label device --so-pin 1234 --pin 1234 >/dev/null
cat >"$work/etc/keyd/config.yaml" <<YAML
token:
  module: /usr/lib/softhsm/libsofthsm2.so
  uri: "pkcs11:token=device?pin-source=file:$work/pin"
principals:
  - { user: "$(id -u)", keys: ["*"] }
YAML

"$build/bin/test_openssl_key" "$build/bin/signet-keyd"
