#!/usr/bin/env bash
# keygen --paper prints a page from which the key comes back: by typing, and by a reader of QR codes (zbar), also if the page is stained.
. "$(dirname "$0")/lib.sh"

needs zbarimg age-keygen
at_terminal=$PWD/tests/support/at-terminal
cd "$keys"
unset IMMICH_BACKUP_STORE
# picture PAGE: the code on it as a picture (PBM), each of its squares 6 dots wide.
picture() {
  LC_ALL=C sed -n '/QR codes do it/,$ { s/█/3/g; s/▀/2/g; s/▄/1/g; s/ /0/g; /^[0-3]\{40,\}$/p; }' "$1" | awk '
    { for (half = 1; half <= 2; half++) {
        line = ""
        for (i = 1; i <= length($0); i++) {
          digit = substr($0, i, 1)
          dot = half == 1 ? int(digit / 2) : digit % 2
          for (n = 0; n < 6; n++) line = line dot
        }
        for (n = 0; n < 6; n++) lines[++rows] = line
      } }
    END { print "P1"; print length(lines[1]), rows; for (i = 1; i <= rows; i++) print lines[i] }'
}
# comes_back PAGE PUBLIC: what a person types, and what a reader reads, is the key of this public half.
comes_back() {
  { sed -n '/^THE SECRET KEY$/,/^Type it/p' "$1" | grep '^  ' | tr -d ' \n'; echo; } >typed.txt
  [ "$(age-keygen -y typed.txt)" = "$2" ] || fail "what is typed is another key: $(cat "$1")"
  picture "$1" >"$work/code.pbm"
  convert_to_png
  zbarimg --nodbus -q --raw "$work/code.png" >read.txt || fail "the code cannot be read: $(cat "$1")"
  cmp read.txt typed.txt || fail "the code has something else than the text"
  # Two stains on it, of nine squares by five and by nine: a thirteenth of the code.
  awk 'NR > 2 && (NR < 70 && NR > 40 || NR > 120 && NR < 176) { $0 = substr($0, 1, 120) sprintf("%054d", 0) substr($0, 175) } 1' "$work/code.pbm" >"$work/stained"
  mv "$work/stained" "$work/code.pbm"
  convert_to_png
  zbarimg --nodbus -q --raw "$work/code.png" | cmp - typed.txt || fail "a stain makes the code unreadable"
  program 0 keygen --show read.txt
  says out "$2"
}
# As PNG, which zbar reads without the help of another program.
convert_to_png() {
  /usr/bin/python3 - "$work/code.pbm" "$work/code.png" <<'PY'
import struct, sys, zlib
lines = open(sys.argv[1]).read().split("\n")
width, height = map(int, lines[1].split())
rows = b"".join(b"\0" + bytes(0 if dot == "1" else 255 for dot in line) for line in lines[2:2 + height])
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open(sys.argv[2], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                              + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PY
}

# The page and the file have the same key. The page fits on paper.
program 0 keygen --paper key.txt
cp "$work/out" "$work/page"
comes_back "$work/page" "$(age-keygen -y key.txt)"
grep -v '^#' key.txt | cmp - typed.txt || fail "the page has another key than the file"
says out "public key     $(age-keygen -y key.txt)"
[ "$(wc -l <"$work/page")" -le 60 ] || fail "the page has $(wc -l <"$work/page") lines"
[ "$(LC_ALL=C.UTF-8 wc -L <"$work/page")" -le 88 ] || fail "the page has $(LC_ALL=C.UTF-8 wc -L <"$work/page") columns"

# Once more of the file, and at a terminal of any width as it is.
program 0 keygen --paper --show key.txt
cp "$work/out" "$work/page"
comes_back "$work/page" "$(age-keygen -y key.txt)"
"$at_terminal" -- bash -c "stty cols 40; $IMMICH_BACKUP keygen --paper --show key.txt" >"$work/out"
diff "$work/page" "$work/out" || fail "a narrow terminal changes the page"

# Of a file with a passphrase, the page has the key without one, and says so.
"$at_terminal" 'New passphrase of' $'swordfish\n' 'The same again' $'swordfish\n' -- bash -c "$IMMICH_BACKUP keygen --paper --passphrase protected.txt >page" >"$work/out" ||
  fail "keygen --paper --passphrase: $(cat "$work/out")"
grep -q 'This page needs none: it has the unprotected key' page || fail "the page does not say that it needs no passphrase: $(cat page)"
"$at_terminal" 'Passphrase of' $'swordfish\n' -- "$IMMICH_BACKUP" keygen --show protected.txt >"$work/shown"
public=$(grep -oE 'age1[0-9a-z]{58}' "$work/shown")
comes_back page "$public"
! grep -q swordfish page || fail "the page has the passphrase"

# JSON never has a secret. A page that cannot be printed leaves the file, of which another can be printed.
program 2 keygen --paper --json none.txt
program 2 keygen --paper --show --json key.txt
json .problems[0].code invalid
[ ! -e none.txt ] || fail "a key was made"
status=0
"$IMMICH_BACKUP" keygen --paper full.txt >/dev/full 2>"$work/err" || status=$?
[ "$status" -eq 1 ] || fail "without room for the page: exit status $status"
program 0 keygen --paper --show full.txt
cp "$work/out" "$work/page"
comes_back "$work/page" "$(age-keygen -y full.txt)"
