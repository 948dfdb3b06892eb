# Sourced: changed_files PATTERN... lists the tracked and new files that match and that changed since
# IPL_BASE, or, without it, in the last commit and in what is not committed.
changed_files() {
    {
        if [ -n "${IPL_BASE:-}" ]; then
            git diff --name-only --diff-filter=d "$IPL_BASE" -- "$@"
        else
            git log -1 --name-only --diff-filter=d --format= -- "$@"
            git diff --name-only --diff-filter=d HEAD -- "$@"
        fi
        git ls-files --others --exclude-standard -- "$@"
    } | sort -u | while read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}
