import ExpandableSection, {
  type ExpandableSectionProps,
} from "@cloudscape-design/components/expandable-section";
import { useState } from "react";
import { usePrinting } from "./use-printing";

/** A section that the user opens and closes. On paper it is open. */
export function Expandable({ defaultExpanded = false, ...props }: ExpandableSectionProps) {
  const [expanded, setExpanded] = useState(defaultExpanded);
  const printing = usePrinting();
  return (
    <ExpandableSection
      {...props}
      expanded={expanded || printing}
      onChange={({ detail }) => setExpanded(detail.expanded)}
    />
  );
}
