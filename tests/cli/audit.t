The log of what keyd does with its keys, verified without keyd.

  $ cp "$SIGNET_SOURCE"/tests/cli/audit/*.log .
  $ signetctl audit verify audit-000000000001.log audit.log
  the audit log is whole: 8 records, the last is 8 5c99ccf1093a410f7458d99e60e0048c625d7a94eaa984be1fa975b2b11b8335

The order of the files does not matter.

  $ signetctl audit verify audit.log audit-000000000001.log | cut -c1-35
  the audit log is whole: 8 records,

A line that was changed.

  $ sed '3s/ES256/RS256/' audit.log >changed.log
  $ signetctl audit verify audit-000000000001.log changed.log
  changed.log:3: the hash of record 7 is wrong: it, or the one before it, was changed
  the audit log is not whole: 1 problem in 8 records
  [1]

A line that was removed.

  $ sed 2d audit.log >short.log
  $ signetctl audit verify short.log
  short.log:2: record 6 is missing before this line
  the audit log is not whole: 1 problem in 3 records
  [1]

A line that was inserted.

  $ sed '2{p}' audit.log >long.log
  $ signetctl audit verify long.log
  long.log:3: record 6 stands behind record 6: it was inserted or moved
  the audit log is not whole: 1 problem in 4 records
  [1]

The hash is what anybody can compute.

  $ previous=$(tail -n 1 audit-000000000001.log | jq -r .hash)
  > line=$(head -n 1 audit.log)
  > printf '%s%s' "$previous" "${line%,\"hash\":*}" | sha256sum | cut -c1-64
  > jq -r .hash <<<"$line"
  56db2b52c4bf1b3780cd15a98551c5edb15c5e96d29e88165a22890fb98ed507
  56db2b52c4bf1b3780cd15a98551c5edb15c5e96d29e88165a22890fb98ed507

An end that was removed: keyd had noted a later record.

  $ mkdir log && cp audit*.log log && tail -n 1 audit.log | jq -r '"\(.seq) \(.hash)"' >log/head
  $ signetctl audit verify log | cut -c1-35
  the audit log is whole: 8 records,
  $ sed -i '$d' log/audit.log
  $ signetctl audit verify log
  log/audit.log: record 8 is missing at the end
  the audit log is not whole: 1 problem in 7 records
  [1]

What was noted elsewhere must still be there.

  $ signetctl audit verify -o json audit-000000000001.log | jq -r .hash >noted
  $ signetctl audit verify --expect "$(cat noted)" audit-000000000001.log audit.log | cut -c1-35
  the audit log is whole: 8 records,
  $ signetctl audit verify --expect "$(cat noted)" audit.log
  no record has the hash 070c6f702fe416b652b3a3ba0b1a0968a4e03f4c0a156a092beb6526bfd0cb4b: the log was rewritten, or that record is older than the first one here, 5
  the audit log is not whole: 1 problem in 4 records
  [1]
  $ signetctl audit verify --expect 7 audit.log
  signetctl: '7' is no hash of a record: 64 digits of 0-9 and a-f
  [1]

A log that was rewritten from some record on is whole, and another one.

  $ previous=$(cat noted)
  > while read -r line; do
  >   line=$(sed 's/ES256/RS256/; s/,"hash":.*//' <<<"$line")
  >   previous=$(printf '%s%s' "$previous" "$line" | sha256sum | cut -c1-64)
  >   echo "$line,\"hash\":\"$previous\"}"
  > done <audit.log >rewritten.log
  $ signetctl audit verify audit-000000000001.log rewritten.log | cut -c1-35
  the audit log is whole: 8 records,
  $ signetctl audit verify --expect "$(tail -n 1 audit.log | jq -r .hash)" audit-000000000001.log rewritten.log
  no record has the hash 5c99ccf1093a410f7458d99e60e0048c625d7a94eaa984be1fa975b2b11b8335: the log was rewritten
  the audit log is not whole: 1 problem in 8 records
  [1]

Programs get the same as JSON.

  $ signetctl audit verify -o json log
  {
    "ok": false,
    "files": 2,
    "records": 7,
    "first": 1,
    "last": 7,
    "hash": "9961352e91a28fad3781471cea92131f1a4cbc0f122272b78ef41d042d4e08c3",
    "problems": [
      {
        "file": "log/audit.log",
        "message": "record 8 is missing at the end"
      }
    ],
    "notes": []
  }
  [1]

There is no log.

  $ signetctl audit verify
  signetctl: there is no log: 'DIR/state/keyd/audit' is made when keyd starts; of one that is elsewhere, name the folder or the files
  [1]
  $ signetctl audit verify nowhere
  signetctl: cannot open 'nowhere': No such file or directory
  [1]
