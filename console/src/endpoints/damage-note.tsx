import Box from "@cloudscape-design/components/box";
import type { Endpoint } from "./condition";
import { damageMessage } from "./damage";

/** What is damaged of an endpoint's record, what it means and what to do; nothing where it can be read. */
export function DamageNote({ endpoint: { health } }: { endpoint: Endpoint }) {
  if (health.state !== "damaged") {
    return null;
  }
  const { summary, meaning, advice } = damageMessage(health.attributes);
  return (
    <Box variant="small" color="text-body-secondary" display="block">
      {summary} {meaning} {advice}
    </Box>
  );
}
