# SPDX-License-Identifier: Apache-2.0
# Run by CPack on the tree that becomes a package: what is Debian's way only.
if(CPACK_GENERATOR STREQUAL "DEB")
	set(usr ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
	file(MAKE_DIRECTORY ${usr}/share/zsh/vendor-completions)
	file(RENAME ${usr}/share/zsh/site-functions/_kscope ${usr}/share/zsh/vendor-completions/_kscope)
	file(REMOVE_RECURSE ${usr}/share/zsh/site-functions)
	file(REMOVE ${usr}/share/doc/kscope/LICENSE) # Debian has it in /usr/share/common-licenses
	execute_process(COMMAND ${CPACK_KSCOPE_GZIP} -9 -n INPUT_FILE ${CPACK_KSCOPE_CHANGELOG}
		OUTPUT_FILE ${usr}/share/doc/kscope/changelog.gz COMMAND_ERROR_IS_FATAL ANY)
	set(written ${usr}/share/doc/kscope/changelog.gz)
	if(CPACK_KSCOPE_STATIC)
		file(WRITE ${usr}/share/lintian/overrides/kscope
			"# One package for every release; copyright names what is linked in.\n"
			"kscope: statically-linked-binary *\n" "kscope: embedded-library *\n")
		list(APPEND written ${usr}/share/lintian/overrides/kscope)
	endif()
	file(CHMOD ${written} FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
	file(CHMOD_RECURSE ${usr} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
		GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endif()
