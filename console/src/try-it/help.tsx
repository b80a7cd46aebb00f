/** Help of the view "Try it". */
export const HELP = (
  <>
    <p>
      Everything here happens on this machine: the instance table is in the embedded DynamoDB, its stream is
      read by the same code as on AWS, and the built-in receiver stands where your application would.
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
      write to the table on this machine are called back too.
    </p>
    <h3>When something fails</h3>
    <p>
      Have the receiver fail, and look at Deliveries: what was not acknowledged is pending there with every
      attempt, and is retried by itself. An endpoint that misses five different deliveries in a row is
      failing: when the receiver works again, resume it under Endpoints, or wait for the next try.
    </p>
  </>
);
