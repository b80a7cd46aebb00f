import Link from "@cloudscape-design/components/link";
import { RelativeTime } from "../components/time";
import { reasonLabel } from "../labels/reasons";
import { capitalised } from "../labels/text";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { useNewestFailure } from "./use-last-failure";

/** Shows the reason of the last failed attempt. */
export function LastReason({ endpoint }: { endpoint: Endpoint }) {
  const reason = useNewestFailure(endpoint)?.attempt.reason;
  return reason ? <>{reasonLabel(reason).title}. </> : null;
}

/** Shows the newest failed attempt, with the response and the next step. */
export function LastFailure({ endpoint }: { endpoint: Endpoint }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const newest = useNewestFailure(endpoint);
  if (!newest?.attempt.reason) {
    return null;
  }
  const { delivery, attempt } = newest;
  const { title, advice } = reasonLabel(newest.attempt.reason);
  return (
    <p>
      <b>{title}.</b> {attempt.detail && `${capitalised(attempt.detail)} `}(
      <Link href={paths.delivery(delivery.deliveryID)} onFollow={follow}>
        the last attempt
      </Link>
      , <RelativeTime at={attempt.at} />
      ). {advice}
    </p>
  );
}
