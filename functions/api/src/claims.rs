//! The caller's claims from API Gateway's authorizer.

use lambda_http::request::RequestContext;
use webhooks_model::access::Claims;

/// Returns the claims that the JWT authorizer of an HTTP API has verified; `None` for any other authorizer.
pub(crate) fn of(context: &RequestContext) -> Option<Claims> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    let token = context.authorizer.as_ref()?.jwt.as_ref()?;
    Some(Claims::from_authorizer(&token.claims, token.scopes.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::RequestExt as _;
    use lambda_http::request::from_str;
    use webhooks_model::access::{AccessSettings, Permission};

    /// Returns the claims of the documented event of an HTTP API, with this `authorizer`.
    fn claims(authorizer: &str) -> Option<Claims> {
        let event = include_str!("../../../tests/lambda/events/api-put-callbacks.json");
        let (before, rest) = event.split_once(r#""authorizer": "#).unwrap();
        let (_, after) = rest.split_once(r#""domainName""#).unwrap();
        let event = format!(r#"{before}"authorizer": {authorizer}, "domainName"{after}"#);
        of(from_str(&event).unwrap().request_context_ref().unwrap())
    }

    fn may(claims: &Claims, permission: Permission, workspace: &str) -> bool {
        claims.may(permission, workspace, &AccessSettings::default()).is_ok()
    }

    /// As documented: API Gateway, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0.
    #[test]
    fn claims_come_from_the_jwt_authorizer() {
        let user = claims(
            r#"{"jwt": {"claims": {"sub": "5f3c", "email": "a@b.c", "cognito:groups": "[Guest Developer]",
                "custom:workspace": "acme"}, "scopes": null}}"#,
        )
        .unwrap();
        assert!(may(&user, Permission::SigningSecret, "acme") && !may(&user, Permission::CallbacksRead, "globex"));
        let caller = user.caller().unwrap();
        assert_eq!((&*caller.id, caller.name.as_deref()), ("5f3c", Some("a@b.c")));
    }

    #[test]
    fn a_machines_scopes_come_with_its_claims_or_beside_them() {
        for token in [
            r#"{"claims": {"sub": "m1", "client_id": "m1", "scope": "acme/callbacks:read"}, "scopes": null}"#,
            r#"{"claims": {"sub": "m1", "client_id": "m1"}, "scopes": ["acme/callbacks:read"]}"#,
        ] {
            let machine = claims(&format!(r#"{{"jwt": {token}}}"#)).unwrap();
            assert!(may(&machine, Permission::CallbacksRead, "acme"), "{token}");
            assert!(!may(&machine, Permission::CallbacksWrite, "acme"), "{token}");
        }
    }

    #[test]
    fn nothing_else_vouches_for_anybody() {
        for authorizer in [
            "null",
            "{}",
            r#"{"iam": {"accessKey": "AKIAIOSFODNN7EXAMPLE", "userArn": "arn:aws:iam::123456789012:user/a"}}"#,
            r#"{"lambda": {"sub": "5f3c", "claims": {"sub": "5f3c"}}}"#,
            r#"{"claims": {"sub": "5f3c"}}"#,
        ] {
            assert_eq!(claims(authorizer), None, "{authorizer}");
        }
        assert_eq!(claims(r#"{"jwt": {"claims": null}}"#).and_then(|claims| claims.caller()), None);
    }
}
