import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Schemas } from "../api/client";
import { ListTable } from "../components/list-table";
import { RelativeTime, Time } from "../components/time";
import { SecretValue } from "./secret-value";

/** A previous secret, or a previous key, whose value is never shown. */
type Previous = Schemas["PreviousKey"] & Partial<Schemas["PreviousSecret"]>;

const COLUMNS: TableProps.ColumnDefinition<Previous>[] = [
  {
    id: "fingerprint",
    header: "Fingerprint",
    isRowHeader: true,
    cell: ({ fingerprint }) => <Box variant="code">{fingerprint}</Box>,
  },
  {
    id: "expires",
    header: "Expires",
    cell: ({ expiresAt }) => (
      <>
        <RelativeTime at={expiresAt} /> (<Time at={expiresAt} />)
      </>
    ),
  },
];

const SECRET: TableProps.ColumnDefinition<Previous> = {
  id: "secret",
  header: "Secret",
  cell: ({ secret, fingerprint }) => secret && <SecretValue secret={secret} name={`secret ${fingerprint}`} />,
};

/** Lists previous secrets or keys that are still valid. */
export function PreviousTable({ title, previous }: { title: string; previous: Previous[] }) {
  const hasSecrets = previous.some(({ secret }) => secret !== undefined);
  return (
    <ListTable
      variant="borderless"
      header={
        <Header
          variant="h3"
          counter={`(${previous.length})`}
          description="Still used for signing until they expire"
        >
          {title}
        </Header>
      }
      ariaLabels={{ tableLabel: title }}
      enableKeyboardNavigation
      wrapLines
      items={previous}
      trackBy="fingerprint"
      columnDefinitions={hasSecrets ? [...COLUMNS, SECRET] : COLUMNS}
    />
  );
}
