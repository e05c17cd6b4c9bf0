# Every target links project_options; nothing else sets a compiler flag.
add_library(project_options INTERFACE)

target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR}/include)

target_compile_options(project_options INTERFACE
  -Wall -Wextra -Werror -Wpedantic
  -Wshadow -Wconversion
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
  $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
  -Wwrite-strings -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum
  -fstack-protector-strong
  # With -O2 gcc takes "return error_set(...)" for a possible success, after
  # which an out-parameter has no value; clang and the sanitizers look there.
  $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_definitions(project_options INTERFACE
  _GNU_SOURCE
  SIGNET_VERSION="${PROJECT_VERSION}"
  $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
target_link_options(project_options INTERFACE LINKER:-z,relro,-z,now)

set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON) # every header compiles on its own

# A target with the property PLAIN is built without sanitizers: other people's
# programs load libsignet-pkcs11.so, and they bring no sanitizer runtime.
if(SANITIZE)
  set(sanitized $<NOT:$<BOOL:$<TARGET_PROPERTY:PLAIN>>>)
  target_compile_options(project_options INTERFACE
    $<${sanitized}:-fsanitize=${SANITIZE}>
    $<${sanitized}:-fno-sanitize-recover=all>
    -fno-omit-frame-pointer)
  target_link_options(project_options INTERFACE
    $<${sanitized}:-fsanitize=${SANITIZE}>)
endif()
