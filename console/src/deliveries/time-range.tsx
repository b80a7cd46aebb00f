import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import { LOCALE } from "../labels/time";
import { type Filter, isUnit, readLast, writeLast } from "./filter";

const LAST: DateRangePickerProps.RelativeOption[] = [
  { key: "15m", amount: 15, unit: "minute", type: "relative" },
  { key: "1h", amount: 1, unit: "hour", type: "relative" },
  { key: "6h", amount: 6, unit: "hour", type: "relative" },
  { key: "1d", amount: 1, unit: "day", type: "relative" },
  { key: "7d", amount: 7, unit: "day", type: "relative" },
  { key: "30d", amount: 30, unit: "day", type: "relative" },
];

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  label?: string;
}

/** Filters by time: that of the instance change, unless another label says so. */
export function TimeRange({ filter, onChange, label = "When the instance changed" }: Props) {
  return (
    <DateRangePicker
      value={pickedRange(filter)}
      onChange={({ detail }) => onChange(withRange(filter, detail.value))}
      relativeOptions={LAST}
      customRelativeRangeUnits={["minute", "hour", "day"]}
      isValidRange={validateRange}
      ariaLabel={label}
      locale={LOCALE}
      placeholder="Any time"
      absoluteFormat="long-localized"
      expandToViewport
      i18nStrings={{ clearButtonLabel: "Any time" }}
    />
  );
}

function pickedRange({ since, until, last }: Filter): DateRangePickerProps.Value | null {
  const relative = last && readLast(last);
  if (relative) {
    return { type: "relative", ...relative };
  }
  const [start, end] = [readTime(since), readTime(until)];
  if (start === undefined && end === undefined) {
    return null;
  }
  // The picker shows a range without an end as one until now, and takes an empty end for none.
  return {
    type: "absolute",
    startDate: (start ?? new Date(0)).toISOString(),
    endDate: (end ?? new Date()).toISOString(),
  };
}

function withRange(filter: Filter, value: DateRangePickerProps.Value | null): Filter {
  const { since: _, until: __, last: ___, ...rest } = filter;
  if (value?.type === "relative") {
    return isUnit(value.unit) ? { ...rest, last: writeLast(value.amount, value.unit) } : rest;
  }
  const [since, until] = [readTime(value?.startDate), readTime(value?.endDate)];
  return {
    ...rest,
    ...(since && { since: since.toISOString() }),
    ...(until && { until: until.toISOString() }),
  };
}

function validateRange(value: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (value?.type === "absolute") {
    const [start, end] = [readTime(value.startDate), readTime(value.endDate)];
    if (!start) {
      return { valid: false, errorMessage: "Choose the first day. Without a last day the range has no end" };
    }
    if (end && start >= end) {
      return { valid: false, errorMessage: "The end has to be after the start" };
    }
  }
  if (value?.type === "relative" && !(value.amount >= 1 && value.amount <= 99_999)) {
    return { valid: false, errorMessage: "Enter a number from 1 to 99,999" };
  }
  return { valid: true };
}

function readTime(text: string | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
