import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import { lazy, Suspense, useState } from "react";

const TimeDialog = lazy(() => import("./time-dialog"));

const HOUR_MS = 3_600_000;

/** Durations of a pause, in hours. */
const HOURS: Record<string, number> = { "1h": 1, "4h": 4 };

export const PAUSE_ITEMS: ButtonDropdownProps.Item[] = [
  { id: "open", text: "Until I resume it" },
  { id: "1h", text: "For 1 hour" },
  { id: "4h", text: "For 4 hours" },
  { id: "date", text: "Until a date…" },
];

/** Returns the end of a pause of that item; `undefined` for a pause without an end. */
export function pauseEnd(item: string, now = Date.now()): string | undefined {
  const hours = HOURS[item];
  return hours === undefined ? undefined : new Date(now + hours * HOUR_MS).toISOString();
}

interface Props {
  text?: string;
  ariaLabel: string;
  disabled?: boolean;
  loading: boolean;
  /** Without a time the pause lasts until it is ended. */
  onPause: (until: string | undefined) => void;
}

/** Pauses endpoints: until a user resumes them, for a time, or until a date. */
export function PauseMenu({ text = "Pause…", ariaLabel, disabled, loading, onPause }: Props) {
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <ButtonDropdown
        items={PAUSE_ITEMS}
        ariaLabel={ariaLabel}
        disabled={disabled}
        loading={loading}
        expandToViewport
        onItemClick={({ detail }) =>
          detail.id === "date" ? setChoosing(true) : onPause(pauseEnd(detail.id))
        }
      >
        {text}
      </ButtonDropdown>
      {choosing && (
        <Suspense fallback={null}>
          <TimeDialog
            title="Pause until"
            description="Events are kept, and are delivered in order from then on."
            confirmText="Pause"
            past={false}
            initial={new Date(Date.now() + 24 * HOUR_MS)}
            onCancel={() => setChoosing(false)}
            onConfirm={(until) => {
              setChoosing(false);
              onPause(until);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
