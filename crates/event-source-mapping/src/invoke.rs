//! What a mapping drives: a function, as Lambda sees one.

/// A function that takes batches of stream records.
pub trait Invoke: Send + Sync + 'static {
    /// Hands over an event, the JSON that Lambda would send, and waits for the function's response, JSON as well.
    fn invoke(&self, event: String) -> impl Future<Output = Result<String, InvokeError>> + Send;
}

/// How an invocation can fail. Lambda's error handling [distinguishes the two][errors].
///
/// [errors]: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function ran and answered with an error, crashed, or took too long. This costs a retry attempt.
    #[error("the function failed: {0}")]
    Function(String),
    /// The function could not be run, being throttled for instance. Until a record is too old this is tried again.
    #[error("the function could not be invoked: {0}")]
    NotInvoked(String),
}
