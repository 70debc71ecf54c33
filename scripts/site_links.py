"""A hook of mkdocs: links that leave docs/ lead to the repository."""
import os
import re

REPOSITORY = 'https://github.com/immich-backup/immich-backup/blob/main/'


def on_page_markdown(markdown, page, config, files):
    folder = os.path.dirname(page.file.src_path)
    known = {file.src_path for file in files}

    def link(match):
        target, _, fragment = match.group(1).partition('#')
        if not target or ':' in target:
            return match.group(0)
        path = os.path.normpath(os.path.join('docs', folder, target))
        if path.startswith('docs/') and path[len('docs/'):] in known:
            return match.group(0)
        return '](' + REPOSITORY + path + ('#' + fragment if fragment else '') + ')'

    return re.sub(r'\]\(([^()\s]+)\)', link, markdown)
