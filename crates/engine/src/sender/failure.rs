//! Classification of responses and errors. Pure, and by types only, never by the text of an error.

use std::error::Error;
use std::io::{self, ErrorKind};

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use url::{Position, Url};

use super::frames::TooManyFrames;
use super::lookup::LookupError;
use super::records::KeysChanged;
use webhooks_model::address::NotAllowed;
use webhooks_model::attempt::{Failure, Reason};
use webhooks_model::cut::cut;

/// Maximum length of a redirect's URL in the text of a failure, in characters. The response headers have it whole.
const LOCATION_CHARACTERS: usize = 200;

/// Returns the failure of a response to a request for this URL; `None` for 2xx.
pub(super) fn of_response(status: StatusCode, headers: &HeaderMap, url: &Url) -> Option<Failure> {
    if status.is_success() {
        return None;
    }
    let answered = format!("answered {}", phrase(status));
    Some(if status.is_redirection() {
        let to = location(headers, url).map(|location| format!(" to {location}")).unwrap_or_default();
        Failure { reason: Reason::Redirect, detail: format!("{answered}{to}; redirects are not followed") }
    } else {
        Failure { reason: Reason::Status, detail: answered }
    })
}

/// Returns the URL that a redirect names, without user, password and query: they may be tokens.
fn location(headers: &HeaderMap, url: &Url) -> Option<String> {
    let location = url.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let query = if location.query().is_some() { "?…" } else { "" };
    let shown = format!(
        "{}://{}{}{query}",
        location.scheme(),
        &location[Position::BeforeHost..Position::AfterPort],
        location.path()
    );
    Some(cut(&shown, LOCATION_CHARACTERS).into_owned())
}

fn phrase(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Returns the failure of a request that could not be made.
pub(super) fn of_no_request(error: &http::Error) -> Failure {
    Failure { reason: Reason::Other, detail: format!("no request could be made: {error}") }
}

/// Returns the failure of a request that is not allowed and was not sent.
pub(super) fn of_not_allowed(not_allowed: NotAllowed) -> Failure {
    Failure { reason: Reason::AddressNotAllowed, detail: not_allowed.to_string() }
}

/// Returns the failure of a request that was not sent for lack of a connection thread.
pub(super) fn of_no_thread(error: &io::Error) -> Failure {
    Failure { reason: Reason::Other, detail: format!("no thread could be started to send the request: {error}") }
}

/// Returns the failure of an attempt whose connection thread has ended.
pub(super) fn of_broken_off() -> Failure {
    Failure { reason: Reason::Other, detail: "the attempt broke off".to_owned() }
}

/// Returns the failure of an attempt without a response. The innermost cause that has a class decides.
pub(super) fn of_error(error: &(dyn Error + 'static)) -> Failure {
    let mut failure = Failure { reason: Reason::Other, detail: "the request failed".to_owned() };
    for cause in causes(error) {
        if let Some(found) = classify(cause) {
            failure = found;
        }
    }
    failure
}

/// Returns whether the receiver says that it has not processed the request: it refused the stream, or closes the
/// connection gracefully (RFC 9113, section 8.7).
pub(super) fn is_unprocessed(error: &(dyn Error + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        let graceful = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        error.is_remote() && (refused || graceful)
    })
}

/// Returns whether the connection was closed or reset before a response: the receiver has not reacted to the request.
pub(super) fn is_lost_connection(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            is_end_of_connection(error)
        } else if let Some(error) = cause.downcast_ref::<h2::Error>() {
            error.get_io().is_some_and(is_end_of_connection)
        } else if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            has_ended(error)
        } else {
            false
        }
    })
}

fn is_end_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::UnexpectedEof
            | ErrorKind::NotConnected
    )
}

fn has_ended(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || error.is_canceled() || error.is_closed()
}

/// Returns the error and its causes, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| below(*error))
}

/// Returns the cause of an error. An [`io::Error`] made from another error hides it from `source`.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn classify(error: &(dyn Error + 'static)) -> Option<Failure> {
    let (reason, detail) = if let Some(error) = error.downcast_ref::<LookupError>() {
        (Reason::DnsFailure, error.to_string())
    } else if let Some(not_allowed) = error.downcast_ref::<NotAllowed>() {
        return Some(of_not_allowed(not_allowed.clone()));
    } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
        of_tls(error)
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        of_io(error)?
    } else if let Some(error) = error.downcast_ref::<h2::Error>() {
        of_http2(error)
    } else if let Some(error) = error.downcast_ref::<hyper::Error>() {
        of_hyper(error)?
    } else {
        return None;
    };
    Some(Failure { reason, detail })
}

fn of_tls(error: &rustls::Error) -> (Reason, String) {
    match error {
        rustls::Error::Other(error) if error.0.is::<TooManyFrames>() || error.0.is::<KeysChanged>() => {
            (Reason::InvalidResponse, error.0.to_string())
        }
        _ => (Reason::TlsFailure, format!("no TLS connection: {error}")),
    }
}

fn of_io(error: &io::Error) -> Option<(Reason, String)> {
    let (reason, detail) = match error.kind() {
        ErrorKind::ConnectionRefused => {
            (Reason::ConnectionRefused, "the connection was refused: nothing listens there")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => (Reason::ConnectionReset, "the connection was reset"),
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof | ErrorKind::NotConnected => {
            (Reason::ConnectionClosed, "the connection was closed before an answer")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            (Reason::Unreachable, "there is no route to the host")
        }
        // HTTP/2 keeps only kind and text of errors by TLS or `records`.
        ErrorKind::InvalidData => {
            let text = error.to_string();
            let detail = text.strip_prefix("other error: ").unwrap_or(&text);
            return Some((
                Reason::InvalidResponse,
                format!("the connection was ended, for what came is not valid: {detail}"),
            ));
        }
        ErrorKind::TimedOut => (Reason::Timeout, "the network gave up waiting for the host"),
        _ => return None,
    };
    Some((reason, detail.to_owned()))
}

fn of_hyper(error: &hyper::Error) -> Option<(Reason, String)> {
    if error.is_parse() || error.is_parse_status() {
        return Some((Reason::InvalidResponse, format!("the answer is not valid HTTP: {error}")));
    }
    has_ended(error).then(|| (Reason::ConnectionClosed, "the connection was closed before an answer".to_owned()))
}

/// Classifies error codes of RFC 9113, section 7.
fn of_http2(error: &h2::Error) -> (Reason, String) {
    if let Some(failure) = error.get_io().and_then(of_io) {
        return failure;
    }
    let Some(code) = error.reason() else {
        return (Reason::ConnectionClosed, format!("the HTTP/2 connection failed: {error}"));
    };
    match code {
        _ if !error.is_remote() => (Reason::InvalidResponse, format!("the answer is not valid HTTP/2 ({code:?})")),
        h2::Reason::REFUSED_STREAM => {
            (Reason::ConnectionReset, "refused unprocessed, each time it was sent (HTTP/2 REFUSED_STREAM)".to_owned())
        }
        _ if error.is_go_away() => {
            (Reason::ConnectionClosed, format!("the receiver closed the connection (HTTP/2 GOAWAY, {code:?})"))
        }
        _ => (Reason::ConnectionReset, format!("the receiver reset the request's stream (HTTP/2 {code:?})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Option<(Reason, String)> {
        answer_with(status, None)
    }

    fn answer_with(status: u16, location: Option<&str>) -> Option<(Reason, String)> {
        let headers = location.map(|it| (LOCATION, it.parse().unwrap())).into_iter().collect();
        let url = Url::parse("https://h:8443/a/b?token=1").unwrap();
        let failure = of_response(StatusCode::from_u16(status).unwrap(), &headers, &url)?;
        Some((failure.reason, failure.detail))
    }

    #[test]
    fn success_is_2xx_and_a_redirect_says_that_it_is_not_followed() {
        assert_eq!(answer(200), None);
        assert_eq!(answer(204), None);
        assert_eq!(answer(299), None);
        assert_eq!(answer(302), Some((Reason::Redirect, "answered 302 Found; redirects are not followed".into())));
        assert_eq!(answer(404), Some((Reason::Status, "answered 404 Not Found".into())));
        assert_eq!(answer(599), Some((Reason::Status, "answered 599".into())));
    }

    #[test]
    fn a_redirect_names_where_to_without_what_may_be_a_token() {
        let to = |location: &str| answer_with(307, Some(location)).unwrap().1;
        let text = |to: &str| format!("answered 307 Temporary Redirect{to}; redirects are not followed");
        assert_eq!(to("https://other.example/x"), text(" to https://other.example/x"));
        assert_eq!(to("/login?next=%2Fa&token=2#top"), text(" to https://h:8443/login?…"));
        assert_eq!(to("c"), text(" to https://h:8443/a/c"));
        assert_eq!(to("http://user:word@h/"), text(" to http://h/"));
        assert_eq!(to("http://[1"), text(""), "what is no URL is left out");
        assert_eq!(to(&format!("/{}", "x".repeat(300))), text(&format!(" to https://h:8443/{}…", "x".repeat(185))));
    }

    #[test]
    fn every_http2_error_has_a_reason_and_names_its_code() {
        let of = |code: h2::Reason| of_error(&h2::Error::from(code));
        for code in (0..=0xd).map(h2::Reason::from) {
            let failure = of(code);
            assert_eq!(failure.reason, Reason::InvalidResponse, "made here, not by the receiver: {failure:?}");
            assert!(failure.detail.contains(&format!("{code:?}")), "{failure:?}");
        }
        assert!(!is_lost_connection(&h2::Error::from(h2::Reason::CANCEL)));
    }

    #[test]
    fn the_innermost_cause_with_a_class_decides() {
        let tls = io::Error::new(ErrorKind::InvalidData, rustls::Error::HandshakeNotComplete);
        assert_eq!(of_error(&tls).reason, Reason::TlsFailure);
        let lookup = io::Error::other(LookupError::NoSuchName);
        assert_eq!(of_error(&lookup).reason, Reason::DnsFailure);
        let wrapped = io::Error::other(io::Error::from(ErrorKind::ConnectionRefused));
        assert_eq!(of_error(&wrapped).reason, Reason::ConnectionRefused);
        assert_eq!(of_error(&io::Error::other("?")).reason, Reason::Other);
    }
}
