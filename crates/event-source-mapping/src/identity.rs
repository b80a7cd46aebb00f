//! The identity that deleted an item, also in the spelling of Lambda's events.
//!
//! In responses of DynamoDB Streams the members of [`Identity`] are `PrincipalId` and `Type`; in the event that Lambda
//! makes of them, and in the examples of the documentation, they are `principalId` and `type`. Some engines, the
//! embedded one among them, use the second spelling in their responses as well, where the SDK finds an identity without
//! members.

use aws_sdk_dynamodbstreams::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::FinalizerInterceptorContextMut},
    error::BoxError,
    operation::get_records::GetRecordsOutput,
    types::{Identity, Record},
};
use serde::Deserialize;

/// Interceptor that reads identities which the SDK has left empty from the response's body again.
#[derive(Debug)]
pub(super) struct LowerCaseIdentity;

impl Intercept for LowerCaseIdentity {
    fn name(&self) -> &'static str {
        "LowerCaseIdentity"
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_empty = |identity: &Identity| identity.r#type().is_none() && identity.principal_id().is_none();
        let misread = |record: &Record| record.user_identity().is_some_and(is_empty);
        let output = |context: &FinalizerInterceptorContextMut<'_>| match context.output_or_error() {
            Some(Ok(output)) => {
                output.downcast_ref::<GetRecordsOutput>().is_some_and(|page| page.records().iter().any(misread))
            }
            _ => false,
        };
        if !output(context) {
            return Ok(());
        }
        let body = context.response().and_then(|response| response.body().bytes());
        let wire: Page = serde_json::from_slice(body.ok_or("the response was not kept")?)?;
        let Some(Ok(output)) = context.output_or_error_mut() else { return Ok(()) };
        let records = output.downcast_mut::<GetRecordsOutput>().and_then(|page| page.records.as_mut());
        for (record, wire) in records.into_iter().flatten().zip(wire.records).filter(|(record, _)| misread(record)) {
            record.user_identity = wire.user_identity.map(|identity| {
                Identity::builder().set_type(identity.r#type).set_principal_id(identity.principal_id).build()
            });
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    records: Vec<WireRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord {
    user_identity: Option<WireIdentity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIdentity {
    r#type: Option<String>,
    principal_id: Option<String>,
}
