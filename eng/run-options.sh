# shellcheck shell=bash
# The options of ./run: their meaning, their checks, and the file that tells the product which clusters to register. Sourced after lib.sh.

PORT=8480
DATA=$KCP_ROOT/.data
DATABASE=${KCP_DATABASE:-}
DEMO=""
LOCAL_KAFKA=false
BOOTSTRAP=""
NAME=""
declare -A SECURITY=()

show_help() {
    cat <<'HELP'
Starts Kafka Control Plane on this machine. Ctrl+C stops everything it started and loses nothing.

Usage: ./run [options]

What it watches
  (nothing)                    a demo fleet of simulated clusters, one of them in trouble now and then
  --local-kafka                also four real Kafka brokers with producers and consumers, ready to be hurt
  --bootstrap-server H:P[,H:P] a cluster of yours, without the demo fleet
  --name NAME                  what to call that cluster (default: its first address)
  --demo, --no-demo            add the demo fleet, or don't, whatever else is given; clusters stay until removed

Where it runs
  --port PORT                  pages and API on 127.0.0.1:PORT (default 8480)
  --data DIR                   everything it keeps (default .data in the checkout)
  --database CONNECTION        a PostgreSQL of yours instead of a private one, as
                               "Host=db;Port=5432;Database=kcp;Username=kcp;Password=..."
                               (or in the environment as KCP_DATABASE, where 'ps' does not show it)

Security of --bootstrap-server
  --security-protocol P        PLAINTEXT (default), SSL, SASL_PLAINTEXT or SASL_SSL
  --sasl-mechanism M           PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER
  --username NAME              for PLAIN and SCRAM
  --password-file FILE         its password, on the first line
  --token-url URL              OAUTHBEARER: where tokens come from (client credentials)
  --client-id ID               OAUTHBEARER
  --client-secret-file FILE    OAUTHBEARER: the secret, on the first line
  --scope SCOPE                OAUTHBEARER, where the provider wants one
  --ca FILE                    PEM of the authority that signed the brokers' certificates
  --cert FILE, --key FILE      PEM of our own certificate and its key, for mutual TLS
  --skip-host-check            accept a certificate made out to another host name

  --help                       this text

Examples
  ./run
  ./run --local-kafka --data /tmp/kcp-trial
  ./run --bootstrap-server kafka-1:9093 --security-protocol SASL_SSL --sasl-mechanism SCRAM-SHA-512 \
        --username kcp --password-file ~/kcp.password --ca /etc/ssl/kafka-ca.pem
HELP
}

parse_options() {
    local option
    while (($# > 0)); do
        option=$1
        case $option in
            -h | --help) show_help; exit 0 ;;
            --local-kafka) LOCAL_KAFKA=true ;;
            --demo) DEMO=true ;;
            --no-demo) DEMO=false ;;
            --skip-host-check) SECURITY[skip-host-check]=true ;;
            --port | --data | --database | --bootstrap-server | --name | --security-protocol | --sasl-mechanism | --username | --password-file | \
                --token-url | --client-id | --client-secret-file | --scope | --ca | --cert | --key | \
                --port=* | --data=* | --database=* | --bootstrap-server=* | --name=* | --security-protocol=* | --sasl-mechanism=* | --username=* | \
                --password-file=* | --token-url=* | --client-id=* | --client-secret-file=* | --scope=* | --ca=* | --cert=* | --key=*)
                if [[ $option == *=* ]]; then
                    set_option "${option%%=*}" "${option#*=}"
                else
                    (($# > 1)) && [[ $2 != --* ]] || die_usage "$option has no value" "$option VALUE" "./run --help"
                    set_option "$option" "$2"
                    shift
                fi
                ;;
            *) die_usage "Unknown option '$option'" "one of the options that ./run --help lists" "./run --help" ;;
        esac
        shift
    done
}

set_option() {
    [[ -n $2 ]] || die_usage "$1 is empty" "$1 VALUE" "./run --help"
    case $1 in
        --port) PORT=$2 ;;
        --data) DATA=$2 ;;
        --database) DATABASE=$2 ;;
        --bootstrap-server) BOOTSTRAP=$2 ;;
        --name) NAME=$2 ;;
        *) SECURITY[${1#--}]=$2 ;;
    esac
}

check_options() {
    [[ $PORT =~ ^[0-9]{1,5}$ ]] && ((10#$PORT >= 1 && 10#$PORT <= 65535)) || die_usage "--port $PORT is no port" "a number from 1 to 65535" "./run --port 8480"
    PORT=$((10#$PORT))
    [[ $DATA == /* ]] || DATA=$PWD/$DATA
    if [[ -z $DEMO ]]; then
        [[ -n $BOOTSTRAP ]] && DEMO=false || DEMO=true
    fi
    if [[ -n $BOOTSTRAP ]]; then
        check_bootstrap
        check_security
        probe_bootstrap
    elif ((${#SECURITY[@]} > 0)) || [[ -n $NAME ]]; then
        local given=("${!SECURITY[@]}")
        die_usage "--${given[0]:-name} says something about a cluster, but none is given" "--bootstrap-server HOST:PORT beside it" "./run --help"
    fi
    [[ -z $DATABASE ]] || check_database
}

check_bootstrap() {
    local address port addresses
    [[ $BOOTSTRAP != *[[:space:]]* && $BOOTSTRAP != *,,* && $BOOTSTRAP != *, && $BOOTSTRAP != ,* ]] ||
        die_usage "--bootstrap-server '$BOOTSTRAP' is no list of addresses" "host:port[,host:port] without spaces" "for example --bootstrap-server kafka-1:9092,kafka-2:9092"
    IFS=, read -r -a addresses <<<"$BOOTSTRAP"
    for address in "${addresses[@]}"; do
        if [[ $address == *://* ]]; then
            die_usage "--bootstrap-server '$address' is a URL" "host:port; the protocol is --security-protocol" "for example --bootstrap-server kafka-1:9092"
        fi
        [[ $address =~ ^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):([0-9]{1,5})$ ]] ||
            die_usage "--bootstrap-server '$address' is no address" "host:port" "for example --bootstrap-server kafka-1:9092"
        port=${BASH_REMATCH[3]}
        ((10#$port >= 1 && 10#$port <= 65535)) || die_usage "--bootstrap-server '$address': $port is no port" "a number from 1 to 65535" "most brokers listen on 9092"
    done
}

# A cluster that is down is worth watching, so this only warns.
probe_bootstrap() {
    local address host addresses
    IFS=, read -r -a addresses <<<"$BOOTSTRAP"
    for address in "${addresses[@]}"; do
        host=${address%:*}
        host=${host#[}
        if tcp_open "${host%]}" "${address##*:}" 3; then return 0; fi
    done
    printf 'warning: nobody answers at %s now; it is registered all the same and shown as unreachable\n' "$BOOTSTRAP" >&2
    printf '  next:     check names, ports and firewalls if it should be up\n' >&2
}

check_security() {
    local protocol=${SECURITY[security-protocol]:-PLAINTEXT} mechanism=${SECURITY[sasl-mechanism]:-} key
    protocol=${protocol^^} mechanism=${mechanism^^}
    case $protocol in
        PLAINTEXT | SSL | SASL_PLAINTEXT | SASL_SSL) SECURITY[security-protocol]=$protocol ;;
        *) die_usage "--security-protocol $protocol is unknown" "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL" "./run --help" ;;
    esac
    [[ -z $mechanism ]] || SECURITY[sasl-mechanism]=$mechanism
    if [[ $protocol == SASL_* ]]; then
        case $mechanism in
            PLAIN | SCRAM-SHA-256 | SCRAM-SHA-512) require_all "$mechanism" username password-file ;;
            OAUTHBEARER) require_all "$mechanism" token-url client-id client-secret-file ;;
            '') die_usage "$protocol without --sasl-mechanism" "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER" "./run --help" ;;
            *) die_usage "--sasl-mechanism $mechanism is unknown" "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER" "./run --help" ;;
        esac
    else
        for key in sasl-mechanism username password-file token-url client-id client-secret-file scope; do
            [[ -z ${SECURITY[$key]:-} ]] || die_usage "--$key has no meaning with $protocol" "--security-protocol SASL_SSL or SASL_PLAINTEXT beside it" "./run --help"
        done
    fi
    if [[ $protocol != *SSL ]]; then
        for key in ca cert key skip-host-check; do
            [[ -z ${SECURITY[$key]:-} ]] || die_usage "--$key has no meaning with $protocol" "--security-protocol SSL or SASL_SSL beside it" "./run --help"
        done
    fi
    if [[ -n ${SECURITY[cert]:-}${SECURITY[key]:-} ]]; then require_all "mutual TLS" cert key; fi
    for key in password-file client-secret-file ca cert key; do
        [[ -z ${SECURITY[$key]:-} || -f ${SECURITY[$key]} && -r ${SECURITY[$key]} && -s ${SECURITY[$key]} ]] ||
            die_usage "--$key ${SECURITY[$key]} cannot be read, or is empty" "a regular file that user $(id -un) may read" "check its name and permissions"
    done
    for key in ca cert key; do
        [[ -z ${SECURITY[$key]:-} ]] || grep -q -e '-----BEGIN ' -- "${SECURITY[$key]}" ||
            die_usage "--$key ${SECURITY[$key]} is no PEM file" "a text with -----BEGIN ...-----" "convert it: openssl x509 -inform der -in FILE -out FILE.pem (keys: openssl pkcs12)"
    done
    [[ -z ${SECURITY[key]:-} ]] || ! grep -q -e ENCRYPTED -- "${SECURITY[key]}" ||
        die_usage "--key ${SECURITY[key]} is encrypted" "a PEM key without a password, readable by you only" "decrypt it: openssl pkey -in KEY -out KEY.plain.pem && chmod 600 KEY.plain.pem"
}

require_all() {
    local what=$1 key
    shift
    for key in "$@"; do
        [[ -n ${SECURITY[$key]:-} ]] || die_usage "$what needs --$key" "$(printf -- '--%s ' "$@")" "./run --help"
    done
}

check_database() {
    local host="" port=5432 part key value parts
    [[ $DATABASE == *=* && $DATABASE != *://* ]] || die_usage "--database is no connection string that Npgsql reads" \
        "Host=...;Port=...;Database=...;Username=...;Password=..." "./run --help"
    IFS=';' read -r -a parts <<<"$DATABASE"
    for part in "${parts[@]}"; do
        key=${part%%=*} value=${part#*=}
        key=$(tr -d '[:space:]' <<<"${key,,}")
        case $key in
            host | server) host=${value%%,*} ;;
            port) port=$value ;;
        esac
    done
    [[ -n $host ]] || die_usage "--database names no Host" "Host=...;Port=...;Database=...;Username=...;Password=..." "./run --help"
    [[ $host != /* ]] || return 0
    if [[ $host =~ ^(.*):([0-9]+)$ ]]; then host=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}; fi
    tcp_open "$host" "$port" 5 || die "The database of --database does not answer at $host:$port" "a PostgreSQL that accepts connections there" \
        "check that it runs and that this machine may reach it, or leave --database away for a private one"
}

# The clusters to register, as the API's CreateClusterRequest. It holds secrets, so only this user reads it, and ./run removes it once the product has.
write_register_file() {
    local clusters=()
    rm -f -- "$DATA/run/register.json"
    if $LOCAL_KAFKA; then
        clusters+=("{\"id\":\"local\",\"displayName\":\"Local Kafka\",\"kind\":\"kafka\",\"connection\":{\"bootstrapServers\":\"$(<"$DATA/kafka/bootstrap")\",\"securityProtocol\":\"PLAINTEXT\"}}")
    fi
    if [[ -n $BOOTSTRAP ]]; then clusters+=("$(own_cluster)"); fi
    ((${#clusters[@]} > 0)) || return 0
    (IFS=,; printf '[%s]\n' "${clusters[*]}") | save_private "$DATA/run/register.json"
}

own_cluster() {
    local name=${NAME:-${BOOTSTRAP%%,*}}
    printf '{"id":"%s","displayName":%s,"kind":"kafka","connection":{"bootstrapServers":%s' "$(own_cluster_id)" "$(json_string "$name")" "$(json_string "$BOOTSTRAP")"
    member securityProtocol "${SECURITY[security-protocol]}"
    member saslMechanism "${SECURITY[sasl-mechanism]:-}"
    member username "${SECURITY[username]:-}"
    member oAuthTokenEndpoint "${SECURITY[token-url]:-}"
    member oAuthClientId "${SECURITY[client-id]:-}"
    member oAuthScope "${SECURITY[scope]:-}"
    [[ -z ${SECURITY[password-file]:-} ]] || member password "$(head -n 1 -- "${SECURITY[password-file]}" | tr -d '\r')"
    [[ -z ${SECURITY[client-secret-file]:-} ]] || member oAuthClientSecret "$(head -n 1 -- "${SECURITY[client-secret-file]}" | tr -d '\r')"
    [[ -z ${SECURITY[ca]:-} ]] || member caCertificate "$(<"${SECURITY[ca]}")"
    [[ -z ${SECURITY[cert]:-} ]] || member clientCertificate "$(<"${SECURITY[cert]}")"
    [[ -z ${SECURITY[key]:-} ]] || member clientKey "$(<"${SECURITY[key]}")"
    [[ -z ${SECURITY[skip-host-check]:-} ]] || printf ',"verifyHostname":false'
    printf '}}'
}

member() { [[ -z $2 ]] || printf ',"%s":%s' "$1" "$(json_string "$2")"; }

# An id is lower-case letters, digits and dashes.
own_cluster_id() {
    local id
    id=$(LC_ALL=C tr '[:upper:]' '[:lower:]' <<<"${NAME:-${BOOTSTRAP%%,*}}" | LC_ALL=C tr -c 'a-z0-9\n' '-' | sed -E 's/-+/-/g; s/^-//; s/-$//' | head -n 1)
    id=${id:0:60}
    id=${id%-}
    printf '%s' "${id:-cluster}"
}
