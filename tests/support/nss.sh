# SPDX-License-Identifier: MIT
#
# For integration tests, after harness.sh: NSS's softokn as some vendor's HSM.
# It must be told at C_Initialize where its database is: keyd is by
# token.module_args; for tools, which have no such option, there is a module
# that does it.

readonly NSS_MODULE=/usr/lib/x86_64-linux-gnu/libsoftokn3.so
readonly NSS_TOOL_MODULE=$SIGNET_BUILD/tests/support/nss_for_tools.so

# A database with our PIN, whose token has the label.
nss_token_create() { # [LABEL]
	mkdir "$DEVICE/nss"
	certutil -N -d "sql:$DEVICE/nss" -f "$DEVICE/pin"
	MODULE_ARGS="configdir='sql:$DEVICE/nss' dbTokenDescription='${1:-device}'"
	export MODULE_ARGS
}
