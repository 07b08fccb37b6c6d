#!/usr/bin/env bash
# The one entry script: ./do demo · test · check · serve · torture · crashstates · corrupt · planted · schedules · sim · bench
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -n "${HOME:-}" ] || { unset HOME; export HOME=~; } # Without HOME, bash knows the user's home.

install_strace() { # It makes system calls fail in tests, which are skipped by name without it.
  if ! command -v strace >/dev/null && [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    echo "installing strace: apt-get install -y strace"
    { apt-get update -qq && apt-get install -y -qq strace; } >/dev/null 2>&1 || echo "strace could not be installed"
  fi
}

install_log_peers() { # What the log is measured beside; each is skipped by name without it. None of them is started.
  if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    local missing=()
    command -v fio >/dev/null || missing+=(fio)
    command -v nats-server >/dev/null || missing+=(nats-server)
    command -v redis-server >/dev/null || missing+=(redis-server)
    [ "${#missing[@]}" = 0 ] && return
    echo "installing ${missing[*]}: apt-get install -y ${missing[*]}"
    { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
      || echo "${missing[*]} could not be installed"
  fi
}

install_s3rver() { # A server for tests of archives on S3, which are skipped by name without it.
  if command -v npm >/dev/null && [ -z "${KAPPA_S3RVER:-}" ]; then
    echo "installing s3rver: npm install"
    (cd tests/Kappa.Connect.Tests && timeout 180 npm install --silent --no-audit --no-fund --no-package-lock) \
      && export KAPPA_S3RVER="$PWD/tests/Kappa.Connect.Tests" || echo "s3rver could not be installed"
  fi
}

run_tests() { # Each project leaves a .trx beside it; the closing line adds up their counters.
  install_strace
  install_s3rver
  rm -rf tests/*/TestResults
  dotnet build Kappa.slnx -c Release
  local code=0 counters
  dotnet test Kappa.slnx --no-build -c Release -m:1 --logger trx || code=$?
  counters=$(grep -ho '<Counters [^>]*>' tests/*/TestResults/*.trx || true)
  sum() { grep -o " $1=\"[0-9]*\"" <<<"$counters" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }
  awk -F'"' '/outcome="NotExecuted"/ { for (i = 1; i < NF; i++) if ($i ~ / testName=$/) name = $(i + 1) }
    name && /<Message>/ { gsub(/.*<Message>|<\/Message>.*/, ""); print "skipped: " name ": " $0; name = "" }
    /<\/UnitTestResult>/ { name = "" }' tests/*/TestResults/*.trx || true
  echo "$(sum passed) passed, $(sum failed) failed, $(($(sum total) - $(sum executed))) skipped"
  [ "$(sum passed)" -gt 0 ] && [ "$(sum failed)" = 0 ] && return "$code" || return 1
}

run() { # A build prints nothing, and the first one takes a while.
  echo "building $1 …" >&2
  exec dotnet run -c Release --project "$@"
}

verb="${1:-}"; shift || true
case "$verb" in
  demo) run samples/ConnectedCar/Demo -- "$@" ;;
  test) run_tests ;;
  check) dotnet restore Kappa.slnx && dotnet format Kappa.slnx --no-restore --verify-no-changes && run_tests ;;
  serve) run src/Kappa.Cli -- serve "$@" ;;
  bench) # Its peer DuckDB comes from npm; without npm it runs alone.
    if [ "${1:-}" = log ]; then install_log_peers
    elif command -v npm >/dev/null; then (cd bench/peers && npm install --silent --no-audit --no-fund); fi
    run bench/Kappa.Benchmarks -- "$@" ;;
  torture) run tests/Kappa.Torture.Tests -- "$@" ;;
  crashstates|corrupt|planted|freeze)
    run tests/Kappa.Crash.Tests -- "$verb" "$@" ;;
  schedules) run tests/Kappa.Schedules.Tests -- "$@" ;;
  sim) run tests/Kappa.Simulation.Tests -- "$@" ;;
  *) echo "usage: ./do demo | test | check | serve | torture | crashstates | corrupt | planted | schedules | sim | bench [arguments]" >&2; exit 2 ;;
esac
