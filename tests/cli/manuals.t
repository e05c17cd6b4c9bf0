The manual pages have the options that the programs know, and no others.

Those of the daemons:

  $ for daemon in keyd certd provisiond; do
  >   diff <(signet-$daemon --help | grep -oE '^  --[a-z-]+' | sort) \
  >     <(sed -nE 's/^[.]It Fl Fl ([a-z-]+).*/  --\1/p' "$SIGNET_SOURCE/docs/man/signet-$daemon.8" | sort)
  > done

Those of each command of signetctl, whose usage names them; all commands know -o and
--help.

  $ options() { # COMMAND AS
  >   signetctl $1 --help | grep -v '^  [$]' | grep -oE -- '--[a-z][a-z0-9-]+' |
  >     sed "/^--output$/d; s/^/$2 /"
  > }
  > signetctl --help | sed -nE 's/^  ([a-z-]+( [a-z-]+)?)  .*/\1/p' |
  >   while read -r command; do options "$command" "$command"; done >known
  > signetctl init --help | sed -nE 's/^  [$] signetctl (init [a-z0-9-]+) .*/\1/p' |
  >   while read -r command; do options "$command" init; done >>known
  > awk '/^[.]Sh ENVIRONMENT/ { exit }
  >   /^[.]It Cm / { command = $0; sub(/^[.]It Cm /, "", command); sub(/ (Op|Ar|Fl) .*/, "", command) }
  >   command { for (i = 3; i <= NF; i++) if ($(i - 2) == "Fl" || $(i - 2) == ".Fl")
  >     if ($(i - 1) == "Fl") print command " --" $i }' \
  >   "$SIGNET_SOURCE/docs/man/signetctl.1" >described
  > diff <(sort -u known) <(sort -u described)

Those of signet-cloud, its commands, and its quirks and faults, which are in tables of
its source:

  $ cd "$SIGNET_SOURCE"
  > diff <(grep -rhoE '[{]"[a-z-]+",[[:space:]]+(required|no)_argument' tests/cloud/cli |
  >     sed -E 's/^[{]"([a-z-]+)".*/\1/; /^output$/d' | sort -u) \
  >   <(grep -oE 'Fl Fl [a-z-]+' docs/man/signet-cloud.1 | sed 's/Fl Fl //; /^help$/d; /^version$/d' | sort -u)
  > diff <(signet-cloud --help | sed -nE 's/^signet-cloud ([a-z]+) .*/\1/p' | sort -u) \
  >   <(sed -n '/^[.]Sh SYNOPSIS/,/^[.]Sh DESCRIPTION/s/^[.]Cm \([a-z]*\).*/\1/p' docs/man/signet-cloud.1 | sort -u)
  > diff <(sed -nE 's/.*\[QUIRK_[A-Z0-9_]+\] = [{]"([a-z-]+)".*/\1/p' tests/cloud/quirks.c | sort) \
  >   <(sed -nE 's/^[.]It Cm ([a-z-]+) Ns = Ns Cm .* Ns \| Ns Cm .*/\1/p' docs/man/signet-cloud.1 | sort)
  > diff <(sed -nE 's/^ *[{]FAULT_[A-Z_]+, *"([a-z0-9-]+)".*/\1/p' tests/cloud/fault.c | sort) \
  >   <(sed -n '/^[.]Bl -tag -width unavailable/,/^[.]El/s/^[.]It Cm //p' docs/man/signet-cloud.1 | sed 's/ , /\n/g' | sort)

What libsignet-pkcs11 asks of its environment, its mechanisms, attributes, limits, and
the functions that it does not have:

  $ cd "$SIGNET_SOURCE"
  > page=docs/man/libsignet-pkcs11.8
  > listed() { sed -n "/^[.]Sh $1/,/^[.]Sh $2/p" $page | grep -oE "\\b$3[A-Za-z0-9_]+" | sort -u; }
  > diff <(grep -rhoE 'getenv[(]"[A-Z_0-9]+' pkcs11 | sed 's/.*"//' | sort -u) \
  >   <(sed -nE 's/^[.]It Ev (.*)/\1/p' $page)
  > diff <(sed -nE 's/^ *[{](CKM_[A-Z0-9_]+), .*/\1/p; /^static const struct hash/q' pkcs11/mechanism.c | sort -u) \
  >   <(listed MECHANISMS ATTRIBUTES CKM_)
  > diff <(grep -ohE 'CKA_[A-Z0-9_]+' pkcs11/objects/attribute.c pkcs11/objects/certificate.c | sort -u) \
  >   <(listed ATTRIBUTES LIMITS CKA_)
  > diff <(sed -nE 's/^ *[.](C_[A-Za-z]+) = unsupported.*/\1/p' pkcs11/calls/functions.c | sort) \
  >   <(listed LIMITS EXAMPLES C_)
  $ cd "$SIGNET_SOURCE"
  > limit() { # MACRO DIVISOR TEXT: the page has its value before the text
  >   value=$(($(grep -rhoE "define $1 .*" pkcs11 | sed -E "s/define $1//; s|/[*].*||; s/UL//; s/[(]size_t[)]//") / $2))
  >   tr '\n' ' ' <docs/man/libsignet-pkcs11.8 | grep -qF -- "$value $3" || echo "$1 is $value"
  > }
  > limit SESSIONS_MAX 1 "sessions open"
  > limit PAIR_ID_MAX 1 "bytes of UTF-8"
  > limit PAIR_CKA_ID_MAX 1 "bytes."
  > limit MESSAGE_MAX 1024 "KiB; a longer one"
  > limit REMOTE_TIMEOUT_MS 1000 "seconds, making"
  > limit REMOTE_CREATE_TIMEOUT_MS 1000 "seconds; certificates"
  > limit REMOTE_CERTIFICATES_TIMEOUT_MS 1000 "seconds."
