import { useSearchParams } from "react-router";
import { EVENT_TYPES } from "../labels/reasons";
import type { EventType } from "./form";

export type Topic = EventType | "receivers";

/** Returns the open help topic, which is a parameter of the page's URL. */
export function useHelp() {
  const [parameters, setParameters] = useSearchParams();
  const requested = parameters.get("help");
  const topic = ([...EVENT_TYPES, "receivers"] as const).find((topic) => topic === requested);
  const show = (next: Topic | undefined) =>
    setParameters(next ? { help: next } : {}, { replace: true, preventScrollReset: true });
  return {
    topic,
    toggle: (next: Topic) => show(next === topic ? undefined : next),
    close: () => show(undefined),
  };
}
