import "./list-table.css";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useMemo } from "react";
import { useNarrow } from "./use-narrow";

/**
 * Shows a list as a table, and in a narrow window as cards: the same rows, with the column's header beside each value.
 * The markup stays that of a table, so that screen readers announce the same headers in both.
 */
export function ListTable<T>(props: TableProps<T>) {
  const narrow = useNarrow();
  const { columnDefinitions } = props;
  const cells = useMemo(() => columnDefinitions.map(cardCell), [columnDefinitions]);
  return (
    <div className={narrow ? "cards" : undefined}>
      <Table
        {...props}
        {...(narrow && {
          columnDefinitions: cells,
          resizableColumns: false,
          stickyHeader: false,
          stickyColumns: undefined,
          wrapLines: true,
          // Cells are not beside each other, so that arrow keys would go astray. Tab reaches every link and button.
          enableKeyboardNavigation: false,
        })}
      />
    </div>
  );
}

/** Returns a column whose cells show its header. The row's header is the title of the card. */
function cardCell<T>(column: TableProps.ColumnDefinition<T>): TableProps.ColumnDefinition<T> {
  const { width: _width, minWidth: _minWidth, maxWidth: _maxWidth, ...rest } = column;
  return {
    ...rest,
    cell: (item) =>
      column.isRowHeader ? (
        <div className="card-title">{column.cell(item)}</div>
      ) : (
        <div className="card-value">
          {/* The table's own header is announced. */}
          <span aria-hidden="true">{column.header}</span>
          <div>{column.cell(item)}</div>
        </div>
      ),
  };
}
