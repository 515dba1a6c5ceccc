# shellcheck shell=bash
# A private PostgreSQL in a data folder. Sourced after lib.sh; the caller holds the lock of the data folder.
# Afterwards PG_PID and PG_CONNECTION are set.

PG_PID=""
PG_CONNECTION=""
PG_BIN=""
PG_FOLDER=""
PG_LOG=""

# PostgreSQL refuses to run as root, so root starts it as the package's user, without a process in between.
pg_as_user() {
    if ((EUID == 0)); then
        setpriv --reuid=postgres --regid=postgres --init-groups -- env -u PGDATA -C / HOME=/ "$@"
    else
        env -u PGDATA -C / "$@"
    fi
}

# Only what can be judged without installing anything: told before the first download.
pg_check_folder() {
    local folder=$1/postgres found
    [[ -L $folder && ! -e $folder ]] && die "$folder points to $(readlink -- "$folder"), which is gone" \
        "the PostgreSQL of this data folder" "put it back from a backup, or start with an empty folder: ./run --data OTHER"
    [[ -d $folder ]] || return 0
    [[ -z $(ls -A -- "$folder" 2>/dev/null) ]] && return 0
    [[ -f $folder/PG_VERSION ]] || die "The data folder is damaged: $folder has files but no PG_VERSION" \
        "a PostgreSQL data folder as ./run left it" "restore it from a backup, or keep it aside and start anew: mv '$1' '$1.damaged' (nothing was changed)"
    found=$(head -c 64 -- "$folder/PG_VERSION" | tr -cd '[:print:]')
    [[ $found =~ ^[0-9]+$ ]] || die "The data folder is damaged: $folder/PG_VERSION says '$found'" \
        "the major version of PostgreSQL, such as 15" "restore it from a backup, or keep it aside and start anew: mv '$1' '$1.damaged' (nothing was changed)"
}

pg_choose_binaries() {
    local wanted=""
    need pg:any=postgresql
    [[ -f $PG_FOLDER/PG_VERSION ]] && wanted=$(<"$PG_FOLDER/PG_VERSION")
    PG_BIN=$(postgres_bin "${wanted:-any}")
    [[ -n $PG_BIN ]] || die "The data folder was written by PostgreSQL $wanted, which is not installed ($(postgres_major "$(postgres_bin any)") is)" \
        "PostgreSQL $wanted" "install it (apt-get install postgresql-$wanted), or move the data with pg_upgrade"
}

# Where root's folder is closed to the postgres user, the files live in /var/lib/kcp and a link shows the way.
pg_place() {
    local data=$1 elsewhere
    PG_FOLDER=$data/postgres
    [[ -e $PG_FOLDER ]] && return 0
    if ((EUID != 0)); then
        return 0
    fi
    id postgres >/dev/null 2>&1 || die "There is no user 'postgres', and PostgreSQL refuses to run as root" \
        "the user that Debian's package makes" "useradd --system postgres, or run this as an ordinary user"
    if setpriv --reuid=postgres --regid=postgres --init-groups -- test -x "$data"; then
        return 0
    fi
    elsewhere=/var/lib/kcp/$(printf '%s' "$data" | sha256sum | cut -c1-12)
    note "PostgreSQL runs as user postgres, who cannot reach $data: its files are in $elsewhere"
    mkdir -p -- "$elsewhere"
    chmod 711 /var/lib/kcp "$elsewhere"
    if [[ -e $elsewhere/postgres ]]; then
        die "$elsewhere/postgres is there already, but $data/postgres is not" "both, or none of them" \
            "its link is lost: ln -s '$elsewhere/postgres' '$data/postgres', or move it aside"
    fi
    mkdir -- "$elsewhere/postgres"
    ln -s -- "$elsewhere/postgres" "$PG_FOLDER"
}

# initdb into a second folder and a rename: an interrupted first start leaves nothing half made.
pg_create() {
    local data=$1 real new handed code=0 password=$1/postgres.password
    [[ -f $PG_FOLDER/PG_VERSION ]] && return 0
    step "Creating the database"
    [[ -s $password ]] || random_secret 24 | save_private "$password"
    mkdir -p -- "$PG_FOLDER"
    real=$(readlink -f -- "$PG_FOLDER")
    new=$real.new
    rm -rf -- "$new"
    mkdir -- "$new"
    handed=$(mktemp)
    cat -- "$password" >"$handed"
    if ((EUID == 0)); then
        chown postgres:postgres -- "$new" "$handed"
    fi
    chmod 700 -- "$new"
    attempt "initdb" "$data/logs/initdb.log" pg_as_user "$PG_BIN/initdb" -D "$new" -U kcp --encoding=UTF8 --locale=C \
        --auth=scram-sha-256 --pwfile="$handed" || code=$?
    rm -f -- "$handed"
    ((code == 0)) || {
        show_tail "$data/logs/initdb.log"
        die "PostgreSQL could not create its data folder $new" "room on the disk and permission to write" "repair it and start again: nothing was lost"
    }
    mv -T -- "$new" "$real"
}

# A postmaster.pid that outlived its process names a pid that somebody else may have by now.
pg_clear_leftovers() {
    local file=$PG_FOLDER/postmaster.pid pid cwd
    [[ -s $file ]] || return 0
    pid=$(head -n 1 -- "$file")
    [[ $pid =~ ^[0-9]+$ ]] || { rm -f -- "$file"; return 0; }
    cwd=$(readlink -- "/proc/$pid/cwd" 2>/dev/null || true)
    if [[ -n $cwd && $cwd == "$(readlink -f -- "$PG_FOLDER")" ]]; then
        step "Stopping the PostgreSQL that an interrupted run left behind (pid $pid)"
        stop_process INT 30 "$pid" || true
    elif kill -0 "$pid" 2>/dev/null; then
        rm -f -- "$file"
    fi
}

pg_start() {
    local data=$1 port limit
    pg_check_folder "$data"
    need pg:any=postgresql
    pg_place "$data"
    pg_choose_binaries
    pg_create "$data"
    pg_clear_leftovers
    PG_LOG=$data/logs/postgres.log
    [[ ! -s $PG_LOG ]] || mv -f -- "$PG_LOG" "$PG_LOG.1"
    step "Starting PostgreSQL $(postgres_major "$PG_BIN")"
    port=$(free_port $((20000 + RANDOM % 10000)))
    pg_launch "$port" >"$PG_LOG" 2>&1 9>&- </dev/null &
    PG_PID=$!
    limit=$((SECONDS + 120))
    # The eighth line of postmaster.pid is PostgreSQL's own word on whether it takes connections.
    until [[ $(sed -n '1p;8p' -- "$PG_FOLDER/postmaster.pid" 2>/dev/null | tr -d ' \n') == "${PG_PID}ready" ]]; do
        if ! process_name "$PG_PID" >/dev/null; then
            PG_PID=""
            show_tail "$PG_LOG"
            die "PostgreSQL does not start on $PG_FOLDER" "an undamaged data folder with room on its disk" \
                "if the folder is damaged, restore it from a backup or keep it aside and start anew: mv '$data' '$data.damaged' (nothing was deleted)"
        fi
        ((SECONDS < limit)) || { show_tail "$PG_LOG"; die "PostgreSQL is not ready after 120 s" "a few seconds, or minutes after a crash of a large database" "look at $PG_LOG, then start again"; }
        sleep 0.05
    done
    PG_CONNECTION="Host=127.0.0.1;Port=$port;Username=kcp;Password=$(<"$data/postgres.password");Database=kcp"
    pg_ensure_database "$port" "$data"
}

# In a session of its own: Ctrl+C reaches ./run only, which stops things in order.
pg_launch() {
    # The real path: the link may lie in a folder that the postgres user cannot enter.
    local command=("$PG_BIN/postgres" -D "$(readlink -f -- "$PG_FOLDER")" -p "$1" -c listen_addresses=127.0.0.1 -c unix_socket_directories=
        -c max_connections=100 -c shared_buffers=128MB -c fsync=on -c synchronous_commit=on -c log_min_messages=warning
        -c "log_line_prefix=%m [%p] " -c timezone=UTC -c log_timezone=UTC)
    cd /
    if ((EUID == 0)); then
        exec setsid setpriv --reuid=postgres --regid=postgres --init-groups -- "${command[@]}"
    else
        exec setsid "${command[@]}"
    fi
}

pg_ensure_database() {
    local answer
    [[ -f $2/.database-made ]] && return 0
    pg_psql() { PGPASSWORD=$(<"$2/postgres.password") psql -X -w -h 127.0.0.1 -p "$1" -U kcp -d postgres -v ON_ERROR_STOP=1 "${@:3}"; }
    [[ -x $PG_BIN/psql ]] && PATH=$PG_BIN:$PATH
    answer=$(pg_psql "$1" "$2" -Atc "select 1 from pg_database where datname = 'kcp'" 2>&1) || true
    if [[ $answer != 1 ]]; then
        answer=$(pg_psql "$1" "$2" -c 'create database kcp' 2>&1) ||
            die "The database 'kcp' could not be created: $answer" "PostgreSQL as ./run made it, with user kcp" "look at $PG_LOG"
    fi
    : >"$2/.database-made"
}

# Fast shutdown: sessions are ended, everything committed is on disk.
pg_stop() {
    [[ -n $PG_PID ]] || return 0
    stop_process INT 60 "$PG_PID" || note "PostgreSQL had to be killed; it recovers by itself at the next start"
    PG_PID=""
}
