Nothing runs yet.

  $ signetctl system status
  DAEMON     STATE   PROCESS VERSION
  keyd       stopped -       -
  certd      stopped -       -
  provisiond stopped -       -
  keyd: does not run; 'signetctl system start' starts it
  certd: does not run; 'signetctl system start' starts it
  provisiond: does not run; 'signetctl system start' starts it
  provisioned or not is unknown: cannot connect to 'DIR/run/provisiond.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]
  $ signetctl system stop
  provisiond: not running
  certd: not running
  keyd: not running
  $ signetctl identity show
  signetctl: cannot connect to 'DIR/run/provisiond.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]
  $ signetctl key list -o json
  signetctl: cannot list the keys: cannot connect to 'DIR/run/keyd.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  {
    "error": {
      "code": "unavailable",
      "message": "cannot list the keys: cannot connect to 'DIR/run/keyd.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)"
    }
  }
  [1]
  $ signetctl telemetry send hello
  signetctl: cannot connect to 'DIR/run/provisiond.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]

The daemons are started, in their order, and answer when start ends. Without a
configuration they say so, and stay.

  $ signetctl system start
  keyd: started (process N)
  certd: started (process N)
  provisiond: started (process N)
  $ signetctl system start
  keyd: already running (process N)
  certd: already running (process N)
  provisiond: already running (process N)
  $ signetctl system status | sed -E 's/ +[0-9]+ +/ N /'
  DAEMON     STATE    PROCESS VERSION
  keyd       degraded N VERSION
  certd      degraded N VERSION
  provisiond degraded N VERSION
  keyd: there is no 'DIR/etc/keyd/config.yaml'; 'signetctl config apply' makes it
  certd: there is no 'DIR/etc/certd/config.yaml'; 'signetctl config apply' makes it
  provisiond: there is no 'DIR/etc/provisiond/config.yaml'; 'signetctl config apply' makes it
  provisioned or not is unknown: there is no 'DIR/etc/provisiond/config.yaml'; 'signetctl config apply' makes it
  $ signetctl system status -o json | jq -c '.ok, .daemons[].state, .provisioning.status'
  false
  "degraded"
  "degraded"
  "degraded"
  "unknown"
  $ ls run state/log
  run:
  certd.pid
  certd.sock
  keyd.pid
  keyd.sock
  provisiond.pid
  provisiond.sock
  state/log:
  certd.log
  keyd.log
  provisiond.log
  $ signetctl system restart -o json
  {
    "daemons": [
      {
        "name": "provisiond",
        "result": "stopped",
        "pid": N
      },
      {
        "name": "certd",
        "result": "stopped",
        "pid": N
      },
      {
        "name": "keyd",
        "result": "stopped",
        "pid": N
      },
      {
        "name": "keyd",
        "result": "started",
        "pid": N
      },
      {
        "name": "certd",
        "result": "started",
        "pid": N
      },
      {
        "name": "provisiond",
        "result": "started",
        "pid": N
      }
    ]
  }

One that died is started again, the others go on.

  $ kill -9 $(cat run/certd.pid)
  $ signetctl system start
  keyd: already running (process N)
  certd: started (process N)
  provisiond: already running (process N)
  $ signetctl system stop
  provisiond: stopped (process N)
  certd: stopped (process N)
  keyd: stopped (process N)
  $ ls run

How much the daemons say can be changed while they run, and lasts.

  $ signetctl system start >/dev/null; signetctl system set-log-level error
  the log level is 'error' from now on
  $ cat etc/log-level
  error
  $ said() { grep -c " stops$" state/log/keyd.log; }
  > before=$(said); signetctl system restart >/dev/null; signetctl system stop >/dev/null
  > [ $(said) -eq $before ] && echo silent
  silent
  $ signetctl system set-log-level info -o json | jq -c .daemons
  [{"name":"keyd","running":false},{"name":"certd","running":false},{"name":"provisiond","running":false}]
  $ signetctl system start >/dev/null; signetctl system stop >/dev/null
  > signetctl system logs --lines 1 | sed -E 's/^([a-z]+: ).*(signet-)/\1... \2/'
  keyd: ... signet-keyd stops
  certd: ... signet-certd stops
  provisiond: ... signet-provisiond stops
  $ signetctl system logs --lines 1 -o json | sed -E 's/"[^"]*(signet-)/"... \1/'
  {"daemon":"keyd","level":"info","message":"... signet-keyd stops"}
  {"daemon":"certd","level":"info","message":"... signet-certd stops"}
  {"daemon":"provisiond","level":"info","message":"... signet-provisiond stops"}

What is followed is so, too, and which daemon says it:

  $ signetctl system logs --lines 1 --follow -o json >followed & echo $! >pid
  > for i in $(seq 200); do [ $(wc -l <followed) -ge 3 ] && break; sleep 0.1; done
  > echo 'warning: a new line' >>state/log/certd.log; echo "no: 'level'" >>state/log/keyd.log
  > for i in $(seq 200); do [ $(wc -l <followed) -ge 5 ] && break; sleep 0.1; done
  > sed 1,3d followed | sort; pkill -P $(cat pid); wait $(cat pid)
  {"daemon":"certd","level":"warning","message":"a new line"}
  {"daemon":"keyd","message":"no: 'level'"}
  signetctl: tail failed, with status 128
  [1]
  $ SIGNET_LOG=error signetctl system start >/dev/null; signetctl system set-log-level debug
  > said() { grep -c " stops$" state/log/keyd.log; }
  > before=$(said); signetctl system stop >/dev/null; [ $(said) -eq $before ] && echo silent
  the log level is 'debug' from now on
  silent
  $ signetctl system set-log-level loud
  signetctl: no log level 'loud'; there are error, warning, info and debug
  [2]
  $ SIGNET_STATE_DIR=$PWD/nowhere signetctl system logs
  signetctl: there are no logs in 'DIR/nowhere/log'; 'signetctl system start' starts the daemons
  $ signetctl system logs --lines many
  signetctl: system logs: '--lines' must be a number from 1 to 100000
  [2]
  $ signetctl system reprovision
  signetctl: cannot connect to 'DIR/run/provisiond.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]
  $ signetctl list
  modules: cannot connect to 'DIR/run/provisiond.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  keys: cannot connect to 'DIR/run/keyd.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  certificates: cannot connect to 'DIR/run/certd.sock': No such file or directory (does its daemon run? 'signetctl system start' starts it)
  [1]

A number in a pid file that belongs to another process by now is left alone.

  $ sleep 100 & echo $! >run/keyd.pid
  > signetctl system stop
  > kill -0 $! && kill $! && echo alive
  provisiond: not running
  certd: not running
  keyd: not running
  alive
  $ echo garbage >run/keyd.pid; signetctl system stop
  provisiond: not running
  certd: not running
  keyd: not running

One whose pid file is wrong, or gone, is known by the socket that it serves. We
cannot know that we have started it, and leave it alone.

  $ signetctl system start >/dev/null; cp run/keyd.pid keyd; echo garbage >run/keyd.pid; cp run/certd.pid certd; rm run/certd.pid
  $ signetctl system start
  keyd: already running (process N)
  certd: already running (process N)
  provisiond: already running (process N)
  $ signetctl system stop 2>&1 | sed "s/'.*'/NAME/"
  signetctl: signetctl has not started keyd; it is to be stopped or restarted by whoever has started process N: its parent is NAME (process N)
  $ for name in stop restart; do signetctl system $name 2>/dev/null; echo $?; done
  1
  1
  $ cp certd run/certd.pid; echo 1 >run/keyd.pid; signetctl system stop 2>/dev/null
  [1]
  $ cp keyd run/keyd.pid; signetctl system stop
  provisiond: stopped (process N)
  certd: stopped (process N)
  keyd: stopped (process N)
  $ ls run

A daemon that cannot start: its last words are shown.

  $ mkdir bin
  $ printf '#!/bin/sh\necho "cannot go on" >&2\nexit 3\n' >bin/signet-keyd
  $ chmod +x bin/signet-keyd
  $ SIGNET_LIBEXEC=$PWD/bin signetctl system start
  cannot go on
  signetctl: signet-keyd ended while it started; see 'DIR/state/log/keyd.log'
  [1]
  $ SIGNET_LIBEXEC=$PWD/bin signetctl system start -o json 2>/dev/null
  {
    "error": {
      "code": "unavailable",
      "message": "signet-keyd ended while it started; see 'DIR/state/log/keyd.log'"
    },
    "daemons": []
  }
  [1]
