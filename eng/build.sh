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
    # Analyzers belong to ./test; a compiler server would outlive the build.
    attempt "build" "$log" dotnet publish "$KCP_ROOT/$project" -c Release --artifacts-path "$KCP_ARTIFACTS" -nologo -v quiet \
        -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -p:EnforceCodeStyleInBuild=false -p:UseSharedCompilation=false || {
        grep -E 'error' -- "$log" | sort -u | head -n 20 >&2 || true
        show_tail "$log" 10
        die "$project does not build" "a clean checkout and a reachable NuGet registry" "read $log"
    }
    [[ -f $output/$dll ]] || die "The build of $project left no $output/$dll" "" "read $log"
    printf '%s\n' "$state" >"$stamp"
}
