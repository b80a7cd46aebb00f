import Button from "@cloudscape-design/components/button";
import { useMutation } from "@tanstack/react-query";
import { errorMessage } from "../api/problem";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import { csvOf } from "./csv";
import { apiFilter, type Filter } from "./filter";
import type { Entry } from "./labels";
import { fetchPage } from "./use-audit";

/** Maximum number of entries in an export. */
const MAX_ENTRIES = 10_000;

/** Saves all entries that the filter matches as CSV. */
export function ExportButton({ filter }: { filter: Filter }) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const exporting = useMutation({
    mutationFn: () => fetchAll(workspace, filter),
    onSuccess: ({ entries, more }) => {
      save(`audit-${workspace}.csv`, csvOf(entries));
      const content = more
        ? `Exported the newest ${entries.length} entries. Choose a time range to export older ones`
        : `Exported ${entries.length === 1 ? "1 entry" : `${entries.length} entries`}`;
      notify({ id: "audit-export", type: more ? "warning" : "success", content });
    },
    onError: (error) =>
      notify({
        id: "audit-export",
        type: "error",
        content: `Nothing was exported: ${errorMessage(error).detail}`,
      }),
  });
  return (
    <Button iconName="download" loading={exporting.isPending} onClick={() => exporting.mutate()}>
      Export CSV
    </Button>
  );
}

async function fetchAll(workspace: string, filter: Filter): Promise<{ entries: Entry[]; more: boolean }> {
  const entries: Entry[] = [];
  const resolved = apiFilter(filter);
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof fetchPage>> = await fetchPage(workspace, {
      ...resolved,
      limit: 200,
      ...(cursor && { cursor }),
    });
    entries.push(...page.entries);
    cursor = page.next;
  } while (cursor && entries.length < MAX_ENTRIES);
  return { entries, more: cursor !== null };
}

function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
