# Doxygen's input filter for netmcu.h, whose comments are plain: makes each comment before a declaration its
# documentation, each one behind it that of the member, a line of dashes the beginning of a module, and a comment over
# several declarations that of all of them. What is laid out in columns stays as it is laid out.

function open_module(line,    title)
{
  title = line
  gsub(/^\/\* -+ | \*\/$/, "", title)
  if (in_module)
    print "/** @} */"
  in_module = 1
  printf "/** @defgroup %s %s\n * @{ */\n", tolower(title), toupper(substr(title, 1, 1)) substr(title, 2)
}

# A member, a flag, a field: `int x; /* what it is */`
function behind(line)
{
  if (sub(/^  \/\* /, "  /** ", line))
    return line
  if (line ~ /[^ ].*\/\* .*\*\/$/ && line !~ /^ *\/\*/)
    sub(/\/\* /, "/**< ", line)
  return line
}

# One line of a comment, without what begins and ends it.
function text(line)
{
  if (line == "" && in_columns) {
    blank++
    return
  }
  columns = line ~ /^`[a-z_]+`  / || line ~ /^  +[^ -]/ || (in_columns && line ~ /^ /)
  if (line ~ /^ *- /)
    in_list = 1
  else if (line == "")
    in_list = 0
  if (in_list)
    columns = 0
  if (columns && !in_columns)
    out("@verbatim")
  else if (in_columns && !columns)
    out("@endverbatim")
  for (; blank > 0; blank--)
    out("")
  in_columns = columns
  out(line)
}

function out(line)
{
  paragraph[++lines] = line
}

function end_comment()
{
  if (in_columns)
    out("@endverbatim")
  out("*/")
  blank = 0
  in_comment = in_columns = in_list = 0
}

function begin_comment(line)
{
  out(NR > 1 ? "/**" : FILENAME ~ /netmcu\.h$/ ? "/** @mainpage" : "/** @file")
  in_comment = 1
  sub(/^\/\* /, "", line)
  comment_line(line)
}

function comment_line(line,    last)
{
  last = sub(/ ?\*\/$/, "", line)
  if (line != "" || !last)
    text(line)
  if (last)
    end_comment()
}

function end_paragraph(    i)
{
  if (declarations > 1)
    print "/**@{*/"
  for (i = 1; i <= lines; i++)
    print paragraph[i]
  if (declarations > 1)
    print "/**@}*/"
  lines = declarations = 0
}

in_comment { line = $0; sub(/^ \* ?/, "", line); if (line == "/") end_comment(); else comment_line(line); next }
/^\/\* clang-format/ { next }
/^\/\* -----/ { end_paragraph(); open_module($0); next }
/^\/\* / { begin_comment($0); next }
/^$/ { end_paragraph(); print; next }
/^#ifdef __cplusplus/ { end_paragraph(); if (in_module && seen_end++) { print "/** @} */"; in_module = 0 } }
/^(NETMCU_API|typedef|#define NETMCU_[A-Z_]+ )/ { declarations++ }
{ out(behind($0)) }
END { end_paragraph(); if (in_module) print "/** @} */" }
