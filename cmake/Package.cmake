# The Debian package: `make package`.
include_guard(GLOBAL)
include(GNUInstallDirs)

set(made ${CMAKE_BINARY_DIR}/package-files)
add_custom_command(OUTPUT ${made}/config.toml
  COMMAND ${CMAKE_COMMAND} "-DPROGRAM=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:immich-backup>" -DFOLDER=${made}
    -P ${CMAKE_SOURCE_DIR}/cmake/WritePackageFiles.cmake
  DEPENDS immich-backup ${CMAKE_SOURCE_DIR}/cmake/WritePackageFiles.cmake VERBATIM)
set(documents ${CMAKE_BINARY_DIR}/package-documents)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where it is set
file(WRITE ${documents}/changelog
"immich-backup (${PROJECT_VERSION}) unstable; urgency=medium

  * CHANGELOG.md beside this file says what is new.

 -- The immich-backup authors <immich-backup@users.noreply.github.com>  ${now}
")
add_custom_command(OUTPUT ${documents}/changelog.gz
  COMMAND sh -c "gzip -n9 <changelog >changelog.gz" WORKING_DIRECTORY ${documents} VERBATIM)
add_custom_target(package-files DEPENDS ${made}/config.toml ${documents}/changelog.gz)

# Without the target package-files, an install has the program alone.
install(DIRECTORY ${made}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES ${made}/completions/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME immich-backup OPTIONAL)
install(FILES ${made}/completions/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  RENAME _immich-backup OPTIONAL)
install(FILES ${made}/completions/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  RENAME immich-backup.fish OPTIONAL)

# What belongs to the machine, in the package alone.
set(package COMPONENT package EXCLUDE_FROM_ALL)
# Debian 13 has another cpp-httplib than 12, under another name. The package brings the one that it was built with.
get_filename_component(httplib_file ${HTTPLIB_LIBRARY} REALPATH)
install(FILES ${httplib_file} DESTINATION lib/immich-backup RENAME ${HTTPLIB_SONAME} ${package})
set_target_properties(immich-backup PROPERTIES INSTALL_RPATH /usr/lib/immich-backup)
install(FILES ${made}/config.toml DESTINATION /etc/immich-backup ${package})
install(FILES packaging/systemd/immich-backup.service packaging/systemd/immich-backup.timer
  packaging/systemd/immich-backup-drill.service packaging/systemd/immich-backup-drill.timer
  DESTINATION lib/systemd/system ${package})
install(PROGRAMS packaging/systemd/immich-backup-generator DESTINATION lib/systemd/system-generators ${package})
install(FILES packaging/debian/copyright README.md CHANGELOG.md ${documents}/changelog.gz
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/immich-backup ${package})
file(GLOB pages CONFIGURE_DEPENDS docs/*.md)
install(FILES ${pages}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/immich-backup/docs ${package})
install(DIRECTORY docs/images DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/immich-backup/docs ${package})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME immich-backup)
set(CPACK_PACKAGE_CONTACT "The immich-backup authors <immich-backup@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "incremental, append-only, proven backups of Immich")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Backs up an Immich photo library and its PostgreSQL database to a folder or
to Google Cloud Storage, verifies what it stored, and proves by restoring it
that a restore works. What is stored of the library is never overwritten or
deleted, and it can be restored without this program.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/private-libraries)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/private-libraries)
file(COPY_FILE ${httplib_file} ${CMAKE_BINARY_DIR}/private-libraries/${HTTPLIB_SONAME} ONLY_IF_DIFFERENT)
if(CMAKE_CROSSCOMPILING)
  # As dpkg-buildpackage does, for dpkg-shlibdeps.
  set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/package-environment.cmake)
  file(WRITE ${CPACK_PROJECT_CONFIG_FILE} "set(ENV{DEB_HOST_ARCH} ${CPACK_DEBIAN_PACKAGE_ARCHITECTURE})\n")
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "/etc/immich-backup/config.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/conffiles ${CMAKE_SOURCE_DIR}/packaging/debian/postinst
  ${CMAKE_SOURCE_DIR}/packaging/debian/prerm ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL Unspecified package)
include(CPack)
