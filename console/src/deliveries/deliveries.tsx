import { useCallback, useMemo, useRef, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { VIEWS } from "../labels/views";
import { usePage } from "../shell/page";
import { SidePanel } from "../shell/side-panel";
import { useWorkspace } from "../workspace";
import { Detail } from "./detail/detail";
import { usePanelKeys } from "./detail/use-panel-keys";
import { type Filter, readFilter, writeFilter } from "./filter";
import { HELP } from "./help";
import { LogTable } from "./log-table";

/** Shows the delivery log. Filter and open delivery are part of the page's URL. */
export default function Deliveries() {
  usePage(VIEWS.deliveries.title, HELP, "table");
  const { paths } = useWorkspace();
  const { deliveryID } = useParams();
  const [address] = useSearchParams();
  const navigate = useNavigate();
  const [rows, setRows] = useState<string[]>([]);
  const filter = useMemo(() => readFilter(address), [address]);
  const query = writeFilter(filter);
  const hrefOf = useCallback((id: string) => `${paths.delivery(id)}${query}`, [paths, query]);

  const position = deliveryID ? rows.indexOf(deliveryID) : -1;
  const step = (by: number) => {
    const other = position < 0 ? undefined : rows[position + by];
    return other === undefined ? undefined : () => navigate(hrefOf(other));
  };
  const [previous, next] = [step(-1), step(1)];
  const path = deliveryID ? paths.delivery(deliveryID) : paths.deliveries;
  const onFilter = useCallback(
    (changed: Filter) => navigate(`${path}${writeFilter(changed)}`),
    [navigate, path],
  );
  const close = useCallback(() => {
    navigate(`${paths.deliveries}${query}`);
    if (deliveryID) {
      focusRow(deliveryID);
    }
  }, [navigate, paths.deliveries, query, deliveryID]);
  usePanelKeys(deliveryID !== undefined, { previous, next, close });
  // A delivery that is in the address from the start leaves the focus where it is.
  const first = useRef(deliveryID);
  return (
    <>
      <LogTable filter={filter} onFilter={onFilter} hrefOf={hrefOf} openID={deliveryID} onRows={setRows} />
      {deliveryID && (
        <SidePanel title="Delivery" onClose={close}>
          <Detail
            key={deliveryID}
            deliveryID={deliveryID}
            previous={previous}
            next={next}
            takesFocus={first.current !== deliveryID}
            onFocused={() => {
              first.current = undefined;
            }}
          />
        </SidePanel>
      )}
    </>
  );
}

/** Focuses the link of a delivery's row, if the row is shown. */
function focusRow(deliveryID: string) {
  const row = document.querySelector(`[data-delivery="${CSS.escape(deliveryID)}"]`);
  row?.querySelector("a")?.focus();
}
