import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";

interface Props {
  delivery: Schemas["DeliveryWithAttempts"];
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
  takesFocus: boolean;
  onFocused: () => void;
}

/** Names the delivery, and leads to the one before and after it in the list. */
export function Title({ delivery: { instanceID, eventType }, previous, next, takesFocus, onFocused }: Props) {
  const title = useRef<HTMLSpanElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the delivery is shown
  useEffect(() => {
    if (takesFocus) {
      title.current?.focus();
    }
    onFocused();
  }, []);
  return (
    <Header
      variant="h2"
      actions={
        <SpaceBetween direction="horizontal" size="xxs">
          <Button
            variant="icon"
            iconName="angle-up"
            ariaLabel="Previous delivery (K)"
            disabled={!previous}
            onClick={previous}
          />
          <Button
            variant="icon"
            iconName="angle-down"
            ariaLabel="Next delivery (J)"
            disabled={!next}
            onClick={next}
          />
        </SpaceBetween>
      }
    >
      <span ref={title} tabIndex={-1} className="takes-focus">
        {instanceID}, {eventType}
      </span>
    </Header>
  );
}
