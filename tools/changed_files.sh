# Sourced: changed_files PATTERN... lists the tracked and new files that match and that changed since
# IPL_BASE, or, without it, in the last commit and in what is not committed.
changed_files() {
    {
        if [ -n "${IPL_BASE:-}" ]; then
            git diff --name-only --diff-filter=d "$IPL_BASE" -- "$@"
        else
            git diff-tree -r --root --no-commit-id --name-only --diff-filter=d HEAD -- "$@"
            git diff --name-only --diff-filter=d HEAD -- "$@"
        fi
        git ls-files --others --exclude-standard -- "$@"
    } | sort -u | while read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}
