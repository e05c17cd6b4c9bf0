# SPDX-License-Identifier: MIT
#
# The commands of a page are its blocks of shell, as they are.

# Those of all of its sections, or of those that begin so.
page_commands() { # PAGE [SECTION]
	local commands
	commands=$(awk -v start="## ${2:-}" '/^## / { here = index($0, start) == 1 }
		/^```/ { block = $0 == "```sh"; next } here && block' "$1")
	[ -n "$commands" ] || fail "$1 has no commands in '${2:-it}'"
	echo "$commands"
}
