# shellcheck shell=bash
# Builds a project only when something it is made of has changed since. Sourced after lib.sh.

KCP_ARTIFACTS=$KCP_ROOT/.artifacts/run

# One line that changes when any source file is added, removed, edited or touched, or the SDK is another one.
# wwwroot/lib is made by the build itself.
source_state() {
    {
        command -v dotnet
        find "$KCP_ROOT/src" \( -name bin -o -name obj -o -name node_modules -o -path "*/wwwroot/lib" \) -prune -o -type f -printf '%P %s %T@\n'
        find "$KCP_ROOT" -maxdepth 1 -type f \( -name 'Directory.*' -o -name global.json -o -name .editorconfig \) -printf '%P %s %T@\n'
    } | LC_ALL=C sort | sha256sum | cut -d' ' -f1
}

# publish_project PROJECT OUTPUT LOG AHEAD: AHEAD is true where projects that can shall be compiled ahead (ReadyToRun).
publish_project() {
    # Analyzers belong to ./test; a compiler server would outlive the build.
    attempt "build" "$3" dotnet publish "$KCP_ROOT/$1" -c Release --artifacts-path "$KCP_ARTIFACTS" -o "$2" -nologo -v quiet -p:KcpReadyToRun="$4" \
        -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -p:EnforceCodeStyleInBuild=false -p:UseSharedCompilation=false
}

# For registries that don't carry the compiler that compiles ahead; any other failure stays one.
publish_without_crossgen() {
    grep -qi crossgen -- "$3" || return 1
    note "The compiler that compiles ahead can't be had from the NuGet registry: what is built starts a little slower"
    publish_project "$1" "$2" "$3" false
}

# ensure_published PROJECT NAME DLL: afterwards $KCP_ARTIFACTS/publish/NAME/release/DLL is current.
ensure_published() {
    local project=$1 name=$2 dll=$3
    local stamp=$KCP_ARTIFACTS/$name.stamp log=$KCP_ARTIFACTS/$name.log output=$KCP_ARTIFACTS/publish/$name/release state
    state=$(source_state)
    if [[ -f $output/$dll && -f $stamp && $(<"$stamp") == "$state" ]]; then
        return 0
    fi
    "$KCP_ROOT/eng/librdkafka.sh"
    step "Building $name (first start, or the sources changed)"
    rm -f -- "$stamp"
    publish_project "$project" "$output" "$log" true || publish_without_crossgen "$project" "$output" "$log" || {
        grep -E 'error' -- "$log" | sort -u | head -n 20 >&2 || true
        show_tail "$log" 10
        die "$project does not build" "a clean checkout and a reachable NuGet registry" "read $log"
    }
    [[ -f $output/$dll ]] || die "The build of $project left no $output/$dll" "" "read $log"
    printf '%s\n' "$state" >"$stamp"
}
