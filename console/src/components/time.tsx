import { useEffect, useState } from "react";
import { exactTime, relativeTime, shortTime } from "../labels/time";

/** Shows a time in the user's time zone, with milliseconds on hover. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {shortTime(at)}
    </time>
  );
}

/** Shows a relative time, up to date to the second. A second that does not change the text renders nothing. */
export function RelativeTime({ at }: { at: string }) {
  const [text, setText] = useState(() => relativeTime(at, Date.now()));
  useEffect(() => {
    const update = () => setText(relativeTime(at, Date.now()));
    update();
    const timer = setInterval(update, 1_000);
    return () => clearInterval(timer);
  }, [at]);
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}
