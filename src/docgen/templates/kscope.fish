# fish completion for kscope
# SPDX-License-Identifier: Apache-2.0

# Of the probes that kscope lists, what begins with the word at the cursor, up to the next colon.
function __kscope_step
	set -l word $argv[1]
	if string match -qr '[*?[]' -- $word
		return
	end
	if not string match -q '*:*' -- $word; and not string match -qr '^(struct|union|enum) ' -- $word
		string split ' ' '@PROBE_WORDS@'
		return
	end
	set -l type (string split -m 1 : -- $word)[1]
	if string match -qr '^u(ret)?(probe)?r?:' -- $word
		set -l parts (string split -m 2 : -- $word)
		if test (count $parts) -lt 3
			for file in $parts[2]*
				if test -d $file
					echo $type:$file/
				else
					echo $type:$file:
				end
			end
			return
		end
		kscope -l "$word*" 2>/dev/null </dev/null | string replace -r '^[^:]*:[^:]*:' "$type:$parts[2]:"
		return
	end
	if string match -q '*:*' -- $word
		set -l colons (count (string match -a -r ':' -- $word))
		kscope -l "$word*" 2>/dev/null </dev/null | string replace -r '^[^:]*' $type |
			string match -r "^(?:[^:]*:){0,$colons}[^:]*:?" | sort -u
	else
		kscope -l "$word*" 2>/dev/null </dev/null
	end
end

function __kscope_PROGRAM
	set -l word (commandline -ct | string replace -r '^[\'"]' '')
	__kscope_step "$word"
end

function __kscope_CMD
	__fish_complete_command
end

function __kscope_PID
	__fish_complete_pids
end

@FISH_OPTIONS@
# What -l searches for, or a script.
function __kscope_search
	set -l word (commandline -ct | string replace -r '^[\'"]' '')
	__kscope_step "$word"
	if not string match -q '*:*' -- $word
		__fish_complete_path "$word"
	end
end

complete -c kscope -n '__fish_contains_opt -s l' -f -a '(__kscope_search)'
