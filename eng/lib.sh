# shellcheck shell=bash
# What every script of this repository shares: messages, packages, waiting, stopping. Sourced, never run.

KCP_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
KCP_CACHE_DIR=${KCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kcp}
# A script that another one calls goes on counting its seconds.
export KCP_STARTED=${KCP_STARTED:-${EPOCHREALTIME/[^0-9]/}}
KCP_JOB=""

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# Build nodes that outlive their build would keep our lock and our terminal open.
export MSBUILDDISABLENODEREUSE=1

# Seconds since the script began, one decimal.
elapsed() {
    local now=${EPOCHREALTIME/[^0-9]/}
    local tenths=$(((now - KCP_STARTED) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# Progress goes to stderr: the answer of a script, where it has one, is alone on stdout.
step() { printf '[%6s s] %s\n' "$(elapsed)" "$*" >&2; }
note() { printf '           %s\n' "$*" >&2; }

# complain WHAT EXPECTED NEXT
complain() {
    printf 'error: %s\n' "$1" >&2
    [[ -z ${2:-} ]] || printf '  expected: %s\n' "$2" >&2
    [[ -z ${3:-} ]] || printf '  next:     %s\n' "$3" >&2
}

die() { complain "$@"; exit 1; }
die_usage() { complain "$@"; exit 2; }

show_tail() {
    local file=$1 lines=${2:-15}
    [[ -s $file ]] || return 0
    printf '  last lines of %s:\n' "$file" >&2
    tail -n "$lines" -- "$file" | sed 's/^/    /' >&2
}

# attempt LABEL LOG COMMAND...: runs in the background so that a signal is answered at once, and says every 10 s that it still works.
attempt() {
    local label=$1 log=$2 begun=$SECONDS told=0 code=0
    shift 2
    mkdir -p -- "$(dirname -- "$log")"
    "$@" >"$log" 2>&1 9>&- </dev/null &
    KCP_JOB=$!
    while kill -0 "$KCP_JOB" 2>/dev/null; do
        if ((SECONDS - begun >= told + 10)); then
            told=$((SECONDS - begun))
            note "$label: still working ($told s)"
        fi
        sleep 0.1
    done
    wait "$KCP_JOB" || code=$?
    KCP_JOB=""
    return "$code"
}

# Ends what attempt started, when the script itself is told to stop.
stop_attempt() {
    [[ -n $KCP_JOB ]] || return 0
    kill -TERM "$KCP_JOB" 2>/dev/null || true
    wait "$KCP_JOB" 2>/dev/null || true
    KCP_JOB=""
}

have() { command -v "$1" >/dev/null 2>&1; }

# need KIND:WHAT=PACKAGE...: installs the Debian packages of everything that is not there. KIND is cmd, file (a glob) or pg.
need() {
    local entry kind what missing=()
    for entry in "$@"; do
        kind=${entry%%:*}
        what=${entry#*:}
        what=${what%%=*}
        case $kind in
            cmd) have "$what" ;;
            file) compgen -G "$what" >/dev/null ;;
            pg) [[ -n $(postgres_bin any) ]] ;;
            *) die "need: unknown kind '$kind'" ;;
        esac || missing+=("${entry##*=}")
    done
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

install_packages() {
    local log=$KCP_CACHE_DIR/logs/apt.log as_root=()
    local line="apt-get update && apt-get install -y --no-install-recommends $*"
    have apt-get || die "These are missing: $*, and there is no apt-get to install them with" \
        "Debian or Ubuntu, or the same programs from your own package manager" "install them, then run this again"
    if ((EUID != 0)); then
        if have sudo && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]] && sudo -v; }; then
            as_root=(sudo)
        else
            die "These packages are missing: $*, and installing them needs root" \
                "root, or a sudo that lets you in" "run once: su -c '$line'"
        fi
    fi
    step "Installing $*"
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    local get=("${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    # A machine that never asked its mirror has no lists; one that asked long ago may name files that are gone.
    compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || attempt "package lists" "$log" "${get[@]}" update || true
    keep_database_quiet "${as_root[@]}"
    attempt "packages" "$log" "${get[@]}" install -y --no-install-recommends "$@" ||
        { attempt "package lists" "$log" "${get[@]}" update &&
            attempt "packages" "$log" "${get[@]}" install -y --no-install-recommends "$@"; } || {
        show_tail "$log"
        die "apt-get could not install: $*" "a reachable Debian mirror" "repair it, or run once as root: $line"
    }
    "${as_root[@]}" rm -f /etc/postgresql-common/createcluster.d/kcp-install.conf
}

# Debian's package would start a database server of its own on 5432; only the programs are wanted.
keep_database_quiet() {
    [[ -e /usr/bin/pg_createcluster ]] && return 0
    "$@" sh -c 'mkdir -p /etc/postgresql-common/createcluster.d &&
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/kcp-install.conf' || true
}

# postgres_bin VERSION|any: the folder with initdb and postgres, or nothing.
postgres_bin() {
    local folder found=""
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin "$(dirname -- "$(command -v postgres || echo /none/postgres)")"; do
        [[ -x $folder/postgres && -x $folder/initdb ]] || continue
        [[ $1 == any || $(postgres_major "$folder") == "$1" ]] && found=$folder
    done
    printf '%s' "$found"
}

postgres_major() {
    local version
    version=$("$1/postgres" --version)
    version=${version##* (PostgreSQL) }
    version=${version#postgres (PostgreSQL) }
    version=${version%% *}
    printf '%s' "${version%%.*}"
}

need_dotnet() {
    if ! have dotnet && [[ -x $HOME/.dotnet/dotnet ]]; then
        export PATH=$HOME/.dotnet:$PATH DOTNET_ROOT=$HOME/.dotnet
    fi
    have dotnet || die "The .NET SDK is not installed (no 'dotnet' on PATH)" "the .NET 10 SDK" "install it: https://dotnet.microsoft.com/download/dotnet/10.0"
    (cd "$KCP_ROOT" && dotnet --version >/dev/null 2>&1) ||
        die "The .NET SDK here cannot build this: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ' || true)" \
            "an SDK 10.0.100 or a later 10.0" "install it: https://dotnet.microsoft.com/download/dotnet/10.0"
}

# shellcheck disable=SC2016 # expanded by the inner shell
# Is something listening there? tcp_open HOST PORT [SECONDS]
tcp_open() { timeout "${3:-2}" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null; }

# free_port FROM: the first port from there that nobody listens on.
free_port() {
    local port
    for ((port = $1; port < $1 + 500 && port < 65536; port++)); do
        tcp_open 127.0.0.1 "$port" 1 || { printf '%d' "$port"; return 0; }
    done
    die "All ports from $1 to $((port - 1)) are taken" "one free port on 127.0.0.1" "stop what listens there (ss -ltnp)"
}

# Which process listens on a local port, as far as this user may know.
port_holder() {
    local who=""
    have ss && who=$(ss -Hltnp "sport = :$1" 2>/dev/null | grep -o 'users:.*' | head -n 1 || true)
    [[ $who =~ \"([^\"]+)\",pid=([0-9]+) ]] && printf ' by %s (pid %s)' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    return 0
}

# A pid alone may have been given to another process since: the start time makes it a name.
process_name() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086 # the fields are wanted
    set -- "$1" $stat
    [[ $2 != Z ]] && printf '%s %s' "$1" "${21}"
}

remember_process() { process_name "$2" >"$1" || true; }

# recall_process FILE: prints the pid if that very process still runs.
recall_process() {
    local saved
    [[ -s $1 ]] || return 1
    saved=$(<"$1")
    [[ $(process_name "${saved%% *}") == "$saved" ]] && printf '%s' "${saved%% *}"
}

# stop_process SIGNAL SECONDS PID...: asks, waits, and only then kills.
stop_process() {
    local signal=$1 limit=$((SECONDS + $2)) pid alive=()
    shift 2
    (($# > 0)) || return 0
    kill "-$signal" "$@" 2>/dev/null || true
    while :; do
        alive=()
        for pid in "$@"; do process_name "$pid" >/dev/null && alive+=("$pid"); done
        ((${#alive[@]} > 0)) || return 0
        ((SECONDS < limit)) || break
        sleep 0.05
    done
    kill -KILL "${alive[@]}" 2>/dev/null || true
    return 1
}

# http_status PORT PATH: the status of a GET on 127.0.0.1, or nothing. Without curl, which a fresh machine lacks.
http_status() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout 10 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1
        printf "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n" "$1" "$0" >&3
        read -r _ status _ <&3 && printf %s "$status"' "$1" "$2" 2>/dev/null || true
}

# A JSON string of any text.
json_string() {
    local text=$1 code char escaped
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    for ((code = 1; code < 32; code++)); do
        printf -v escaped '\\u%04x' "$code"
        # shellcheck disable=SC2059 # the format is the character
        printf -v char "\\x$(printf '%02x' "$code")"
        text=${text//"$char"/"$escaped"}
    done
    printf '"%s"' "$text"
}

# save_private FILE: stdin into a file that only this user reads, in one step.
save_private() {
    local temporary
    temporary=$(mktemp -- "$1.XXXXXX")
    chmod 600 -- "$temporary"
    cat >"$temporary"
    mv -f -- "$temporary" "$1"
}

random_secret() { head -c "${1:-32}" /dev/urandom | base64 -w0; }
