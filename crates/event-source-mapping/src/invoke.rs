//! The function that a mapping invokes.

/// A function that receives batches of stream records.
pub trait Invoke: Send + Sync + 'static {
    /// Invokes the function with an event, the JSON that Lambda would send, and returns its response, which is JSON as
    /// well.
    fn invoke(&self, event: String) -> impl Future<Output = Result<String, InvokeError>> + Send;
}

/// Error of an invocation. Lambda's error handling [distinguishes the two][errors].
///
/// [errors]: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function ran and returned an error, crashed, or exceeded its timeout. This costs a retry attempt.
    #[error("the function failed: {0}")]
    Function(String),
    /// The function could not be run, for example because it is throttled. The batch is sent again until its records
    /// are too old.
    #[error("the function could not be invoked: {0}")]
    NotInvoked(String),
}
