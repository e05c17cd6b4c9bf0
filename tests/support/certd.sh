# SPDX-License-Identifier: MIT
#
# For integration tests, after harness.sh: which certificate certd has now.

pem() { call certd GET "/certificates/$1" | jq -er .pem; } # ID

has_certificate() { pem "$1" | openssl x509 -noout; } # ID

fingerprint() { pem "$1" | openssl x509 -noout -fingerprint -sha256; } # ID

is_another_than() { # ID FINGERPRINT
	[ "$(fingerprint "$1")" != "$2" ]
}

key_public() { # KEY-ID
	call keyd GET "/keys/$1/public" | jq -er .pem
}
