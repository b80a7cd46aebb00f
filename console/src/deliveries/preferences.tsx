import CollectionPreferences, {
  type CollectionPreferencesProps,
} from "@cloudscape-design/components/collection-preferences";
import { useState } from "react";
import { COLUMNS } from "./columns";

const KEY = "deliveries";
const PAGE_SIZES = [20, 50, 100, 200];

export interface Preferences {
  pageSize: number;
  wrapLines: boolean;
  contentDisplay: readonly CollectionPreferencesProps.ContentDisplayItem[];
}

const DEFAULTS: Preferences = {
  pageSize: 50,
  wrapLines: false,
  contentDisplay: COLUMNS.map(({ id, optional }) => ({ id, visible: !optional })),
};

/** Returns the table preferences, stored in this browser. */
export function usePreferences() {
  const [preferences, setPreferences] = useState(stored);
  const save = (changed: Preferences) => {
    localStorage.setItem(KEY, JSON.stringify(changed));
    setPreferences(changed);
  };
  return { preferences, save };
}

/** Reads the stored preferences. Values that are missing or invalid in this version get their defaults. */
function stored(): Preferences {
  try {
    const kept: Partial<Preferences> = JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
    const ids = kept.contentDisplay?.map(({ id }) => id).sort();
    const fits = JSON.stringify(ids) === JSON.stringify(COLUMNS.map(({ id }) => id).sort());
    return {
      pageSize: PAGE_SIZES.find((size) => size === kept.pageSize) ?? DEFAULTS.pageSize,
      wrapLines: kept.wrapLines === true,
      contentDisplay: (fits && kept.contentDisplay) || DEFAULTS.contentDisplay,
    };
  } catch {
    return DEFAULTS;
  }
}

interface Props {
  preferences: Preferences;
  onChange: (preferences: Preferences) => void;
}

export function PreferencesButton({ preferences, onChange }: Props) {
  return (
    <CollectionPreferences
      preferences={preferences}
      onConfirm={({ detail }) => onChange({ ...preferences, ...detail })}
      pageSizePreference={{
        options: PAGE_SIZES.map((value) => ({ value, label: `${value} deliveries` })),
      }}
      wrapLinesPreference={{}}
      contentDisplayPreference={{
        title: "Columns",
        options: COLUMNS.map(({ id, header, alwaysVisible }) => ({ id, label: header, alwaysVisible })),
      }}
    />
  );
}
