import { coarseTime, exactTime, relativeTime, shortTime } from "../labels/time";
import { SECONDS, TENS_OF_SECONDS, useTimedText } from "./clock";

interface Props {
  at: string;
}

/** Shows a time in the user's time zone, with milliseconds on hover. */
export const Time = ({ at }: Props) => <TimeText at={at} text={shortTime(at)} />;

/** Shows a relative time, up to date to the second. */
export function RelativeTime({ at }: Props) {
  return <TimeText at={at} text={useTimedText(SECONDS, (now) => relativeTime(at, now))} />;
}

/** Shows the time of what comes next, up to date to the second, and `past` once it is reached. */
export function NextTime({ at, past }: Props & { past: string }) {
  const text = (now: number) => (Date.parse(at) > now ? relativeTime(at, now) : past);
  return <TimeText at={at} text={useTimedText(SECONDS, text)} />;
}

/** Shows a past time in a long list, in steps of ten seconds. */
export function CoarseTime({ at }: Props) {
  return <TimeText at={at} text={useTimedText(TENS_OF_SECONDS, (now) => coarseTime(at, now))} />;
}

/** Shows the time of what comes next in a long list, in steps of ten seconds. A time in the past means now. */
export function CoarseNextTime({ at }: Props) {
  const text = (now: number) => (Date.parse(at) > now ? coarseTime(at, now) : "Now");
  return <TimeText at={at} text={useTimedText(TENS_OF_SECONDS, text)} />;
}

function TimeText({ at, text }: Props & { text: string }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}
