import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { lazy, Suspense, useState } from "react";
import { HOUR_MS, PAUSE_ITEMS, pauseEnd } from "./pause";

const PauseUntilDialog = lazy(() => import("./pause-until-dialog"));

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
          <PauseUntilDialog
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
