/** Help of the overview. */
export const HELP = (
  <>
    <p>
      One delivery is one event to one endpoint. The figures are of the time range that is chosen, and live.
    </p>
    <dl>
      <dt>Deliveries</dt>
      <dd>Those whose instance changed within the range, whatever became of them.</dd>
      <dt>Success rate</dt>
      <dd>Of the deliveries that are over, how many were taken. What is pending does not count yet.</dd>
      <dt>Backlog now</dt>
      <dd>What waits for all endpoints together, from whatever time.</dd>
      <dt>Latency</dt>
      <dd>
        How long receivers took to answer the last attempt of each delivery. Half of them were as fast as p50
        or faster, 95 of 100 as p95, 99 of 100 as p99.
      </dd>
    </dl>
    <p>The charts can be walked through with the arrow keys, and stand below as a table.</p>
  </>
);
