import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useState } from "react";
import { apiFilter, type Filter, isEmpty } from "../filter";
import type { Delivery } from "../log";
import { deliveryCount } from "./labels";
import { withoutPending } from "./matching";
import { ReplayMatching } from "./replay-matching";
import { ReplaySelected } from "./replay-selected";

interface Props {
  filter: Filter;
  selected: Delivery[];
  onReplayed: () => void;
}

/** Offers a replay of the selected deliveries, or of all that match the filter. */
export function ReplayButton({ filter, selected, onReplayed }: Props) {
  const [open, setOpen] = useState<"selected" | "matching">();
  const close = () => setOpen(undefined);
  return (
    <>
      <ButtonDropdown
        items={[
          {
            id: "selected",
            text: selected.length > 0 ? `Selected: ${deliveryCount(selected.length)}` : "Selected deliveries",
            disabled: selected.length === 0,
            disabledReason: "Select deliveries first",
          },
          {
            id: "matching",
            text: "Everything that matches the filter",
            disabled: isEmpty(filter) || !withoutPending(apiFilter(filter)),
            disabledReason: isEmpty(filter)
              ? "Set a filter first: without one, the whole log would be replayed"
              : "Pending deliveries are still to be sent",
          },
        ]}
        onItemClick={({ detail }) => setOpen(detail.id === "selected" ? "selected" : "matching")}
        expandToViewport
      >
        Replay
      </ButtonDropdown>
      {open === "selected" && (
        <ReplaySelected
          selected={selected}
          onClose={(replayed) => {
            close();
            if (replayed) {
              onReplayed();
            }
          }}
        />
      )}
      {open === "matching" && <ReplayMatching filter={filter} onClose={close} />}
    </>
  );
}
