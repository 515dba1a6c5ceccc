#!/usr/bin/env bash
# Makes the archive of classes that lets each Kafka JVM of the tests start in about half the time (-XX:SharedArchiveFile), once per version and Java.
# Usage: eng/kafka-classes.sh VERSION      Kafka lies in the cache already (eng/kafka.sh VERSION)
set -euo pipefail
# shellcheck source=eng/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

(($# == 1)) || die_usage "Wrong arguments: $*" "one Kafka version" "eng/kafka-classes.sh 4.3.1"
home=$KCP_CACHE_DIR/kafka/kafka-$1
archive=$KCP_CACHE_DIR/kafka/kafka-$1.jsa
log=$KCP_CACHE_DIR/logs/kafka-classes-$1.log
# Kafka that lies elsewhere (KAFKA_HOME) is left as it is: its JVMs start without an archive.
[[ -d $home/libs ]] || exit 0
java=$(readlink -f -- "$(command -v java)")
[[ -f $archive && $archive -nt $java && $archive -nt $home/libs ]] && exit 0

mkdir -p -- "$(dirname -- "$log")"
exec 8>"$KCP_CACHE_DIR/kafka/.classes.lock"
flock -w 300 8 || exit 0
[[ -f $archive && $archive -nt $java && $archive -nt $home/libs ]] && exit 0

work=$(mktemp -d)
trap 'stop_attempt; rm -rf -- "$work"' EXIT
port=$(free_port 29092)
quorum=$(free_port $((port + 1)))
printf '%s\n' "process.roles=broker,controller" "node.id=1" "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$quorum" \
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT" "controller.quorum.voters=1@127.0.0.1:$quorum" \
    "controller.listener.names=CONTROLLER" "log.dirs=$work/data" "log.cleaner.dedupe.buffer.size=4194304" >"$work/kafka.properties"
printf '%s\n' "Configuration: { Appenders: { Console: { name: STDOUT } }, Loggers: { Root: { level: WARN, AppenderRef: [ { ref: STDOUT } ] }," \
    "  Logger: [ { name: kafka.server.KafkaRaftServer, level: INFO } ] } }" >"$work/log4j2.yaml"
printf '%s\n' "log4j.rootLogger=WARN, out" "log4j.logger.kafka.server.KafkaRaftServer=INFO" "log4j.appender.out=org.apache.log4j.ConsoleAppender" \
    "log4j.appender.out.layout=org.apache.log4j.PatternLayout" "log4j.appender.out.layout.ConversionPattern=%m%n" >"$work/log4j.properties"

# The flags of the tests' brokers: an archive serves only JVMs with the same ones, and the same class path.
run_java() {
    exec java -Xmx256m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData "-Dlog4j2.configurationFile=$work/log4j2.yaml" \
        "-Dlog4j.configuration=file:$work/log4j.properties" "$@"
}
record() {
    local pid code=0 limit=$((SECONDS + 120))
    (run_java -cp "$home/libs/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c "$work/kafka.properties") || return 1
    (run_java "-XX:ArchiveClassesAtExit=$work/classes.jsa" -cp "$home/libs/*" kafka.Kafka "$work/kafka.properties" 8>&-) >"$work/kafka.log" 2>&1 &
    pid=$!
    until grep -q "Kafka Server started" "$work/kafka.log"; do
        kill -0 "$pid" 2>/dev/null && ((SECONDS < limit)) || { code=1; break; }
        sleep 0.1
    done
    stop_process TERM 60 "$pid" || code=1
    cat -- "$work/kafka.log"
    ((code == 0)) && [[ -s $work/classes.jsa ]]
}
step "Archiving the classes of Kafka $1, once"
attempt "classes of Kafka $1" "$log" record || { note "Kafka $1 starts without an archive of its classes ($log)"; exit 0; }
mv -f -- "$work/classes.jsa" "$archive"
