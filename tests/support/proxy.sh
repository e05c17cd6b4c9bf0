# SPDX-License-Identifier: MIT
#
# For integration tests, after harness.sh: an HTTP proxy, proxy.py, on loopback.

# Its address is in $proxy afterwards. Without a password it serves everybody.
proxy_start() { # [--to PORT] [USER:PASSWORD]
	rm -rf "$DEVICE/proxy"
	mkdir "$DEVICE/proxy"
	touch "$DEVICE/proxy/log"
	python3 "$(dirname "${BASH_SOURCE[0]}")/proxy.py" "$DEVICE/proxy" "$@" \
		2>"$DEVICE/proxy.log" &
	echo $! >"$DEVICE/proxy.pid"
	eventually 20 test -s "$DEVICE/proxy/port"
	proxy=127.0.0.1:$(cat "$DEVICE/proxy/port")
}

proxy_stop() {
	end "$(cat "$DEVICE/proxy.pid")"
	rm "$DEVICE/proxy.pid"
}

# From now on it connects nobody.
proxy_deny() { # STATUS
	echo "$1" >"$DEVICE/proxy/deny.new"
	mv "$DEVICE/proxy/deny.new" "$DEVICE/proxy/deny"
}

proxy_allow() { rm "$DEVICE/proxy/deny"; }

# What it was asked for, each once: "STATUS HOST:PORT".
proxy_requests() { sort -u "$DEVICE/proxy/log"; }
