# Defines the target httplib: Debian's libcpp-httplib-dev, which is compiled and whose headers want to know how.
find_path(HTTPLIB_INCLUDE_DIR httplib.h)
find_library(HTTPLIB_LIBRARY cpp-httplib)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Httplib REQUIRED_VARS HTTPLIB_LIBRARY HTTPLIB_INCLUDE_DIR)
# The name under which a program looks for it when it starts: libcpp-httplib.so.0.11
if(Httplib_FOUND)
  get_filename_component(HTTPLIB_SONAME ${HTTPLIB_LIBRARY} REALPATH)
  get_filename_component(HTTPLIB_SONAME ${HTTPLIB_SONAME} NAME)
  string(REGEX REPLACE "(\\.so\\.[0-9]+\\.[0-9]+)\\..*" "\\1" HTTPLIB_SONAME ${HTTPLIB_SONAME})
endif()
if(Httplib_FOUND AND NOT TARGET httplib)
  add_library(httplib INTERFACE)
  target_include_directories(httplib SYSTEM INTERFACE ${HTTPLIB_INCLUDE_DIR})
  target_link_libraries(httplib INTERFACE ${HTTPLIB_LIBRARY})
  # As its cpp-httplib.pc has it.
  target_compile_definitions(httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT CPPHTTPLIB_BROTLI_SUPPORT)
endif()
