import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import { LOADING } from "../labels/views";

/** Shows that data is being loaded. */
export function Loading({ label = LOADING }: { label?: string }) {
  return (
    <Box padding="l" textAlign="center" color="text-status-inactive">
      <div role="status">
        <Spinner /> {label}
      </div>
    </Box>
  );
}
