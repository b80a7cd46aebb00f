//! The endpoints, and the network to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use http::HeaderName;
use reqwest::{Request, Response};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use url::Position;
use webhooks_engine::request::{WEBHOOK_ATTEMPT, WEBHOOK_ID};
use webhooks_engine::sender::{MakeRequest, Transport};
use webhooks_model::attempt::{Failure, Reason};
use webhooks_model::workspace::WorkspaceId;

use crate::chance::{hash, stream};
use crate::history::{Arrival, Run, Unreached, event_number};
use crate::scenario::{Behaviour, Ms};

/// All endpoints, each with its own chance.
#[derive(Debug)]
pub(crate) struct Receivers {
    run: Arc<Run>,
    rngs: Vec<Mutex<Rng>>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// Until it arrives; `None` when it does not.
    arrives: Option<Ms>,
    /// From then to the answer, and its status; `None` when there is none.
    answers: Option<(Ms, u16)>,
    retry_after_s: u16,
    /// Whether the connection is lost, in the place of the answer or after it was given.
    lost: bool,
}

impl Receivers {
    pub(crate) fn new(run: &Arc<Run>) -> Arc<Self> {
        let rngs = (0..run.endpoints.len()).map(|it| Mutex::new(stream(run.scenario.seed, &format!("receiver {it}"))));
        Arc::new(Self { run: Arc::clone(run), rngs: rngs.collect() })
    }

    fn course(&self, endpoint: usize, event: usize) -> Course {
        let mut rng = self.rngs[endpoint].lock().unwrap_or_else(PoisonError::into_inner);
        let (arrives, quick, chance) = (rng.u64(0..3), rng.u64(1..30), rng.u8(0..100));
        let ms = self.run.ms();
        let phases = self.run.scenario.endpoints[endpoint].phases.iter();
        let phase = phases.rev().find(|phase| phase.from <= ms).map(|phase| phase.behaviour);
        let behaviour = if self.run.is_calm() { None } else { phase };
        let answer =
            |status| Course { arrives: Some(arrives), answers: Some((quick, status)), retry_after_s: 0, lost: false };
        match behaviour.unwrap_or(Behaviour::Acknowledge { ms: quick }) {
            Behaviour::Acknowledge { ms } => Course { answers: Some((ms, 200)), ..answer(200) },
            Behaviour::Flaky { percent } => answer(if chance < percent { 503 } else { 200 }),
            Behaviour::Error => answer(500),
            Behaviour::Throttle { retry_after_s } => Course { retry_after_s, ..answer(429) },
            Behaviour::Reset => Course { answers: None, lost: true, ..answer(0) },
            Behaviour::Down => Course { arrives: None, lost: true, ..answer(0) },
            Behaviour::Hang => Course { answers: None, ..answer(0) },
            Behaviour::Gone => answer(410),
            Behaviour::Reject { percent } => {
                let rejects = hash(&event.to_le_bytes()) % 100 < u64::from(percent);
                answer(if rejects { 422 } else { 200 })
            }
            Behaviour::LoseAnswers { percent } => Course { lost: chance < percent, ..answer(200) },
        }
    }
}

/// The network, as one environment uses it.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) receivers: Arc<Receivers>,
    pub(crate) environment: Arc<str>,
    pub(crate) invocation: Arc<AtomicUsize>,
}

/// What comes back: an answer and the arrival that it is for.
type Back = (Response, usize);

impl Network {
    /// Sends the request on its way: it arrives even if the sender dies.
    fn send(&self, request: &Request) -> oneshot::Receiver<Back> {
        let (send, back) = oneshot::channel();
        tokio::spawn(self.journey(request).complete(send));
        back
    }

    fn journey(&self, request: &Request) -> Journey {
        let header = |name: HeaderName| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let number = request.url().path().rsplit('r').next().and_then(|number| number.parse().ok());
        let (endpoint, event) = (number.unwrap_or(usize::MAX), event_number(&header(WEBHOOK_ID)).unwrap_or(usize::MAX));
        let run = Arc::clone(&self.receivers.run);
        Journey {
            course: self.receivers.course(endpoint, event),
            environment: Arc::clone(&self.environment),
            invocation: self.invocation.load(Ordering::Relaxed),
            sent: run.ms(),
            endpoint,
            event,
            attempt: header(WEBHOOK_ATTEMPT),
            target: request.url()[Position::BeforePath..].to_owned(),
            run,
        }
    }
}

/// A request on its way to an endpoint and back.
struct Journey {
    run: Arc<Run>,
    environment: Arc<str>,
    invocation: usize,
    sent: Ms,
    endpoint: usize,
    event: usize,
    attempt: String,
    target: String,
    course: Course,
}

impl Journey {
    /// Takes the request to its end. Without an answer the sender of the answer is dropped: to the client the connection is lost.
    async fn complete(self, send: oneshot::Sender<Back>) {
        let Some(arrives) = self.course.arrives else {
            sleep(Duration::from_millis(1)).await;
            return self.is_refused();
        };
        sleep(Duration::from_millis(arrives)).await;
        let arrival = self.arrives();
        let Some((ms, status)) = self.course.answers else {
            if self.course.lost {
                sleep(Duration::from_millis(1)).await;
                self.run.history().arrivals[arrival].closed = Some(self.run.ms());
                return;
            }
            // It hangs until the sender ends it.
            return send.closed_or_never().await;
        };
        sleep(Duration::from_millis(ms)).await;
        self.is_answered(arrival, status);
        if !self.course.lost {
            _ = send.send((self.response(status), arrival));
        }
    }

    fn is_refused(&self) {
        let &Self { sent, endpoint, event, invocation, .. } = self;
        self.run.history().unreached.push(Unreached { sent, endpoint, event, invocation });
        let attempt = &self.attempt;
        self.run.trace(&self.environment, format_args!("-> r{endpoint} event-{event} #{attempt} refused"));
    }

    /// Puts the request down as arrived; returns the number of the arrival.
    fn arrives(&self) -> usize {
        let &Self { sent, endpoint, event, invocation, .. } = self;
        let arrival = Arrival {
            sent,
            at: self.run.ms(),
            endpoint,
            event,
            attempt: self.attempt.parse().unwrap_or_default(),
            target: self.target.clone(),
            invocation,
            retry_after_s: self.course.retry_after_s,
            answered: None,
            closed: None,
            seen: None,
        };
        let number = {
            let arrivals = &mut self.run.history().arrivals;
            arrivals.push(arrival);
            arrivals.len() - 1
        };
        self.run.trace(&self.environment, format_args!("-> r{endpoint} event-{event} #{}", self.attempt));
        number
    }

    fn is_answered(&self, arrival: usize, status: u16) {
        let Self { endpoint, event, attempt, .. } = self;
        self.run.history().arrivals[arrival].answered = Some((self.run.ms(), status));
        let lost = if self.course.lost { " lost" } else { "" };
        self.run.trace(format_args!("r{endpoint}"), format_args!("event-{event} #{attempt} {status}{lost}"));
    }

    fn response(&self, status: u16) -> Response {
        let mut response = http::Response::builder().status(status);
        if self.course.retry_after_s > 0 {
            response = response.header("retry-after", self.course.retry_after_s);
        }
        Response::from(response.body("").expect("a valid response"))
    }
}

/// Waits for the other side to go, without ever sending.
trait Hangs {
    async fn closed_or_never(self);
}

impl<T> Hangs for oneshot::Sender<T> {
    async fn closed_or_never(mut self) {
        self.closed().await;
    }
}

impl Transport for Network {
    fn send<'a>(
        &'a self,
        _workspace: Option<&'a WorkspaceId>,
        request: Request,
        _again: &'a MakeRequest<'a>,
        deadline: Instant,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(async move {
            match timeout_at(deadline, self.send(&request)).await {
                Ok(Ok((response, arrival))) => {
                    let run = &self.receivers.run;
                    let at = run.ms();
                    run.history().arrivals[arrival].seen = Some(at);
                    Ok(response)
                }
                Ok(_) => Err(Failure { reason: Reason::ConnectionReset, detail: "the connection was reset".into() }),
                Err(_) => Err(Failure { reason: Reason::Timeout, detail: format!("no answer within {timeout:?}") }),
            }
        })
    }
}
