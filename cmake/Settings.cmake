# Compiler settings of all targets: language standard, hardening, sanitizers, warnings.
include_guard(GLOBAL)

option(WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
option(FUZZ "Build the fuzzers of tests/fuzz, with clang's libFuzzer" OFF)
set(SANITIZE "" CACHE STRING "Comma-separated sanitizers, for example address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# A convenience: the build is the same without it. ccache has to be told that it may cache what includes precompiled
# headers, which are new files without their macros in sight; GCC has to mark them for it (-fpch-preprocess).
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime ${CCACHE})
endif()

add_library(project_settings INTERFACE)
target_include_directories(project_settings INTERFACE ${CMAKE_BINARY_DIR}/generated)
# -O2 (RelWithDebInfo) is used because GCC 12 gives false -Wrestrict alarms with -O3. Container
# assertions stay on in release builds: a backup program must stop at a wrong index, because going
# on could damage the backup.
target_compile_definitions(project_settings INTERFACE _GLIBCXX_ASSERTIONS _FILE_OFFSET_BITS=64)
target_compile_options(project_settings INTERFACE -fpch-preprocess -fstack-protector-strong -fstack-clash-protection
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>)
if(SANITIZE)
  target_compile_options(project_settings INTERFACE -fsanitize=${SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(project_settings INTERFACE -fsanitize=${SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(project_settings INTERFACE -D_FORTIFY_SOURCE=2)
endif()
if(FUZZ)
  target_compile_options(project_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(project_warnings INTERFACE)
target_compile_options(project_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wformat=2
  # The code uses designated initializers that rely on member defaults.
  -Wno-missing-field-initializers)
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # libstdc++ disables these where it knows their alarms to be false, as for std::string("a") + "b". GCC 12 forgets
  # that in a precompiled header (GCC bug 64117).
  target_compile_options(project_warnings INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(WARNINGS_AS_ERRORS)
  target_compile_options(project_warnings INTERFACE -Werror)
endif()
if(SANITIZE)
  # GCC 12 gives false alarms under sanitizers.
  target_compile_options(project_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
