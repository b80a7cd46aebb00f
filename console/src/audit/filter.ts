import { changesOf } from "./changes";
import { actionLabel, callerLabel, type Entry } from "./labels";

/** Returns the entries that contain every word of the filter, case-insensitively. */
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
