import { type Fields, urlsOf } from "./form";

/**
 * Merges the changes of two sides since their common base: what either has added is kept, what either has removed is
 * not. The toggle follows the side that changed it. URLs are in the order of their side, then of ours.
 */
export function mergeFields(base: Fields, theirs: Fields, mine: Fields): Fields {
  const [before, other, own] = [base, theirs, mine].map(({ urls }) => urlsOf(urls)) as [
    string[],
    string[],
    string[],
  ];
  const kept = other.filter((url) => own.includes(url) || !before.includes(url));
  const added = own.filter((url) => !before.includes(url) && !kept.includes(url));
  return {
    enabled: mine.enabled === base.enabled ? theirs.enabled : mine.enabled,
    urls: [...kept, ...added].join("\n"),
  };
}
