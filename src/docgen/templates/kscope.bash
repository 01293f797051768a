# bash completion for kscope                                -*- shell-script -*-
# SPDX-License-Identifier: Apache-2.0

# What an option takes: the word that --help has for it, and what it may be.
_kscope_argument()
{
	argument='' values=''
	case $1 in
@BASH_ARGUMENTS@
	esac
}

# _kscope_step WORD: of the probes that kscope lists, what begins with WORD, up to the next colon.
_kscope_step()
{
	local word=$1 IFS=$' \t\n'
	case $word in
	*[*?[]*) return ;;
	uprobe:* | uretprobe:* | u:* | ur:*)
		local type=${word%%:*} binary=${word#*:}
		if [[ $binary != *:* ]]; then
			compgen -P "$type:" -S / -d -- "$binary"
			compgen -P "$type:" -S : -f -- "$binary" | while IFS= read -r word; do
				binary=${word#*:}
				[[ -d ${binary%:} ]] || printf '%s\n' "$word"
			done
			return
		fi
		;;
	"struct "* | "union "* | "enum "* | *:*) ;;
	*)
		compgen -W '@PROBE_WORDS@' -- "$word"
		return
		;;
	esac
	# The list has the types' long names, and files without their links.
	"$kscope" -l "$word*" 2>/dev/null </dev/null | word=$word awk '
		BEGIN {
			word = ENVIRON["word"]
			head = word
			if (word ~ /^u(ret)?(probe)?r?:/)
				sub(/:[^:]*$/, "", head)
			else
				sub(/:.*/, "", head)
			file = head ~ /:/
		}
		{
			line = $0
			if (word ~ /:/) {
				sub(/^[^:]*:/, "", line)
				if (file)
					sub(/^[^:]*:/, "", line)
				line = head ":" line
			}
			if (index(line, word) != 1)
				next
			rest = substr(line, length(word) + 1)
			end = file ? 0 : index(rest, ":")
			if (end)
				rest = substr(rest, 1, end)
			if (!seen[rest]++)
				print word rest
		}'
}

# _kscope_probes WORD: the same, into COMPREPLY; a single step that leads on is taken.
_kscope_probes()
{
	local IFS=$'\n' deeper word=$1
	COMPREPLY=($(_kscope_step "$word"))
	while [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: && ${COMPREPLY[0]} != "$word" ]]; do
		word=${COMPREPLY[0]}
		deeper=($(_kscope_step "$word"))
		[[ ${#deeper[@]} -gt 0 ]] || break
		COMPREPLY=("${deeper[@]}")
	done
	[[ ${COMPREPLY[0]-} != *[:/] ]] || compopt -o nospace 2>/dev/null
}

# _kscope_program WORD: a program's last attach point, as long as no action has begun.
_kscope_program()
{
	local head=''
	[[ $1 != *[{}/]* || $1 == u*:/* ]] || return
	[[ $1 != *[[:space:],]* ]] || head=${1%"${1##*[[:space:],]}"}
	_kscope_probes "${1#"$head"}"
	COMPREPLY=("${COMPREPLY[@]/#/$head}")
}

_kscope_list()
{
	local head='' IFS=$' \t\n'
	[[ $1 != *,* ]] || head=${1%,*},
	COMPREPLY=($(compgen -P "$head" -W "$values" -- "${1##*,}"))
	compopt -o nospace 2>/dev/null
}

_kscope_files()
{
	local IFS=$'\n'
	compopt -o filenames 2>/dev/null
	COMPREPLY+=($(compgen -f -- "$1"))
}

_kscope_value()
{
	case $argument in
	*S) _kscope_list "$1" ;; # a plural: STAGES
	CMD) COMPREPLY=($(compgen -c -- "$1")) ;;
	PID) COMPREPLY=($(cd /proc && compgen -G "$1*" | grep -x '[0-9]*')) ;;
	PROGRAM) _kscope_program "$1" ;;
	FILE) _kscope_files "$1" ;;
	*) COMPREPLY=($(compgen -W "$values" -- "$1")) ;;
	esac
}

# bash cuts words at colons and equals signs: together again, into `words`; the last one is being completed.
_kscope_words()
{
	local i piece joined=''
	words=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		piece=${COMP_WORDS[i]-}
		if [[ ${#words[@]} -gt 0 && ($piece == [:=]* || $joined) ]]; then
			words[-1]+=$piece
		else
			words+=("$piece")
		fi
		joined=''
		[[ $piece != *[:=] || $piece == [\'\"]* ]] || joined=1
	done
	[[ ${#words[@]} -gt 0 ]] || words=('')
}

_kscope()
{
	local kscope=${1:-kscope} words word quote='' previous='' argument='' values='' lists='' i
	COMPREPLY=()
	_kscope_words
	word=${words[-1]}
	[[ ${#words[@]} -lt 2 ]] || previous=${words[-2]}
	for ((i = 0; i < ${#words[@]} - 1; i++)); do
		[[ ! ${words[i]} =~ ^-[a-zA-Z]*l[a-zA-Z]*$ ]] || lists=1
	done
	[[ $word != [\'\"]* ]] || quote=${word:0:1} word=${word:1}

	[[ $previous != -* ]] || _kscope_argument "$previous"
	if [[ $argument ]]; then
		_kscope_value "$word"
	elif [[ $word == --*=* ]]; then
		_kscope_argument "${word%%=*}"
		word=${word#*=}
		_kscope_value "$word"
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W '@OPTION_WORDS@' -- "$word"))
	elif [[ $lists ]]; then
		_kscope_probes "$word"
		[[ ${#COMPREPLY[@]} -gt 0 || $word == *:* ]] || _kscope_files "$word"
	else
		_kscope_files "$word"
	fi
	# What stands before the last colon is not replaced, unless it is quoted.
	if [[ ! $quote && $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
	fi
}

complete -F _kscope kscope
