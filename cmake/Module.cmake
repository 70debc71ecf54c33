# module(<name> [DEPENDS <module>...] [OWNS <third-party header>...] [LINKS <target>...])
#
# Declares src/<name> as a static library. Also records, for the test `layering`, the modules that
# it may include (DEPENDS) and the third-party headers that only their owners may include (OWNS). A
# header may have several owners.
include_guard(GLOBAL)
find_package(Threads REQUIRED)

set_property(GLOBAL PROPERTY LAYERING "")

# What most files include of the standard library is parsed once for all modules, which takes a quarter off the time
# of a clean build. Nothing of the project is among it, so no change compiles it anew. A file still includes what it
# uses: the preset asan builds without precompiled headers, and finds out.
set(STANDARD_HEADERS <algorithm> <array> <chrono> <condition_variable> <cstdint> <expected> <functional> <map> <memory>
  <mutex> <optional> <set> <span> <stop_token> <string> <string_view> <utility> <variant> <vector>)

# precompile_standard_headers(<target>) - the target uses them. It links `base`, with which they are compiled.
function(precompile_standard_headers target)
  if(target STREQUAL "base")
    target_precompile_headers(base PRIVATE ${STANDARD_HEADERS})
  else()
    target_precompile_headers(${target} REUSE_FROM base)
  endif()
endfunction()

function(module name)
  cmake_parse_arguments(PARSE_ARGV 1 M "" "" "DEPENDS;OWNS;LINKS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC project_settings ${M_DEPENDS} Threads::Threads
    PRIVATE project_warnings ${M_LINKS})
  precompile_standard_headers(${name})
  string(REPLACE ";" "," depends "${M_DEPENDS}")
  string(REPLACE ";" "," owns "${M_OWNS}")
  set_property(GLOBAL APPEND PROPERTY LAYERING "${name}|${depends}|${owns}")
endfunction()

# add_layering_test() - adds a test that compares every #include in src/ with the declared modules.
function(add_layering_test)
  get_property(layering GLOBAL PROPERTY LAYERING)
  set(rules "")
  foreach(line IN LISTS layering)
    string(APPEND rules "${line}\n")
  endforeach()
  file(WRITE ${CMAKE_BINARY_DIR}/layering.txt "${rules}")
  add_test(NAME layering COMMAND ${CMAKE_COMMAND}
    -D SOURCE_DIR=${CMAKE_SOURCE_DIR}/src -D RULES=${CMAKE_BINARY_DIR}/layering.txt
    -P ${CMAKE_SOURCE_DIR}/cmake/CheckLayering.cmake)
  # Tests the check itself: it must refuse a tree that breaks the rules.
  add_test(NAME layering-refuses-a-violation COMMAND ${CMAKE_COMMAND}
    -D SOURCE_DIR=${CMAKE_SOURCE_DIR}/tests/layering-violations -D RULES=${CMAKE_BINARY_DIR}/layering.txt
    -P ${CMAKE_SOURCE_DIR}/cmake/CheckLayering.cmake)
  set_tests_properties(layering-refuses-a-violation PROPERTIES
    PASS_REGULAR_EXPRESSION "module 'core' may not include 'store'.*<sqlite3.h> belongs to another module.*reads the clock.*module 'core' may include 'base' and does not.*core/one: part of an include cycle.*core/other: part of an include cycle.*7 layering violation")
endfunction()
