#!/usr/bin/env bash
# Four real brokers (own racks, two log dirs each) and a controller apart, on 127.0.0.1, ready to be hurt.
# Usage: eng/local-kafka.sh start|stop|status [BROKER] [--data DIR]
#   start    starts all that do not run, or only broker BROKER (1 to 4)
#   stop     stops all, or only broker BROKER, in a controlled way
#   status   prints one line per process: name, pid or "down", listener
set -euo pipefail
# shellcheck source=eng/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

action="" broker="" data=$KCP_ROOT/.data
while (($# > 0)); do
    case $1 in
        start | stop | status) [[ -z $action ]] || die_usage "Two actions: $action and $1" "one of start, stop, status" "$0 --help"; action=$1 ;;
        [1-4]) broker=$1 ;;
        --data) (($# > 1)) || die_usage "--data names no folder" "--data DIR" "$0 --help"; data=$2; shift ;;
        -h | --help) usage; exit 0 ;;
        *) die_usage "Unknown argument '$1'" "start, stop or status, a broker 1 to 4, --data DIR" "$0 --help" ;;
    esac
    shift
done
[[ -n $action ]] || die_usage "No action" "start, stop or status" "$0 --help"
[[ -d $data ]] || die "There is no data folder $data" "the folder of a ./run --local-kafka" "start with ./run --local-kafka"
base=$(cd -- "$data" && pwd)/kafka
controller=100
# Four: with three copies of everything one broker can die and there is still a place to restore its replicas.
wanted_brokers=4

ports() {
    # The brokers keep their ports over restarts: clients and the control plane know them by these.
    if [[ ! -s $base/ports ]]; then
        local port=19092 chosen=()
        while ((${#chosen[@]} <= wanted_brokers)); do
            port=$(free_port "$port")
            chosen+=("$port")
            port=$((port + 1))
        done
        printf '%s\n' "${chosen[*]}" >"$base/ports"
    fi
    read -r -a port_of_index <"$base/ports"
    # An older data folder has as many brokers as it was made with.
    mapfile -t brokers < <(seq 1 $((${#port_of_index[@]} - 1)))
    [[ -z $broker || $broker -le ${#brokers[@]} ]] || die_usage "There is no broker $broker" "1 to ${#brokers[@]}" "$0 status --data $data"
}
port_of() { if (($1 == controller)); then echo "${port_of_index[-1]}"; else echo "${port_of_index[$1 - 1]}"; fi; }
bootstrap() { local list; list=$(printf '127.0.0.1:%s,' "${port_of_index[@]:0:${#brokers[@]}}"); printf '%s' "${list%,}"; }

write_config() {
    local id=$1 file=$base/$1.properties
    {
        echo "node.id=$id"
        echo "controller.quorum.voters=$controller@127.0.0.1:$(port_of $controller)"
        echo "controller.listener.names=CONTROLLER"
        echo "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"
        if ((id == controller)); then
            echo "process.roles=controller"
            echo "listeners=CONTROLLER://127.0.0.1:$(port_of $controller)"
            echo "log.dirs=$base/controller"
        else
            echo "process.roles=broker"
            echo "broker.rack=rack-$id"
            echo "listeners=PLAINTEXT://127.0.0.1:$(port_of "$id")"
            echo "log.dirs=$base/$id-a,$base/$id-b"
        fi
        echo "default.replication.factor=3"
        echo "min.insync.replicas=2"
        echo "num.partitions=6"
        echo "offsets.topic.replication.factor=3"
        echo "offsets.topic.num.partitions=5"
        echo "transaction.state.log.replication.factor=3"
        echo "transaction.state.log.min.isr=2"
        echo "transaction.state.log.num.partitions=5"
        echo "share.coordinator.state.topic.replication.factor=3"
        echo "share.coordinator.state.topic.min.isr=2"
        echo "share.coordinator.state.topic.num.partitions=5"
        echo "group.initial.rebalance.delay.ms=0"
        # A trial must not fill the disk of the machine it is tried on.
        echo "log.retention.bytes=67108864"
        echo "log.segment.bytes=16777216"
        echo "log.retention.check.interval.ms=60000"
    } >"$file"
}

write_logging() {
    if [[ $version == 3.* ]]; then
        printf '%s\n' "log4j.rootLogger=WARN, out" "log4j.appender.out=org.apache.log4j.ConsoleAppender" \
            "log4j.appender.out.layout=org.apache.log4j.PatternLayout" "log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n" >"$base/log4j.properties"
        logging=-Dlog4j.configuration=file:$base/log4j.properties
    else
        printf '%s\n' "Configuration:" '  Appenders: { Console: { name: STDOUT, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } } }' \
            "  Loggers: { Root: { level: WARN, AppenderRef: [ { ref: STDOUT } ] } }" >"$base/log4j2.yaml"
        logging=-Dlog4j2.configurationFile=$base/log4j2.yaml
    fi
}

# All at once: most of the time is a JVM coming up, once for each.
format_all() {
    local id code=0 jobs=()
    for id in "$@"; do
        write_config "$id"
        if ((id == controller)); then
            [[ -f $base/controller/meta.properties ]] && continue
        elif [[ -f $base/$id-a/meta.properties && -f $base/$id-b/meta.properties ]]; then
            continue
        fi
        java -Xmx96m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$logging" -cp "$home/libs/*" kafka.tools.StorageTool format -g \
            -t "$(<"$base/cluster.id")" -c "$base/$id.properties" >"$base/logs/format-$id.log" 2>&1 </dev/null &
        jobs+=("$id:$!")
    done
    for id in "${jobs[@]}"; do
        wait "${id#*:}" || code=$?
        ((code == 0)) || { show_tail "$base/logs/format-${id%:*}.log"; die "Kafka could not format the folder of $(name_of "${id%:*}")" "an empty or already formatted folder, and room on the disk" "look at $base/logs"; }
    done
}

launch() {
    local id=$1 heap=320m port
    port=$(port_of "$id")
    recall_process "$base/$id.pid" >/dev/null && return 0
    ! tcp_open 127.0.0.1 "$port" 1 ||
        die "Port $port of $(name_of "$id") is in use$(port_holder "$port")" "the port this local Kafka had before" \
            "stop what listens there, or delete $base/ports to choose new ones (the registered cluster then needs its new address)"
    ((id == controller)) && heap=160m
    [[ ! -s $base/logs/$id.log ]] || mv -f -- "$base/logs/$id.log" "$base/logs/$id.log.1"
    run_java() { exec setsid java "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$logging" -cp "$home/libs/*" kafka.Kafka "$base/$id.properties"; }
    (run_java) >"$base/logs/$id.log" 2>&1 9>&- </dev/null &
    local pid=$!
    disown "$pid"
    remember_process "$base/$id.pid" "$pid"
}

name_of() { if (($1 == controller)); then echo "controller"; else echo "broker $1"; fi; }

wait_ready() {
    local id limit=$((SECONDS + 90)) begun=$SECONDS told=0
    for id in "$@"; do
        until tcp_open 127.0.0.1 "$(port_of "$id")" 1; do
            recall_process "$base/$id.pid" >/dev/null || {
                show_tail "$base/logs/$id.log"
                die "Kafka's $(name_of "$id") ended while starting" "a start within 15 s" "look at $base/logs/$id.log"
            }
            if ((SECONDS - begun >= told + 10)); then told=$((SECONDS - begun)); note "Kafka: still starting ($told s)"; fi
            ((SECONDS < limit)) || die "Kafka's $(name_of "$id") does not listen after 90 s" "a start within 15 s" "look at $base/logs/$id.log"
            sleep 0.1
        done
    done
}

start() {
    local id wanted
    need cmd:java=openjdk-17-jre-headless
    home=$("$KCP_ROOT/eng/kafka.sh")
    version=$(basename -- "$(compgen -G "$home/libs/kafka-clients-*.jar" | head -n 1)" .jar)
    version=${version#kafka-clients-}
    mkdir -p -- "$base/logs"
    [[ -s $base/cluster.id ]] || head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' >"$base/cluster.id"
    ports
    wanted=("$controller" "${brokers[@]}")
    [[ -z $broker ]] || wanted=("$controller" "$broker")
    write_logging
    step "Starting Kafka $version: ${#wanted[@]} processes"
    format_all "${wanted[@]}"
    for id in "${wanted[@]}"; do launch "$id"; done
    wait_ready "${wanted[@]}"
    bootstrap >"$base/bootstrap"
}

stop() {
    local id pid pids=()
    [[ -s $base/ports ]] || return 0
    ports
    local chosen=("${brokers[@]}")
    [[ -z $broker ]] || chosen=("$broker")
    for id in "${chosen[@]}"; do
        pid=$(recall_process "$base/$id.pid") && pids+=("$pid")
    done
    stop_process TERM 30 "${pids[@]}" || note "A broker had to be killed: it recovers its logs at the next start"
    for id in "${chosen[@]}"; do rm -f -- "$base/$id.pid"; done
    [[ -z $broker ]] || return 0
    pid=$(recall_process "$base/$controller.pid") && { stop_process TERM 15 "$pid" || true; }
    rm -f -- "$base/$controller.pid"
}

status() {
    local id pid
    [[ -s $base/ports ]] || die "There is no local Kafka in $data" "the folder of a ./run --local-kafka" "start with ./run --local-kafka"
    ports
    for id in "${brokers[@]}" "$controller"; do
        pid=$(recall_process "$base/$id.pid") || pid=down
        printf '%-10s  pid %-8s 127.0.0.1:%s\n' "$(name_of "$id")" "$pid" "$(port_of "$id")"
    done
}

"$action"
