"""The links and the headings of a Markdown document, as GitHub and mdBook see them."""

import re

FENCE = re.compile(r"^( {0,3})(```+|~~~+).*?^ {0,3}\2[^\n]*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
# The text of a link may have an image in it.
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
ATTRIBUTE = re.compile(r"\b(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def without_code(text):
    """Returns the text without its code, line breaks kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])  # noqa: E731
    return SPAN.sub(blank, FENCE.sub(blank, text))


def links(text):
    """Yields the target of each link and picture, and the number of its line."""
    plain = without_code(text)
    for found in (LINK, ATTRIBUTE):
        for match in found.finditer(plain):
            yield plain.count("\n", 0, match.start()) + 1, match[1]


def spans(text):
    """Yields the content of each code span outside of code blocks, and the number of its line."""
    plain = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in SPAN.finditer(plain):
        yield plain.count("\n", 0, match.start()) + 1, match[2]


def slug(heading):
    """Returns the anchor that GitHub makes of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(text):
    """Returns the anchors of a document: of its headings, repeated ones numbered."""
    seen, found = {}, set()
    for match in HEADING.finditer(FENCE.sub("", text)):
        name = slug(match[1])
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found
