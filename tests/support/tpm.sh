# SPDX-License-Identifier: MIT
#
# For integration tests, after harness.sh: a TPM of the device's own. swtpm is
# the TPM, tpm2-abrmd on a D-Bus of its own is the resource manager that the
# kernel's /dev/tpmrm0 is elsewhere, tpm2-pkcs11 makes a token of it. Sockets
# and state are in $DEVICE, so tests may run side by side.
#
# Making a token takes seconds, so it is done once a script; each test gets a
# copy of that TPM.

readonly TPM_MODULE=/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so
TPM_MOLDS=$(mktemp -d /tmp/sg-tpm.XXXXXX)
trap 'rm -rf "$TPM_MOLDS"' EXIT

# What every program reads that uses the TPM in $DEVICE.
tpm_environment() {
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$DEVICE/tpm/bus
	export TPM2TOOLS_TCTI=tabrmd:bus_type=session
	export TPM2_PKCS11_TCTI=tabrmd:bus_type=session
	export TPM2_PKCS11_BACKEND=esysdb
	export TPM2_PKCS11_STORE=$DEVICE/tpm/store
}

# Runs a program in the background; ends with the device.
tpm_run() { # NAME COMMAND...
	"${@:2}" >>"$DEVICE/tpm/$1.out" 2>&1 &
	echo $! >"$DEVICE/tpm-$1.pid"
}

tpm_end() { # SIGNAL NAME
	local pid
	pid=$(cat "$DEVICE/tpm-$2.pid")
	rm "$DEVICE/tpm-$2.pid"
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null || true
}

tpm_power_on() {
	tpm_run swtpm swtpm socket --tpm2 --tpmstate "dir=$DEVICE/tpm/state" \
		--server "type=unixio,path=$DEVICE/tpm/tpm" \
		--ctrl "type=unixio,path=$DEVICE/tpm/tpm.ctrl" \
		--flags not-need-init,startup-clear
	eventually 20 test -S "$DEVICE/tpm/tpm.ctrl"
}

# As a power cut: what is only in the TPM's memory is gone.
tpm_power_off() {
	tpm_end KILL swtpm
	rm -f "$DEVICE"/tpm/tpm{,.ctrl}
}

# It answers nothing, and goes on where it was.
tpm_hang() { kill -STOP "$(cat "$DEVICE/tpm-swtpm.pid")"; }
tpm_wake() { kill -CONT "$(cat "$DEVICE/tpm-swtpm.pid")"; }

# What hangs cannot be ended in order.
eval "$(declare -f device_destroy | sed '1s/.*/device_destroy_awake ()/')"
device_destroy() {
	[ ! -f "${DEVICE:-}/tpm-swtpm.pid" ] || tpm_wake
	device_destroy_awake
}

tpm_manager_start() {
	tpm_run abrmd tpm2-abrmd --session --allow-root --flush-all \
		"--tcti=swtpm:path=$DEVICE/tpm/tpm"
	eventually 20 tpm2_getrandom --hex 1
}

tpm_manager_stop() { tpm_end TERM abrmd; }

tpm_start() {
	mkdir -p "$DEVICE"/tpm/{state,store}
	tpm_run bus dbus-daemon --session --nofork \
		"--address=unix:path=$DEVICE/tpm/bus"
	eventually 20 test -S "$DEVICE/tpm/bus"
	tpm_power_on
	tpm_manager_start
}

# The TPM alone, without a resource manager: for one program at a time.
tpm_bare_start() {
	export TPM2TOOLS_TCTI=swtpm:path=$DEVICE/tpm/tpm
	mkdir -p "$DEVICE/tpm/state"
	tpm_power_on
}

tpm_stop() {
	tpm_manager_stop
	tpm_power_off
	tpm_end TERM bus
}

tpm_mold_create() { # LABEL
	local DEVICE=$TPM_MOLDS/$1
	tpm_environment
	tpm_start
	tpm2_ptool init --path="$TPM2_PKCS11_STORE" >/dev/null
	tpm2_ptool addtoken --pid=1 --label="$1" --sopin="$PIN" \
		--userpin="$PIN" --path="$TPM2_PKCS11_STORE" >/dev/null
	tpm_stop
}

# A TPM with one token with our PIN.
tpm_token_create() { # [LABEL]
	local label=${1:-device}
	[ -d "$TPM_MOLDS/$label" ] || (tpm_mold_create "$label")
	mkdir "$DEVICE/tpm"
	cp -r "$TPM_MOLDS/$label"/tpm/{state,store} "$DEVICE/tpm"
	tpm_environment
	tpm_start
}

# --- DPS knows the device by it; after provisiond.sh --------------------------

tpm_configure() { # [LINE-OF-PROVISIONING]...
	mkdir -p "$SIGNET_CONFIG_DIR/keyd"
	cat >"$SIGNET_CONFIG_DIR/keyd/config.yaml" <<YAML
tpm: { tcti: "swtpm:path=$DEVICE/tpm/tpm", users: [$(id -u)] }
token_timeout: 3
YAML
	provisiond_configure_dps "method: tpm, registration_id: dev1" "$@"
}

# Whoever asks while a slow TPM makes its keys is told so.
endorsement_key_write() { # FILE
	endorsement_key_write_once() {
		call tpmd GET /get_tpm_keys | jq -er .endorsement_key >"$1"
	}
	eventually 60 endorsement_key_write_once "$1"
}

enroll_tpm() { # [OPTION]...
	endorsement_key_write "$DEVICE/ek"
	cloud enroll individual --registration-id dev1 \
		--endorsement-key "$DEVICE/ek" "$@" >/dev/null
}

# Sends a message as the device, signed with the key that DPS gave the TPM;
# prints the status.
send_by_tpm() {
	local hub=${DPS_URL#https://} resource expires signature
	resource=$(jq -rn --arg r "$hub/devices/dev1" '$r | @uri')
	expires=$(($(date +%s) + 600))
	signature=$(call tpmd POST /sign_with_auth_key "{\"data\":\"$(
		printf '%s\n%s' "$resource" "$expires" | base64 -w0)\"}" |
		jq -r '.digest | @uri')
	curl -s -o /dev/null -w '%{http_code}' --cacert "$DEVICE/cloud/ca.pem" \
		-H "Authorization: SharedAccessSignature sr=$resource&sig=$signature&se=$expires" \
		--data 'from the TPM' "$DPS_URL/devices/dev1/messages/events?api-version=2021-04-12"
}
