import DateInput from "@cloudscape-design/components/date-input";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TimeInput from "@cloudscape-design/components/time-input";
import { useState } from "react";
import { ConfirmDialog } from "../components/confirm-dialog";

interface Props {
  initial: Date;
  onCancel: () => void;
  /** Receives the time in the API's format. */
  onConfirm: (at: string) => void;
}

/** Asks for the end of a pause: a date and a time in the future, in the user's time zone. */
export default function PauseUntilDialog({ initial, onCancel, onConfirm }: Props) {
  const [date, setDate] = useState(() => localDate(initial));
  const [time, setTime] = useState(() => localTime(initial));
  const [errorText, setErrorText] = useState<string>();
  const confirm = () => {
    const at = new Date(`${date}T${time}`);
    const valid = !Number.isNaN(at.getTime()) && at.getTime() > Date.now();
    if (valid) {
      onConfirm(at.toISOString());
    } else {
      setErrorText("Enter a time in the future");
    }
  };
  return (
    <ConfirmDialog title="Pause until" confirmText="Pause" onCancel={onCancel} onConfirm={confirm}>
      <FormField
        description="Events are kept, and are delivered in order from then on."
        errorText={errorText}
        stretch
      >
        <SpaceBetween direction="horizontal" size="s">
          <FormField label="Date" constraintText="YYYY/MM/DD">
            <DateInput
              value={date}
              placeholder="YYYY/MM/DD"
              onChange={({ detail }) => setDate(detail.value)}
            />
          </FormField>
          <FormField label="Time" constraintText="24 hours, in your time zone">
            <TimeInput
              value={time}
              format="hh:mm"
              placeholder="hh:mm"
              onChange={({ detail }) => setTime(detail.value)}
            />
          </FormField>
        </SpaceBetween>
      </FormField>
    </ConfirmDialog>
  );
}

const two = (n: number) => String(n).padStart(2, "0");

/** Formats the local date of a time as `YYYY-MM-DD`. */
export const localDate = (at: Date) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** Formats the local time as `hh:mm`. */
export const localTime = (at: Date) => `${two(at.getHours())}:${two(at.getMinutes())}`;
