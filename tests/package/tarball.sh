#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tarball.sh BUILD: makes the tarball, unpacks it in some directory and runs what is in it.
set -euo pipefail
build=$1
flock "$build/.lock" cpack --config "$build/CPackConfig.cmake" -G TGZ -B out >cpack.log 2>&1 || {
	cat cpack.log
	exit 1
}
name=$(basename out/kscope-*.tar.gz .tar.gz)
tar tzf "out/$name.tar.gz" | sed "\\,^$name/,d; s/^/outside of its directory: /"
mkdir 'some where'
tar xzf "out/$name.tar.gz" -C 'some where'
cd "some where/$name"
for file in share/doc/kscope/{LICENSE,README.md,copyright} share/man/man8/kscope.8.gz; do
	[ -f $file ] || echo "not there: $file"
done
script='begin { printf("ok\n"); }'
echo "runs: $(bin/kscope -q -e "$script")"
ln -s "$PWD/bin/kscope" ../../link
cd /
echo "runs through a link: $("$OLDPWD/../../link" -q -e "$script")"
echo "runs from PATH: $(PATH=$OLDPWD/bin:$PATH kscope -q -e "$script")"
