# `cpack` in the build folder makes a Debian package of the programs, with a systemd unit. What lies
# outside the prefix belongs to the package alone: `cmake --install` leaves it out.
set(trialog_package ${CMAKE_CURRENT_LIST_DIR})
install(FILES ${trialog_package}/trialogd.service DESTINATION /lib/systemd/system
        COMPONENT programs EXCLUDE_FROM_ALL)
install(FILES ${trialog_package}/server.properties DESTINATION /etc/trialog
        COMPONENT programs EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_SOURCE_DIR}/docs/operations.md ${trialog_package}/kubernetes.yaml
        DESTINATION /usr/share/doc/trialog COMPONENT programs EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME trialog)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Trialog <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Kafka broker with a deterministic simulator")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL programs)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME trialog)
set(CPACK_DEBIAN_PROGRAMS_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_EXTRA
    ${trialog_package}/postinst ${trialog_package}/prerm ${trialog_package}/postrm ${trialog_package}/conffiles)
include(CPack)
