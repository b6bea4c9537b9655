#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An installed program needs neither the source nor the build folder, and runs from anywhere.
. "${0%/*}/lib.sh"

check_exit 0 meson install -C "$ABLATE_BUILD" --no-rebuild --destdir "$scratch/root"
find root -name ablate -type f -perm -u+x >found
read -r installed <found
check 'the program is installed' test -x "$installed"
check 'the shipped studies are installed' test -n "$(find root -name quickstart.yaml)"

# Man pages and completions, made from the commands: nothing to be complained of, the words expected.
for file in share/man/man1/ablate.1 share/man/man1/ablate-run.1 share/bash-completion/completions/ablate \
    share/zsh/site-functions/_ablate share/fish/vendor_completions.d/ablate.fish; do
    find root -path "*/$file" -type f >found
    check "$file is installed" test -s found
done
if command -v groff >/dev/null; then
    find root -name '*.1' -exec groff -man -ww -z -Tascii {} + >out 2>err
    check 'groff has no warning for a man page' test ! -s err
    "$ABLATE" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort >listed
    find root -name 'ablate-*.1' | sed 's/.*ablate-//; s/\.1$//' | sort >pages
    check 'every command has a man page' test -s listed -a -z "$(comm -23 listed pages)"
else
    skip 'man pages without a warning' 'no groff'
fi
cat >complete.bash <<'EOF'
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_ablate
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
EOF
echo 'study: x' >mine.yaml
mkdir folder
# completes WORDS... - what bash offers for the last of the words
completes() { bash complete.bash "$(find root -path '*/completions/ablate')" "$ABLATE" "$@" 2>&1; }
if command -v bash >/dev/null; then
    check 'bash: commands' test "$(completes st)" = 'status stop '
    check 'bash: options' test "$(completes run --co)" = '--code '
    check 'bash: choices' test "$(completes run --code '')" = 'new same '
    check 'bash: study files and folders' test "$(completes run m)" = 'mine.yaml '
    check 'bash: folders' test "$(completes status --store f)" = 'folder '
    "${ABLATE_BUILD}/tests/make_store" names >/dev/null 2>&1
    check 'bash: studies of the store' test "$(completes compare --store names sp)" = 'special-tokens '
else
    skip 'bash: completion' 'no bash'
fi
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        "$ABLATE" help --completion $shell >script
        check "$shell: the script is read without error" $shell -n script
    else
        skip "$shell: the script is read without error" "no $shell"
    fi
done
mkdir elsewhere
cp "$installed" elsewhere/moved
cd elsewhere || exit 1
"$scratch/elsewhere/moved" --version >"$scratch/out" 2>"$scratch/err"
report $? 'a moved binary runs from another folder'
cd "$scratch" || exit 1
check_match '^ablate '
check_exit 0 "$scratch/elsewhere/moved" components segments
check_exit 0 "$scratch/elsewhere/moved" plan "$(find root -name quickstart.yaml)"
finish
