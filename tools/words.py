"""Finds words in code and prose that a reader in this field stumbles over, and limits their number.

`tools/words.txt` lists the words with their replacements. `tools/words.json` has the number of them that each folder
still has: a ceiling that only falls. A folder that is not in it has none.

Usage: python3 tools/words.py            checks every tracked file
       python3 tools/words.py --lower    writes lower ceilings where words have gone; it raises none
       python3 tools/words.py --move local/src crates/new
                                         moves the ceiling of words in files that were moved
       python3 tools/words.py --list     prints each place
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = "tools/words.txt"
CEILINGS = "tools/words.json"

# History stays as it was written; lock files and generated files have no author; the last ones list the words.
LEFT_OUT = re.compile(
    r"CHANGELOG\.md|LICENSE|.*\.lock|.*package-lock\.json|.*requirements[\w-]*\.txt|docs/openapi\.json|console/src/api/schema\.d\.ts"
    r"|fuzz/corpus/.*|.*\.(png|svg|pem|der)|tools/words\.(txt|json|py)|tests/tools/test_words\.py"
)

# Between the words of a phrase: a blank, an underscore, or the end of a line with the comment marks after it.
GAP = r"(?:[ _]+|[ \t]*\n[ \t]*(?:[/#*!]+[ \t]*)?)"


def entries(text):
    """Returns the words and phrases, each with its advice."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            words, _, advice = line.partition("->")
            for word in words.split(","):
                found[word.strip()] = advice.strip()
    return found


def pattern(words):
    """Returns a pattern that matches any of them, but not within a longer word; names in snake_case have words in them,
    too."""
    phrases = sorted((GAP.join(map(re.escape, word.split())) for word in words), key=len, reverse=True)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(phrases)})(?![a-z])", re.IGNORECASE)


def places(text, words):
    """Yields each word in a text, with the number of its line."""
    for match in words.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, " ".join(re.sub(r"[\s_/#*!]+", " ", match[0]).lower().split())


def folder(path):
    """Returns the folder that a file is counted with: its own, two levels at most; a file at the root by itself."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0] if len(parts) == 2 else path


def verdict(counts, ceilings):
    """Returns the folders with more words than their ceiling, and the folders with fewer."""
    risen = {name: (counts[name], ceilings.get(name, 0)) for name in sorted(counts) if counts[name] > ceilings.get(name, 0)}
    fallen = {name: (counts.get(name, 0), most) for name, most in sorted(ceilings.items()) if counts.get(name, 0) < most}
    return risen, fallen


def lowered(counts, ceilings):
    """Returns the ceilings, none of them higher than before, without those that have become zero."""
    now = {name: min(counts.get(name, 0), most) for name, most in ceilings.items()}
    return {name: most for name, most in sorted(now.items()) if most}


def moved(counts, ceilings, source, target):
    """Returns the ceilings after files were moved: the target's excess, taken from the source's remainder."""
    excess = counts.get(target, 0) - ceilings.get(target, 0)
    left = ceilings.get(source, 0) - counts.get(source, 0)
    if not 0 < excess <= left:
        raise ValueError(f"{target} has {max(excess, 0)} words too many, and {source} {max(left, 0)} fewer than its ceiling")
    now = ceilings | {source: ceilings[source] - excess, target: ceilings.get(target, 0) + excess}
    return {name: most for name, most in sorted(now.items()) if most}


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    return [path for path in listed.split("\0") if path and not LEFT_OUT.fullmatch(path)]


def search(root, words):
    """Returns every place, by folder."""
    found = defaultdict(list)
    for path in tracked(root):
        file = root / path
        if not file.is_file():
            continue  # removed, and not committed yet
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # bytes
        found[folder(path)] += [(path, line, word) for line, word in places(text, words)]
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lower", action="store_true", help="write lower ceilings where words have gone")
    parser.add_argument("--move", nargs=2, metavar=("FROM", "TO"), help="files were moved from one folder to another")
    parser.add_argument("--list", action="store_true", help="print each place")
    return parser.parse_args()


def main():
    asked = arguments()
    advice = entries((ROOT / WORDS).read_text())
    found = search(ROOT, pattern(advice))
    counts = Counter({name: len(them) for name, them in found.items() if them})
    ceilings = json.loads((ROOT / CEILINGS).read_text())
    if asked.list:
        for name in sorted(found):
            for path, line, word in found[name]:
                print(f"{path}:{line}: {word}")
    if asked.move:
        try:
            ceilings = moved(counts, ceilings, *asked.move)
        except ValueError as error:
            sys.exit(f"words: {error}")
    if asked.lower:
        ceilings = lowered(counts, ceilings)
    if asked.lower or asked.move:
        (ROOT / CEILINGS).write_text(json.dumps(ceilings, indent=2) + "\n")
    risen, fallen = verdict(counts, ceilings)
    for name, (count, most) in risen.items():
        print(f"{name} has {count} of the words of {WORDS}, and may have {most}:")
        for path, line, word in found[name]:
            print(f"  {path}:{line}: {word} -> {advice.get(word, 'see ' + WORDS)}")
    for name, (count, most) in fallen.items():
        print(f"{name} has {count} of the words of {WORDS}; its ceiling is still {most}. Lower it: python3 tools/words.py --lower")
    if risen or fallen:
        sys.exit(1)
    print(f"{sum(counts.values())} words of {WORDS} are left, in {len(counts)} folders")


if __name__ == "__main__":
    main()
