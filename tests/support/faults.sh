# SPDX-License-Identifier: MIT
#
# For tests of a token that fails: faulty_pkcs11.c, which see, between keyd and
# SoftHSM. Sourced behind harness.sh.

# A keyd with the key "a" in a token whose module fails as it is ordered to.
device_with_faults() { # [CONFIGURATION-LINE]...
	device_create
	token_create
	faults_start "$@"
}

faults_start() { # [CONFIGURATION-LINE]...
	export FAULTY_MODULE=$SOFTHSM_MODULE
	export FAULTY_ORDERS=$DEVICE/orders
	mkdir "$FAULTY_ORDERS"
	keyd_configure "$SIGNET_BUILD/tests/support/libfaulty_pkcs11.so" \
		"$(token_uri)" "$@"
	daemon_start keyd
	# It may be out of the time that a test has given the token.
	eventually 20 creates a
}

# What hangs returns before keyd is stopped.
eval "$(declare -f device_destroy | sed '1s/.*/device_destroy_rest ()/')"
device_destroy() {
	rm -f "${DEVICE:-}"/orders/*
	device_destroy_rest
}

order() { # NAME [VALUE]
	echo "${2:-}" >"$DEVICE/order"
	mv "$DEVICE/order" "$FAULTY_ORDERS/$1"
}

revoke() { # NAME...
	(cd "$FAULTY_ORDERS" && rm -f "$@")
}

# How often FUNCTION was called since the device was made, or since
# forget_calls: then no keyd runs.
calls() { # FUNCTION
	local at
	at=$(LC_ALL=C grep -aboP "(^|\\x00)$1\\x00" "$FAULTY_ORDERS/calls" |
		head -n 1 | cut -d : -f 1)
	od -An -tu8 -j $(((at + 1) / 64 * 64 + 56)) -N 8 "$FAULTY_ORDERS/calls" |
		tr -d ' '
}

has_called() { # FUNCTION NUMBER
	(($(calls "$1") >= $2))
}

forget_calls() { rm -f "$FAULTY_ORDERS/calls"; }

# keyd starts on a token that fails already; its calls are counted anew.
restart_with() { # ORDER NUMBER
	daemon_stop keyd
	order "$1" "$2"
	forget_calls
	daemon_start keyd
}

create() { # ID; prints the status
	keyd_status POST /keypair "{\"keyId\":\"$1\"}"
}

creates() { [ "$(create "$1")" = 200 ]; } # ID

readonly SIGN='{"algorithm":"ES256",
	"digest":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}'

sign_with() { # ID; prints the status
	keyd_status POST "/keys/$1/sign" "$SIGN"
}

sign() { sign_with a; }

# The body and, behind it, the status.
sign_and_tell() {
	call keyd POST /keys/a/sign "$SIGN" -w '%{http_code}'
}

sign_times() { # NUMBER
	local i
	for ((i = 0; i < $1; i++)); do
		sign >/dev/null
	done
}

signs() { [ "$(sign)" = 200 ]; }

# A signature that hangs, in FUNCTION; its status will be in $DEVICE/hung.N.
sign_and_hang() { # N [FUNCTION]
	local before
	before=$(calls "${2:-C_Sign}")
	sign >"$DEVICE/hung.$1" &
	eventually 60 has_called "${2:-C_Sign}" $((before + 1))
}
