/** Help of the overview. */
export const HELP = (
  <>
    <p>A delivery is one event for one endpoint. The figures cover the selected time range and are live.</p>
    <dl>
      <dt>Deliveries</dt>
      <dd>Deliveries whose instance changed within the range, whatever their status.</dd>
      <dt>Success rate</dt>
      <dd>
        Share of the due deliveries that were delivered. Failed ones and those that wait for a retry count as
        not delivered; those of paused endpoints are not due.
      </dd>
      <dt>Waiting now</dt>
      <dd>Pending deliveries of all endpoints, whatever their time. Red: an endpoint is failing.</dd>
      <dt>Latency</dt>
      <dd>
        Response time of the last attempt of each delivery: 50% of the responses took at most p50, 95% at most
        p95, 99% at most p99.
      </dd>
    </dl>
    <p>The charts can be navigated with the arrow keys. A table below has the same data.</p>
  </>
);
