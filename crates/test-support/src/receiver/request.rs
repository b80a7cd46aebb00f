//! A request as it arrived at a receiver.

use std::time::{Instant, SystemTime};

use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and header lines as they arrived.
    pub head: String,
    /// Time at which the whole head was read.
    pub at: Instant,
    pub at_clock: SystemTime,
    /// Time just before the response's head was sent, if it was.
    pub answered_at: Option<Instant>,
    /// Status of the response, if it was HTTP.
    pub status: Option<u16>,
    /// `Retry-After` of the response, in seconds.
    pub retry_after: Option<i64>,
    /// Time at which the receiver closed the connection without a response, if it did.
    pub closed_at: Option<Instant>,
    /// Number of the receiver's connection, from 0.
    pub connection: usize,
    /// Number of the request on its connection, from 0.
    pub number: usize,
}

impl Request {
    pub(super) fn new(head: &[u8], connection: usize, number: usize) -> Self {
        Self {
            head: String::from_utf8_lossy(head).into_owned(),
            at: Instant::now(),
            at_clock: SystemTime::now(),
            answered_at: None,
            status: None,
            retry_after: None,
            closed_at: None,
            connection,
            number,
        }
    }

    /// Records that a response was sent.
    pub(super) fn answered(&mut self, at: Instant, bytes: &[u8]) {
        let head = String::from_utf8_lossy(bytes);
        let number = |after: &str| head.split_once(after)?.1.split([' ', '\r']).next()?.parse().ok();
        self.answered_at = Some(at);
        self.status =
            head.starts_with("HTTP/1.1 ").then(|| number("HTTP/1.1 ")).flatten().and_then(|it| u16::try_from(it).ok());
        self.retry_after = number("retry-after: ");
    }

    /// Returns whether the response was a 2xx: the event is acknowledged.
    pub fn is_acknowledged(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Returns the first line, without its line end.
    pub fn line(&self) -> &str {
        self.head.split("\r\n").next().unwrap_or_default()
    }

    /// Returns header names as they arrived, and their values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.split("\r\n").skip(1).take_while(|line| !line.is_empty());
        lines.map(|line| line.split_once(": ").unwrap_or((line, "")))
    }

    /// Returns the only value of this header.
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = values.next().unwrap_or_else(|| panic!("no header {name} in {self:?}"));
        assert!(values.next().is_none(), "header {name} came twice in {self:?}");
        value
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// Returns the request target: path and query, byte for byte.
    pub fn target(&self) -> &str {
        let target = self.line().strip_prefix("GET ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
        target.unwrap_or_else(|| panic!("not a GET over HTTP/1.1: {:?}", self.line()))
    }

    /// Returns a query parameter, decoded by a parser other than the product's. The last one counts, because a URL's
    /// own query comes before the appended one.
    pub fn parameter(&self, name: &str) -> String {
        let url =
            url::Url::parse("http://receiver").and_then(|base| base.join(self.target())).expect("a request target");
        let value = url.query_pairs().filter(|(other, _)| other == name).last();
        value.unwrap_or_else(|| panic!("no parameter {name} in {:?}", self.line())).1.into_owned()
    }

    pub fn instance(&self) -> String {
        self.parameter("instanceID")
    }

    pub fn process(&self) -> String {
        self.parameter("processName")
    }

    pub fn event_type(&self) -> String {
        self.parameter("eventType")
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Returns the time of the signature.
    pub fn signed_at(&self) -> Timestamp {
        Timestamp::from_second(self.header("webhook-timestamp").parse().expect("seconds")).expect("a time")
    }

    /// Returns the number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.header("webhook-attempt").parse().expect("a number")
    }
}
