//! What an answer or an error means. Pure, by types alone: never by the text of an error.

use std::error::Error;
use std::io::{self, ErrorKind};

use http::{Response, StatusCode};

use super::resolver::LookupError;
use crate::address::Refused;
use crate::delivery::{Failure, Reason};

/// Why this answer is not a success; `None` for 2xx.
pub(super) fn of_answer<B>(response: &Response<B>) -> Option<Failure> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    Some(if status.is_redirection() {
        Failure { reason: Reason::Redirect, detail: format!("answered {}; redirects are not followed", phrase(status)) }
    } else {
        Failure { reason: Reason::Status, detail: format!("answered {}", phrase(status)) }
    })
}

fn phrase(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Why there is no answer. The innermost cause that has a class decides.
pub(super) fn of_error(error: &(dyn Error + 'static)) -> Failure {
    let mut failure = Failure { reason: Reason::Other, detail: "the request failed".to_owned() };
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(found) = classify(current) {
            failure = found;
        }
        cause = below(current);
    }
    failure
}

/// An [`io::Error`] made from another error hides it from `source`.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn classify(error: &(dyn Error + 'static)) -> Option<Failure> {
    let (reason, detail) = if let Some(error) = error.downcast_ref::<LookupError>() {
        (Reason::DnsFailure, error.to_string())
    } else if let Some(refused) = error.downcast_ref::<Refused>() {
        (Reason::AddressNotAllowed, refused.to_string())
    } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
        (Reason::TlsFailure, format!("no TLS connection: {error}"))
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        of_io(error)?
    } else if let Some(error) = error.downcast_ref::<hyper::Error>() {
        of_hyper(error)?
    } else {
        return None;
    };
    Some(Failure { reason, detail })
}

fn of_io(error: &io::Error) -> Option<(Reason, String)> {
    let (reason, detail) = match error.kind() {
        ErrorKind::ConnectionRefused => {
            (Reason::ConnectionRefused, "the connection was refused: nothing listens there")
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => (Reason::ConnectionReset, "the connection was reset"),
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => {
            (Reason::ConnectionClosed, "the connection was closed before an answer")
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            (Reason::Unreachable, "there is no route to the host")
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
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Some((Reason::ConnectionClosed, "the connection was closed before an answer".to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Option<(Reason, String)> {
        of_answer(&Response::builder().status(status).body(()).unwrap()).map(|failure| (failure.reason, failure.detail))
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
    fn the_innermost_cause_with_a_class_decides() {
        let tls = io::Error::new(ErrorKind::InvalidData, rustls::Error::HandshakeNotComplete);
        assert_eq!(of_error(&tls).reason, Reason::TlsFailure);
        let lookup = io::Error::other(LookupError(io::Error::other("no such host")));
        assert_eq!(of_error(&lookup).reason, Reason::DnsFailure);
        let wrapped = io::Error::other(io::Error::from(ErrorKind::ConnectionRefused));
        assert_eq!(of_error(&wrapped).reason, Reason::ConnectionRefused);
        assert_eq!(of_error(&io::Error::other("?")).reason, Reason::Other);
    }
}
