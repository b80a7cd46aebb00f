import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useEffect, useRef } from "react";
import { capitalised } from "../labels/text";
import { HelpOnEvent } from "./help-on-event";
import { HelpOnReceivers } from "./help-on-receivers";
import type { Topic } from "./use-help";

/** Shows a help topic beside the fields, or below them on narrow screens. */
export default function Help({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const title = topic === "receivers" ? "How callbacks work" : `${capitalised(topic)} callbacks`;
  const heading = useRef<HTMLSpanElement>(null);
  const opener = useRef<Element>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: moves the focus when the topic changes
  useEffect(() => {
    opener.current = document.activeElement;
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "start" });
  }, [topic]);
  useEffect(
    () => () => {
      if (opener.current instanceof HTMLElement) {
        opener.current.focus();
      }
    },
    [],
  );
  return (
    <section className="dialog-help" aria-label="Help">
      <div className="dialog-help-title">
        <Box variant="h2">
          <span ref={heading} tabIndex={-1}>
            {title}
          </span>
        </Box>
        <Button variant="icon" iconName="close" ariaLabel="Close help" onClick={onClose} />
      </div>
      {topic === "receivers" ? <HelpOnReceivers /> : <HelpOnEvent eventType={topic} />}
    </section>
  );
}
