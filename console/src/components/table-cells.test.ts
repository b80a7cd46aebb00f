import { expect, test } from "vitest";
import { isSameCell } from "./table-cells";

const store = {};
const cell = {
  item: {},
  column: {},
  isSelected: false,
  isEvenRow: true,
  stickyState: { store },
  onEditStart() {},
};

test("a cell whose row has only moved is the same", () => {
  const moved = { ...cell, isEvenRow: false, stickyState: { store }, onEditStart() {} };
  expect(isSameCell(cell, moved)).toBe(true);
});

test("a cell is another one if what it shows has changed", () => {
  for (const changed of [
    { item: {} },
    { column: {} },
    { isSelected: true },
    { wrapLines: true },
    { stickyState: { store: {} } },
    { isEditing: true },
  ]) {
    expect(isSameCell(cell, { ...cell, ...changed }), JSON.stringify(changed)).toBe(false);
  }
  const striped = { ...cell, stripedRows: true };
  expect(isSameCell(striped, { ...striped, isEvenRow: false })).toBe(false);
});
