import Flashbar from "@cloudscape-design/components/flashbar";
import { useAllNotices } from "./notices";

/** Shows the notices above the view. */
export function NoticesBar() {
  const { items, dismiss } = useAllNotices();
  return (
    <Flashbar
      stackItems
      items={items.map((item) => ({
        ...item,
        dismissible: !item.loading,
        dismissLabel: "Dismiss",
        onDismiss: () => dismiss(item.id),
        statusIconAriaLabel: item.type,
      }))}
    />
  );
}
