//! The path of a request, encoded again.

use lambda_http::LambdaEvent;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that are encoded in a path: all but the unreserved ones of RFC 3986, section 2.3, and the slash.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Encodes the path of an event, which an HTTP API has decoded.
///
/// `lambda_http` parses it as a part of a URL: a `#` would end it, and the query with it, a backslash would become a
/// slash, and a tab would be dropped.
pub(crate) fn encoded(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        request.raw_path = request.raw_path.take().map(|path| utf8_percent_encode(&path, PATH).to_string());
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::{Context, Request};

    /// Returns path and query of the request that the router is given for an event with this path.
    fn target(raw_path: &str) -> String {
        let event = include_str!("../../../tests/lambda/events/api-put-callbacks.json");
        let mut event: serde_json::Value = serde_json::from_str(event).unwrap();
        event["rawPath"] = raw_path.into();
        event["rawQueryString"] = "limit=5".into();
        let payload = serde_json::from_value(event).map(LambdaRequest::ApiGatewayV2).unwrap();
        let request: Request = encoded(LambdaEvent::new(payload, Context::default())).payload.into();
        request.uri().path_and_query().unwrap().to_string()
    }

    #[test]
    fn a_decoded_path_names_the_same_workspace() {
        for (raw, sent) in [
            ("/v1/workspaces/default/callbacks", "/v1/workspaces/default/callbacks"),
            ("/v1/workspaces/A & B #1/callbacks", "/v1/workspaces/A%20%26%20B%20%231/callbacks"),
            ("/v1/workspaces/Wörk/callbacks", "/v1/workspaces/W%C3%B6rk/callbacks"),
            ("/v1/workspaces/a\\b/callbacks", "/v1/workspaces/a%5Cb/callbacks"),
            ("/v1/workspaces/a\tb/callbacks", "/v1/workspaces/a%09b/callbacks"),
        ] {
            assert_eq!(target(raw), format!("{sent}?limit=5"));
        }
    }

    /// A workspace with one is not allowed, and must not become another one that is. Whether an HTTP API decodes `%25`
    /// is not documented.
    #[test]
    fn a_percent_sign_or_a_question_mark_stays_one() {
        for raw in ["/v1/workspaces/50%20off/callbacks", "/v1/workspaces/50%2520off/callbacks"] {
            assert!(target(raw).contains("50%25"), "{raw}");
        }
        assert_eq!(target("/v1/workspaces/a?b/callbacks"), "/v1/workspaces/a%3Fb/callbacks?limit=5");
    }
}
