import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useWorkspace } from "../workspace";
import { usePage } from "./page";
import { useRouterLink } from "./use-router-link";

export default function NotFound() {
  usePage("Not found", null);
  const { paths } = useWorkspace();
  return (
    <Box textAlign="center" padding="xxl">
      <Box variant="h1">Page not found</Box>
      <Box padding="s">The address may be mistyped, or belong to another version of the console.</Box>
      <Link href={paths.overview} onFollow={useRouterLink()}>
        Go to Overview
      </Link>
    </Box>
  );
}
