#!/usr/bin/env bash
# Makes sure that NuGet can restore librdkafka.redist, the native library under Confluent.Kafka.
# Where no registry has it, it is built from the C sources inside an npm package and put into a folder feed of the cache.
set -euo pipefail
# shellcheck source=eng/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

(($# == 0)) || die_usage "Unexpected argument: $*" "none" "eng/librdkafka.sh"
version=$(sed -n 's/.*Include="Confluent.Kafka" Version="\([^"]*\)".*/\1/p' "$KCP_ROOT/Directory.Packages.props")
sources=@confluentinc/kafka-javascript@1.10.1 # ships librdkafka 2.15.1 under deps/librdkafka
feed=$KCP_CACHE_DIR/nuget
package=$feed/librdkafka.redist.$version.nupkg
restored=${NUGET_PACKAGES:-$HOME/.nuget/packages}/librdkafka.redist/$version

# The folder feed joins the sources as soon as it exists, so nothing else is to do.
[[ ! -f $package && ! -d $restored ]] || exit 0
need_dotnet
mkdir -p -- "$KCP_CACHE_DIR"
exec 8>"$KCP_CACHE_DIR/.librdkafka.lock"
flock -w 900 8 || die "Another process has been building librdkafka for 15 minutes" "" "see what holds $KCP_CACHE_DIR/.librdkafka.lock"
[[ ! -f $package && ! -d $restored ]] || exit 0

work=$(mktemp -d)
trap 'stop_attempt; rm -rf -- "$work"' EXIT
log=$KCP_CACHE_DIR/logs/librdkafka.log
failed() { show_tail "$log" 20; die "$@"; }

# Asking for the package is the only question that every kind of registry answers.
in_registry() {
    mkdir -p "$work/ask"
    cat >"$work/ask/ask.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
<ItemGroup><PackageDownload Include="librdkafka.redist" Version="[$version]" /></ItemGroup></Project>
XML
    attempt "registry" "$log" dotnet restore "$work/ask/ask.csproj" -v quiet
}

case $(uname -m) in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *) rid=linux-$(uname -m) ;;
esac

step "Looking for librdkafka $version in the NuGet registry"
if in_registry; then
    exit 0
fi

need cmd:npm=npm cmd:gcc=gcc cmd:g++=g++ cmd:make=make cmd:strip=binutils file:/usr/include/openssl/ssl.h=libssl-dev \
    file:/usr/include/zlib.h=zlib1g-dev file:/usr/include/zstd.h=libzstd-dev file:/usr/include/stdio.h=libc6-dev
step "Fetching the sources of librdkafka $version"
fetch() { cd "$work" && npm pack --silent --ignore-scripts "$sources" && tar xzf ./*.tgz; }
attempt "download" "$log" fetch ||
    failed "npm could not fetch $sources" "a reachable npm registry" "check 'npm config get registry' and the network, then run this again"

step "Building librdkafka $version (about half a minute)"
build() {
    cd "$work/package/deps/librdkafka" && ./configure --disable-gssapi && make -C src -j"$(nproc)" librdkafka.so.1 &&
        cp src/librdkafka.so.1 "$work/librdkafka.so" && strip --strip-unneeded "$work/librdkafka.so"
}
attempt "build" "$log" build || failed "librdkafka $version does not build here" "gcc, make, libssl-dev, zlib1g-dev, libzstd-dev" "read $log"

step "Packing librdkafka.redist $version"
mkdir -p "$work/pack" "$feed"
cat >"$work/pack/librdkafka.redist.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <PackageId>librdkafka.redist</PackageId>
    <Version>$version</Version>
    <Authors>librdkafka</Authors>
    <Description>librdkafka $version, built on this machine from its own sources.</Description>
    <IncludeBuildOutput>false</IncludeBuildOutput>
    <SuppressDependenciesWhenPacking>true</SuppressDependenciesWhenPacking>
    <NoWarn>NU5128;NU5127</NoWarn>
  </PropertyGroup>
  <ItemGroup><None Include="../librdkafka.so" Pack="true" PackagePath="runtimes/$rid/native/librdkafka.so" /></ItemGroup>
</Project>
XML
attempt "packing" "$log" dotnet pack "$work/pack/librdkafka.redist.csproj" -o "$work/out" -v quiet ||
    failed "librdkafka.redist $version could not be packed" "a working 'dotnet pack'" "read $log"
mv -f -- "$work/out/librdkafka.redist.$version.nupkg" "$feed/.new.nupkg"
mv -f -- "$feed/.new.nupkg" "$package"
step "librdkafka.redist $version is in $feed"
