#!/usr/bin/env bash
# The documents make a site: mkdocs has nothing to complain of, each page is in its contents, links lead to a page and to a heading of it, and a
# browser that shows it asks nobody else.
. "$(dirname "$0")/lib.sh"
needs mkdocs python3

mkdocs build --quiet --strict --site-dir "$work/site" >"$work/out" 2>&1 || {
  ! grep -q 'Unrecognised theme' "$work/out" || skip "the theme is not installed (mkdocs-material)"
  cat "$work/out"
  fail "mkdocs complains"
}
while IFS= read -r page; do
  [[ $page == docs/adr/* ]] || grep -qE "^ +- (.*: )?${page#docs/}$" mkdocs.yml || fail "$page is not in the site's contents"
done < <(git ls-files 'docs/*.md')
# The pages that people see as docs/ on GitHub have the same headings.
python3 - "$work/site" >"$work/out" <<'PY' || { cat "$work/out"; fail "links lead nowhere, or out"; }
import os
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get('id'):
            self.ids.add(attributes['id'])
        if tag == 'a' and attributes.get('href'):
            self.links.append(attributes['href'])
        if tag in ('script', 'img', 'iframe') and attributes.get('src'):
            self.loads.append(attributes['src'])
        if tag == 'link' and attributes.get('rel') in ('stylesheet', 'preload', 'icon'):
            self.loads.append(attributes['href'])

site, pages, faults = sys.argv[1], {}, []
for folder, _, names in os.walk(site):
    for name in names:
        if name.endswith('.html'):
            path = os.path.join(folder, name)
            pages[path] = Page()
            pages[path].feed(open(path, encoding='utf-8').read())
for path, page in pages.items():
    if os.path.basename(path) == '404.html':
        continue
    for link in page.links:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = os.path.normpath(os.path.join(os.path.dirname(path), unquote(url.path))) if url.path else path
        if os.path.isdir(target):
            target = os.path.join(target, 'index.html')
        if not os.path.exists(target):
            faults.append(f'{path}: {link}: no such page')
        elif url.fragment and target in pages and unquote(url.fragment) not in pages[target].ids:
            faults.append(f'{path}: {link}: no such heading')
    faults += [f'{path}: loads {load}' for load in page.loads if urlsplit(load).netloc]
print('\n'.join(sorted(set(faults))))
print(len(pages), 'pages')
sys.exit(1 if faults or len(pages) < 30 else 0)
PY
tail -n 1 "$work/out"
