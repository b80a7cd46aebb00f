import Box from "@cloudscape-design/components/box";
import type { Endpoint } from "./condition";
import { damageMessage } from "./damage";

/** Shows the damage of an endpoint's record and the next step, if it is damaged. */
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
