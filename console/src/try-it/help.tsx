/** Help of the view "Try it". */
export const HELP = (
  <>
    <p>
      Everything here happens on this machine: the instance table is in the embedded DynamoDB, its stream is
      read by the same code as on AWS, and the built-in receiver takes the place of your application.
    </p>
    <h3>What you see</h3>
    <p>
      An instance is created, updated or deleted; its change goes through the table’s stream; each configured
      URL gets a <code>GET</code> with <code>instanceID</code>, <code>processName</code> and{" "}
      <code>eventType</code>.
    </p>
    <h3>With your own application</h3>
    <p>
      Add its URL under Instance Callback URLs, and press the buttons here. Instances that other programs
      write to the table cause callbacks too.
    </p>
    <h3>When something fails</h3>
    <p>
      Make the receiver fail, and see Deliveries: what was not acknowledged is pending there with all its
      attempts, and is retried automatically. An endpoint that misses five different deliveries in a row is
      failing: once the receiver is fixed, resume the endpoint under Endpoints, or wait for the next attempt.
    </p>
  </>
);
