# Turns the files ASSETS into OUTPUT, a C source with portal_assets[]:
#   cmake -D OUTPUT=... -D "ASSETS=a;b" -P EmbedText.cmake
set(table "")
set(source "#include \"portal_assets.h\"\n\n")
set(index 0)
foreach(asset IN LISTS ASSETS)
  file(READ ${asset} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  get_filename_component(name ${asset} NAME)
  string(APPEND source "static const char text_${index}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${name}\", text_${index}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND source
  "\nconst struct portal_asset portal_assets[] = {\n${table}};\n"
  "const size_t portal_asset_count = ${index};\n")
file(WRITE ${OUTPUT} "${source}")
