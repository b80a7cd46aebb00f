import { changesOf } from "./changes";
import { actionWords, callerWords, type Entry } from "./labels";

/** The entries in which each word of the filter stands, however it is written. */
export function matching(entries: Entry[], filter: string): Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const text = textOf(entry).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function textOf(entry: Entry): string {
  const changes = changesOf(entry).map(({ about, endpoint, text }) =>
    [about, endpoint?.origin, endpoint?.endpointID, text].join(" "),
  );
  const { caller, action } = entry;
  return [callerWords(caller), caller.id, action, actionWords(action), ...changes].join(" ");
}
