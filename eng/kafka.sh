#!/usr/bin/env bash
# Prints the folder of an unpacked Apache Kafka (with libs/*.jar), and unpacks or downloads it first where it must.
# Usage: eng/kafka.sh [VERSION]      without VERSION: KAFKA_HOME as it is, else 4.3.1
set -euo pipefail
# shellcheck source=eng/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

(($# <= 1)) || die_usage "Too many arguments: $*" "at most one Kafka version" "eng/kafka.sh 4.3.1"
version=${1:-}
[[ $version =~ ^([0-9]+\.[0-9]+\.[0-9]+)?$ ]] ||
    die_usage "'$version' is no Kafka version" "three numbers such as 4.3.1" "eng/kafka.sh 4.3.1"

if [[ -n ${KAFKA_HOME:-} ]]; then
    if [[ -z $version ]] && compgen -G "$KAFKA_HOME/libs/kafka-clients-*.jar" >/dev/null; then
        printf '%s\n' "$KAFKA_HOME"
        exit 0
    elif [[ -n $version && -f $KAFKA_HOME/libs/kafka-clients-$version.jar ]]; then
        printf '%s\n' "$KAFKA_HOME"
        exit 0
    elif ! compgen -G "$KAFKA_HOME/libs/kafka-clients-*.jar" >/dev/null; then
        die "KAFKA_HOME=$KAFKA_HOME is no Kafka" "a folder with libs/kafka-clients-VERSION.jar in it" "correct KAFKA_HOME, or unset it"
    fi
fi
version=${version:-4.3.1}

store=$KCP_CACHE_DIR/kafka
home=$store/kafka-$version
complete() { [[ -f $1/libs/kafka-clients-$version.jar && -f $1/libs/kafka_2.13-$version.jar ]]; }

if complete "$home"; then
    printf '%s\n' "$home"
    exit 0
fi

mkdir -p -- "$store"
exec 8>"$store/.lock"
flock -w 900 8 || die "Another process has been unpacking Kafka into $store for 15 minutes" "" "see what holds $store/.lock"
if complete "$home"; then
    printf '%s\n' "$home"
    exit 0
fi
work=$(mktemp -d -- "$store/.new.XXXXXX")
trap 'stop_attempt; rm -rf -- "$work"' EXIT

unpack() {
    local archive=$1
    need cmd:xz=xz-utils
    step "Unpacking Kafka $version"
    attempt "unpacking" "$KCP_CACHE_DIR/logs/kafka-$version.log" tar xJf "$archive" -C "$work" && complete "$work/kafka-$version"
}

download() {
    local logging="log4j-core log4j-slf4j-impl" artifact
    local log=$KCP_CACHE_DIR/logs/kafka-$version.log
    need cmd:java=openjdk-17-jre-headless cmd:mvn=maven
    step "Downloading Kafka $version with Maven"
    mkdir -p "$work/kafka-$version/libs"
    {
        echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        echo '<groupId>kcp</groupId><artifactId>kafka-home</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
        for artifact in kafka_2.13 kafka-tools connect-runtime connect-mirror connect-file; do
            echo "<dependency><groupId>org.apache.kafka</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>"
        done
        if [[ $version == 3.* ]]; then
            echo '<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>'
        else
            for artifact in $logging; do
                echo "<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>$artifact</artifactId><version>2.25.1</version></dependency>"
            done
        fi
        echo '</dependencies></project>'
    } >"$work/pom.xml"
    attempt "download" "$log" mvn -B -q -f "$work/pom.xml" dependency:copy-dependencies \
        "-DoutputDirectory=$work/kafka-$version/libs" -DincludeScope=runtime && complete "$work/kafka-$version"
}

archive=""
for folder in "$KCP_ROOT/../shared/kafka" "$KCP_ROOT/shared/kafka"; do
    [[ -f $folder/kafka-$version.tar.xz ]] && archive=$folder/kafka-$version.tar.xz && break
done
if [[ -n $archive ]]; then
    unpack "$archive" || { show_tail "$KCP_CACHE_DIR/logs/kafka-$version.log"; die "$archive does not unpack to Kafka $version" "libs/kafka-clients-$version.jar in it" "fetch the archive again; is the disk of $store full?"; }
else
    download || {
        show_tail "$KCP_CACHE_DIR/logs/kafka-$version.log"
        die "Kafka $version was found nowhere: no KAFKA_HOME of that version, no ../shared/kafka/kafka-$version.tar.xz, and Maven could not download it" \
            "one of the three" "unpack Kafka $version yourself and set KAFKA_HOME to it"
    }
fi
rm -rf -- "$home"
mv -- "$work/kafka-$version" "$home"
printf '%s\n' "$home"
