import { changesOf } from "./changes";
import { actionLabel, callerLabel, type Entry } from "./labels";

/** The entries in which each word of the filter stands, however it is written. */
export function filterEntries(entries: Entry[], filter: string): Entry[] {
  const terms = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const text = searchText(entry).toLowerCase();
    return terms.every((term) => text.includes(term));
  });
}

function searchText(entry: Entry): string {
  const changes = changesOf(entry).map(({ about, endpoint, text }) =>
    [about, endpoint?.origin, endpoint?.endpointID, text].join(" "),
  );
  const { caller, action } = entry;
  return [callerLabel(caller), caller.id, action, actionLabel(action), ...changes].join(" ");
}
