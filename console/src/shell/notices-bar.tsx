import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import { useEffect, useState } from "react";
import { SUCCESS_NOTICE_MS, useAllNotices } from "./notices";

/** Shows the notices above the view. Those of success go after a while, but not under the pointer or the focus. */
export function NoticesBar() {
  const { items, dismiss } = useAllNotices();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) {
      return;
    }
    const timers = items
      .filter(({ type, loading }) => type === "success" && !loading)
      .map(({ id }) => setTimeout(() => dismiss(id), SUCCESS_NOTICE_MS));
    return () => timers.forEach(clearTimeout);
  }, [items, dismiss, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: reading is no interaction, it only stops the timers
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Flashbar
        stackItems
        items={items.map(({ action, ...item }) => ({
          ...item,
          action: action && <Button onClick={action.onClick}>{action.text}</Button>,
          dismissible: !item.loading,
          dismissLabel: "Dismiss",
          onDismiss: () => dismiss(item.id),
          statusIconAriaLabel: item.type,
        }))}
      />
    </div>
  );
}
