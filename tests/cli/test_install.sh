#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An installed program needs neither the source nor the build folder, and runs from anywhere.
. "${0%/*}/lib.sh"

check_exit 0 meson install -C "$ABLATE_BUILD" --no-rebuild --destdir "$scratch/root"
find root -name ablate -type f -perm -u+x >found
read -r installed <found
check 'the program is installed' test -x "$installed"
check 'the shipped studies are installed' test -n "$(find root -name quickstart.yaml)"
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
