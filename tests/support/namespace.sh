# SPDX-License-Identifier: MIT
#
# For tests in bash that need host names of others and port 443: a user and a
# network namespace with nothing in it but loopback, and a hosts file. Sourced
# first; whoever runs the script need not be root.

namespaces_are_allowed() {
	unshare --user --map-root-user --net --mount true 2>/dev/null
}

# Starts the script anew in such a namespace, as its root.
enter_namespace() { # SCRIPT-ARGUMENT...
	[ -z "${SIGNET_NAMESPACE:-}" ] || return 0
	SIGNET_NAMESPACE=1 exec unshare --user --map-root-user --net --mount \
		"$0" "$@"
}

# Names for 127.0.0.1, and loopback to reach it.
name_hosts() { # NAME...
	local hosts
	hosts=$(mktemp)
	printf '127.0.0.1 localhost %s\n' "$*" >"$hosts"
	ip link set lo up
	mount --bind "$hosts" /etc/hosts
	rm "$hosts"
}
