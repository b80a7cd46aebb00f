import Pagination from "@cloudscape-design/components/pagination";
import type { LiveLog } from "./use-live-log";

export function LogPagination({ log: { pages, next, goTo } }: { log: LiveLog }) {
  return (
    <Pagination
      currentPageIndex={pages.page}
      pagesCount={pages.count(next)}
      openEnd={next !== null}
      onChange={({ detail }) => goTo(detail.currentPageIndex)}
      ariaLabels={{
        nextPageLabel: "Next page",
        previousPageLabel: "Previous page",
        pageLabel: (page) => `Page ${page}`,
      }}
    />
  );
}
