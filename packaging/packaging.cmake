# SPDX-License-Identifier: Apache-2.0
# What is installed, and the packages: a .deb, and a tarball that runs wherever it is unpacked. `./dev package`
# builds both.

# docgen fills the templates of src/docgen/templates from the tables of the language and of the options.
file(GLOB docgen_sources CONFIGURE_DEPENDS src/docgen/*.c)
add_executable(docgen ${docgen_sources} src/kscope/options.c)
target_compile_definitions(docgen PRIVATE KSCOPE_VERSION="${PROJECT_VERSION}")
target_link_libraries(docgen PRIVATE lang_room base_room options)

set(share ${CMAKE_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${share})
foreach(name kscope.8 kscope.bash kscope.fish _kscope builtins.md)
	set(template ${CMAKE_SOURCE_DIR}/src/docgen/templates/${name})
	add_custom_command(OUTPUT ${share}/${name}
		# What looks for leaks cannot run everywhere.
		COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 $<TARGET_FILE:docgen> ${template} ${share}/${name}
		DEPENDS docgen ${template} VERBATIM)
	list(APPEND share_files ${share}/${name})
endforeach()
find_program(GZIP gzip REQUIRED)
add_custom_command(OUTPUT ${share}/kscope.8.gz COMMAND ${GZIP} -9 -n -k -f ${share}/kscope.8
	DEPENDS ${share}/kscope.8 VERBATIM)
add_custom_target(share ALL DEPENDS ${share_files} ${share}/kscope.8.gz)

install(TARGETS kscope RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS kscope-compile RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/kscope)
install(FILES ${share}/kscope.8.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${share}/kscope.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME kscope)
install(FILES ${share}/kscope.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${share}/_kscope DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
# As in the source tree, so that the links from one to the other hold.
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.bt")
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(FILES README.md LICENSE packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(KSCOPE_MAINTAINER "kscope maintainers <maintainers@kscope.invalid>" CACHE STRING "who makes the packages")
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME kscope)
set(CPACK_PACKAGE_FILE_NAME kscope-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tracing language for the Linux kernel and its programs")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "kscope compiles short scripts to BPF, loads them into the running kernel, and
prints what they count and measure: calls by program, latencies as histograms,
stacks of the kernel and of programs. It reads scripts made for bpftrace.
.
It needs Linux 6.1 or later, and root to trace.")
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0) # as many as there are CPUs, for xz
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
	GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${KSCOPE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS bash-completion)
if(NOT KSCOPE_STATIC)
	set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/packaging/debian.cmake)
# Only variables whose names begin with CPACK_ reach the script.
set(CPACK_KSCOPE_CHANGELOG ${CMAKE_SOURCE_DIR}/packaging/changelog)
set(CPACK_KSCOPE_GZIP ${GZIP})
set(CPACK_KSCOPE_STATIC ${KSCOPE_STATIC})
include(CPack)
