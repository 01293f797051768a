#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# complete.bash BUILD WORD…: what bash completes the last word to, a line each. The words are as bash cuts
# them: a colon or an equals sign is one of its own, a word with an open quote begins with the quote.
build=$1
shift
PATH=$build:$PATH
source "$build/share/kscope.bash"
COMP_WORDS=(kscope "$@")
COMP_CWORD=$#
_kscope kscope "${!#}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
