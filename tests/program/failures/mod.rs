//! Receivers with faults: they delay no other endpoint, they are called no more often than allowed, and the cause of
//! each failure is recorded.

use crate::deliveries::Delivery;
use crate::engine::{Engine, on_both_engines};
use crate::patience::PATIENCE;
use crate::receiver::{Behaviour, QUIET, Receiver, Refusing, Request, answer};
use crate::system::System;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

mod limits;

/// Long enough for a healthy receiver on a busy machine.
const TIMEOUT: Duration = Duration::from_millis(5000);

const SETTINGS: [(&str, &str); 2] = [("CALLBACK_TIMEOUT_MS", "5000"), ("RETRY_DELAY_MS", "100")];

/// Attempts of a delivery that is rejected by an otherwise healthy endpoint, before it is deferred.
const TRIES_IN_PLACE: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    Hangs,
    AnswersTooLate,
    DripsHeaders,
    Resets,
    Closes,
    Redirects,
    Answers500,
    Answers404,
    Answers410,
    Answers429,
    Answers500AndDrips,
    IsNotListening,
    IsUntrusted,
    SpeaksPlainHttp,
    IsNotHttp,
    HasNoAddress,
}

impl Fault {
    pub(crate) const ALL: [Self; 16] = [
        Self::Hangs,
        Self::AnswersTooLate,
        Self::DripsHeaders,
        Self::Resets,
        Self::Closes,
        Self::Redirects,
        Self::Answers500,
        Self::Answers404,
        Self::Answers410,
        Self::Answers429,
        Self::Answers500AndDrips,
        Self::IsNotListening,
        Self::IsUntrusted,
        Self::SpeaksPlainHttp,
        Self::IsNotHttp,
        Self::HasNoAddress,
    ];

    /// Returns the reason and the status that are recorded.
    fn record(self) -> (&'static str, Option<u16>) {
        match self {
            Self::Hangs | Self::AnswersTooLate | Self::DripsHeaders => ("timeout", None),
            Self::Resets => ("connection-reset", None),
            Self::Closes => ("connection-closed", None),
            Self::Redirects => ("redirect", Some(302)),
            Self::Answers500 | Self::Answers500AndDrips => ("status", Some(500)),
            Self::Answers404 => ("status", Some(404)),
            Self::Answers410 => ("status", Some(410)),
            Self::Answers429 => ("status", Some(429)),
            Self::IsNotListening => ("connection-refused", None),
            Self::IsUntrusted | Self::SpeaksPlainHttp => ("tls-failure", None),
            Self::IsNotHttp => ("invalid-response", None),
            Self::HasNoAddress => ("dns-failure", None),
        }
    }

    /// Returns the number of attempts until the delivery is deferred or failed, and its status then.
    fn ends(self) -> (usize, &'static str) {
        match self {
            Self::Answers410 => (1, "failed"),
            Self::Answers429 => (1, "pending"), // with Retry-After
            _ => (TRIES_IN_PLACE, "pending"),
        }
    }

    /// Returns whether an attempt fails only at the timeout.
    fn lasts(self) -> bool {
        self.record().0 == "timeout"
    }
}

/// A receiver with a fault, and its URL and target.
pub(crate) struct Faulty {
    fault: Fault,
    pub(crate) url: String,
    receiver: Option<Receiver>,
    _refusing: Option<Refusing>,
    /// Target of its redirect.
    target: Receiver,
}

impl Faulty {
    async fn new(fault: Fault) -> Self {
        Self::at(fault, "/hook").await
    }

    /// Starts a receiver with this fault, at this path and query.
    pub(crate) async fn at(fault: Fault, path: &str) -> Self {
        let target = Receiver::healthy().await;
        let location = format!("location: {}\r\n", target.url("/elsewhere"));
        let behaviour = match fault {
            Fault::Hangs => Behaviour::Hang,
            Fault::AnswersTooLate => Behaviour::Slow(TIMEOUT * 2, answer(200, "", "sorry")),
            Fault::DripsHeaders => Behaviour::drip_headers(),
            Fault::Resets => Behaviour::Reset,
            Fault::Closes => Behaviour::Close,
            Fault::Redirects => Behaviour::Answer(answer(302, &location, "")),
            Fault::Answers500 => Behaviour::Answer(answer(500, "", "out of order")),
            Fault::Answers404 => Behaviour::status(404),
            Fault::Answers410 => Behaviour::status(410),
            Fault::Answers429 => Behaviour::Answer(answer(429, "retry-after: 3600\r\n", "")),
            Fault::Answers500AndDrips => {
                Behaviour::Drip(b"HTTP/1.1 500 Status\r\ncontent-length: 1000000\r\n\r\n".to_vec())
            }
            Fault::IsNotHttp => Behaviour::AnswerThenClose(b"220 mail.example ESMTP\r\n\r\n".to_vec()),
            Fault::IsNotListening | Fault::HasNoAddress | Fault::IsUntrusted | Fault::SpeaksPlainHttp => {
                Behaviour::ok()
            }
        };
        let mut receiver = None;
        let mut refusing = None;
        let url = match fault {
            Fault::IsNotListening => refusing.insert(Refusing::new()).url(path),
            Fault::HasNoAddress => format!("http://no-such-receiver.invalid{path}"), // RFC 6761: reserved, without an address
            Fault::IsUntrusted => receiver.insert(Receiver::untrusted().await).url(path),
            Fault::SpeaksPlainHttp => receiver.insert(Receiver::healthy().await).url(path).replace("http:", "https:"),
            _ => receiver.insert(Receiver::new(behaviour).await).url(path),
        };
        Self { fault, url, receiver, _refusing: refusing, target }
    }

    /// Checks the record of the only event in the Deliveries table.
    async fn check_record(&self, system: &System, event: &str) {
        let fault = self.fault;
        let (attempts, status) = fault.ends();
        let settled = |delivery: &Delivery| delivery.status == status && delivery.attempts.len() == attempts;
        let delivery = system.until_delivery(&self.url, settled).await;
        assert_eq!(delivery.workspace, "default");
        assert_eq!(delivery.event, event, "the id that the receivers see");
        assert_eq!((delivery.instance.as_str(), delivery.process.as_str()), ("i-1", "Order"));
        assert_eq!(delivery.event_type, "created");
        assert!(!delivery.endpoint.is_empty());
        assert!(delivery.expires_at.is_none_or(|at| at > unix_now()), "{fault:?}: {delivery:?}");

        let attempt = &delivery.attempts[0];
        let (reason, status) = fault.record();
        for attempt in &delivery.attempts {
            assert_eq!((attempt.reason.as_deref(), attempt.status), (Some(reason), status), "{fault:?}: {attempt:?}");
        }
        let at = attempt.at.parse::<jiff::Timestamp>().unwrap_or_else(|error| panic!("{error}: {attempt:?}"));
        let age = unix_now() - at.as_second();
        assert!((-1..=PATIENCE.as_secs() as i64 * 5).contains(&age), "{fault:?}: {attempt:?}");
        if fault.lasts() {
            assert!(attempt.latency_ms >= TIMEOUT.as_millis() as u64 - 100, "{fault:?}: {attempt:?}");
        }
        if fault == Fault::Answers500 {
            assert_eq!(attempt.body.as_deref(), Some("out of order"));
        }
        if status.is_none() {
            assert!(attempt.detail.as_ref().is_some_and(|detail| !detail.is_empty()), "{fault:?}: {attempt:?}");
        }
    }

    /// Checks that the receiver was called as often as is recorded, and its target never.
    fn check_calls(&self) {
        assert_eq!(self.target.log().connections, 0, "a redirect was followed");
        let Some(receiver) = &self.receiver else { return };
        let log = receiver.log();
        let is_tls = self.fault.record().0 == "tls-failure";
        let (attempts, _) = self.fault.ends();
        assert_eq!(log.requests.len(), if is_tls { 0 } else { attempts }, "{:?}: {log:#?}", self.fault);
        assert!((1..=attempts).contains(&log.connections), "{:?}: {log:#?}", self.fault);
    }
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}

async fn holds_no_other_endpoint_and_is_on_record(fault: Fault) {
    let faulty = Faulty::new(fault).await;
    let healthy = Receiver::healthy().await;
    let system = System::start_with(Engine::Embedded, &SETTINGS).await;
    system.call_back("default", &[faulty.url.clone(), healthy.url("/")]).await;

    system.writer().put("i-1", "Order").await;

    let beside = healthy.arrived(1).await.remove(0);
    if let Some(receiver) = faulty.receiver.as_ref().filter(|_| fault.lasts()) {
        receiver.until("the request that lasts", |log| !log.requests.is_empty()).await;
        came_before_the_end_of(&beside, receiver).await;
    }
    faulty.check_record(&system, beside.id()).await;
    tokio::time::sleep(QUIET).await;
    faulty.check_calls();
    assert_eq!(healthy.requests().len(), 1);
    assert_eq!(system.pending(&healthy.url("/")).await.len(), 0);
}

/// Checks that the healthy endpoint was called before the other's timeout.
async fn came_before_the_end_of(healthy: &Request, lasts: &Receiver) {
    let log = lasts.until("the end of what lasts", |log| !log.hangups.is_empty()).await;
    assert!(log.hangups.iter().all(|hangup| healthy.at < hangup.at), "{healthy:#?} came after an end: {log:#?}");
}

macro_rules! faults {
    ($($name:ident: $fault:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            holds_no_other_endpoint_and_is_on_record(Fault::$fault).await;
        }
    )+};
}

faults!(
    an_endpoint_that_hangs_does_not_hold_the_others: Hangs,
    an_endpoint_that_answers_too_late_does_not_hold_the_others: AnswersTooLate,
    an_endpoint_that_drips_headers_does_not_hold_the_others: DripsHeaders,
    an_endpoint_that_resets_does_not_hold_the_others: Resets,
    an_endpoint_that_closes_does_not_hold_the_others: Closes,
    an_endpoint_that_redirects_is_not_followed: Redirects,
    an_endpoint_that_answers_500_does_not_hold_the_others: Answers500,
    an_endpoint_that_answers_404_does_not_hold_the_others: Answers404,
    an_endpoint_that_answers_410_does_not_hold_the_others: Answers410,
    an_endpoint_that_answers_429_does_not_hold_the_others: Answers429,
    an_endpoint_that_drips_the_body_of_its_500_does_not_hold_the_others: Answers500AndDrips,
    an_endpoint_that_does_not_listen_does_not_hold_the_others: IsNotListening,
    an_unknown_authoritys_certificate_is_not_trusted: IsUntrusted,
    an_endpoint_that_speaks_plain_http_to_https_does_not_hold_the_others: SpeaksPlainHttp,
    an_endpoint_that_speaks_no_http_does_not_hold_the_others: IsNotHttp,
    an_endpoint_without_an_address_does_not_hold_the_others: HasNoAddress,
);

on_both_engines!(all_faults_side_by_side_hold_no_other_endpoint, two_hundreds_are_successes);

async fn all_faults_side_by_side_hold_no_other_endpoint(engine: Engine) {
    let mut faults = Vec::new();
    for fault in Fault::ALL {
        faults.push(Faulty::new(fault).await);
    }
    let healthy = Receiver::healthy().await;
    let system = System::start_with(engine, &SETTINGS).await;
    let mut urls: Vec<_> = faults.iter().map(|faulty| faulty.url.clone()).collect();
    urls.push(healthy.url("/"));
    system.call_back("default", &urls).await;

    system.writer().put("i-1", "Order").await;

    let beside = healthy.arrived(1).await.remove(0);
    for faulty in &faults {
        if let Some(receiver) = faulty.receiver.as_ref().filter(|_| faulty.fault.lasts()) {
            came_before_the_end_of(&beside, receiver).await;
        }
    }
    for faulty in &faults {
        faulty.check_record(&system, beside.id()).await;
    }
    tokio::time::sleep(QUIET).await;
    for faulty in &faults {
        faulty.check_calls();
    }
    assert_eq!(healthy.requests().len(), 1);
}

async fn two_hundreds_are_successes(engine: Engine) {
    let receiver = Receiver::deciding(|request| match request.target().split('?').next().expect("a path") {
        "/201" => Behaviour::status(201),
        "/202" => Behaviour::status(202),
        "/204" => Behaviour::status(204),
        "/299" => Behaviour::status(299),
        "/103" => Behaviour::Answer([b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(), answer(200, "", "")].concat()),
        "/late" => Behaviour::slow(TIMEOUT / 2),
        "/close" => Behaviour::AnswerThenClose(answer(200, "connection: close\r\n", "")),
        "/1.0" => Behaviour::AnswerThenClose(b"HTTP/1.0 200 OK\r\n\r\nup to the end".to_vec()),
        "/chunked" => {
            Behaviour::Answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n".to_vec())
        }
        // 2xx headers in time are enough
        "/drip" => Behaviour::drip_body(),
        "/huge" => Behaviour::huge_body(200),
        "/short" => Behaviour::AnswerThenClose(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort".to_vec()),
        path => panic!("{path}"),
    })
    .await;
    let paths =
        ["/201", "/202", "/204", "/299", "/103", "/late", "/close", "/1.0", "/chunked", "/drip", "/huge", "/short"];
    let healthy = Receiver::healthy().await;
    let system = System::start_with(engine, &SETTINGS).await;
    let mut urls: Vec<_> = paths.map(|path| receiver.url(path)).into();
    urls.push(healthy.url("/"));
    system.call_back("default", &urls).await;

    let writer = system.writer();
    writer.put("i-1", "Order").await;
    receiver.arrived(paths.len()).await;
    // The next event of this instance reaches each of them again: no earlier one is pending.
    writer.put("i-1", "Order 2").await;
    let requests = receiver.exactly(paths.len() * 2).await;

    assert!(requests.iter().all(|request| request.header("webhook-attempt") == "1"), "{requests:#?}");
    healthy.exactly(2).await;
    tokio::time::sleep(TIMEOUT).await; // the dripping attempts have ended by then
    for url in &urls {
        assert_eq!(system.pending(url).await.len(), 0, "{:#?}", system.deliveries_to(url).await);
    }
}
