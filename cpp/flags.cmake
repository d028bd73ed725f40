# Spells flags of GCC and Clang as the compiler takes them. clang-cl takes them behind /clang: alone;
# others it ignores, with a warning that becomes an error here.
function(mtcnn_spell_flags result)
  set(flags ${ARGN})
  if(CMAKE_CXX_COMPILER_FRONTEND_VARIANT STREQUAL "MSVC")
    list(TRANSFORM flags PREPEND "/clang:")
    list(APPEND flags -Werror=unknown-argument -Werror=unused-command-line-argument)
  endif()
  set(${result} ${flags} PARENT_SCOPE)
endfunction()
