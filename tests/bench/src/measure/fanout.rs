//! Deliveries per second, CPU seconds and memory of each implementation, for batches of several sizes, to a receiver
//! that responds at once; beside them the same GETs in a bare loop. They take turns, so that other load on the machine
//! affects all of them; ratios are of one round.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::bare::{Bare, Http, Round};
use crate::engine::Engine;
use crate::events::batch;
use crate::figures::{median, percentile};
use crate::function::{Function, IN_FLIGHT, Implementation, WORKSPACE, drain};
use crate::process::Process;
use crate::receiver::Receiver;
use crate::scale::Scale;

/// Workspace whose endpoints have the settings that can cost something for each event.
const WITH_SETTINGS: &str = "acme-settings";

/// Maximum number of attempts in flight to one endpoint (`MAX_IN_FLIGHT_PER_ENDPOINT`).
const MOST_IN_FLIGHT: usize = 128;

/// Sizes of batches, in records and URLs, whose ratios have targets.
const WITH_TARGETS: [(usize, usize); 3] = [(1, 1), (10, 1), (1_000, 3)];

/// Number of rounds for these: of the same programs, one round's ratio differs from another's by half.
const ROUNDS: usize = 15;

/// Number of tries of a turn.
const TRIES: usize = 5;

/// Shared surroundings of the contenders.
struct StorageState<'a> {
    engine: &'a Engine,
    receiver: &'a Receiver,
}

enum Runner {
    Function(Function),
    /// With a number of requests in flight for each URL.
    Bare(Bare, usize),
}

struct Contender {
    name: &'static str,
    workspace: &'static str,
    runner: Runner,
    rounds: Vec<Turn>,
}

/// Measurements of a contender in one round.
#[derive(Clone, Copy)]
struct Turn {
    per_s: f64,
    cpu_s_per_1000: f64,
    batch_ms: f64,
}

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let sizes: &[(usize, usize)] = scale.pick(
        &[(1, 1), (10, 3)][..],
        &[(1, 1), (100, 1), (1000, 3)],
        &[
            (1, 1),
            (10, 1),
            (100, 1),
            (1000, 1),
            (1, 3),
            (10, 3),
            (100, 3),
            (1000, 3),
            (1, 10),
            (10, 10),
            (100, 10),
            (1000, 10),
        ],
    );
    let (rounds, turn) = scale.pick((1, 0.02), (3, 0.2), (5, 0.8));
    let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
    let at = StorageState { engine: &engine, receiver: &receiver };
    let mut rows = Vec::new();
    for &(records, urls) in sizes {
        let urls = receiver.urls((0..urls).map(|number| format!("ok-{number}")));
        engine.call_back(&[WORKSPACE, WITH_SETTINGS].map(|it| (it.to_owned(), urls.clone()))).await?;
        engine.set_endpoints(WITH_SETTINGS, &settings()).await?;
        let mut contenders = contenders(&engine, &urls).await?;
        for contender in &mut contenders {
            contender.turn(records, &urls, Duration::ZERO, &at).await?;
        }
        let rounds =
            if scale == Scale::Whole && WITH_TARGETS.contains(&(records, urls.len())) { ROUNDS } else { rounds };
        for _ in 0..rounds {
            for contender in &mut contenders {
                let done = contender.turn(records, &urls, Duration::from_secs_f64(turn), &at).await?;
                contender.rounds.push(done);
            }
        }
        let bare: Vec<Turn> =
            contenders.iter().find(|it| it.name == "reqwest").map(|it| it.rounds.clone()).unwrap_or_default();
        for contender in contenders {
            rows.push(contender.row(records, urls.len(), &bare)?);
        }
    }
    Ok(rows.into())
}

/// Returns settings with conditions and as many secret headers as there can be. All events of the bench meet the conditions.
fn settings() -> Value {
    let headers: Map<_, _> = (0..10).map(|number| (format!("x-token-{number}"), json!("s3cr3t"))).collect();
    json!({
        "changed": ["status", "step", "variables.amount"],
        "where": {"status": ["approved", "running"], "variables.orderID": [{"prefix": "A-"}], "variables.urgent": ["false"]},
        "onBacklog": "latest",
        "secretHeaders": headers,
    })
}

async fn contenders(engine: &Engine, urls: &[String]) -> Result<Vec<Contender>> {
    let mut contenders = Vec::new();
    for (name, http, in_flight) in [
        ("reqwest", Http::Reqwest, IN_FLIGHT),
        ("reqwest-most", Http::Reqwest, MOST_IN_FLIGHT),
        ("reqwest-headers", Http::ReqwestWithHeaders, IN_FLIGHT),
        ("hyper", Http::Hyper, IN_FLIGHT),
    ] {
        let runner = Runner::Bare(Bare::start(http, None)?, in_flight);
        contenders.push(Contender { name, workspace: WORKSPACE, runner, rounds: Vec::new() });
    }
    for it in [
        Implementation::Ours,
        Implementation::OursWithSettings,
        Implementation::OursWithLog,
        Implementation::Floor,
        Implementation::Node,
        Implementation::Python,
    ] {
        let runner = Runner::Function(Function::start(it.patient(engine, urls)?).await?);
        let workspace = if it == Implementation::OursWithSettings { WITH_SETTINGS } else { WORKSPACE };
        contenders.push(Contender { name: it.name(), workspace, runner, rounds: Vec::new() });
    }
    Ok(contenders)
}

impl Contender {
    fn process(&self) -> &Process {
        match &self.runner {
            Runner::Function(function) => &function.process,
            Runner::Bare(bare, _) => &bare.process,
        }
    }

    /// Sends batch after batch for this duration, at least one. Repeats it if the machine was so slow that a delivery
    /// is pending: later deliveries are then appended, and these are not to be measured.
    async fn turn(&mut self, records: usize, urls: &[String], turn: Duration, at: &StorageState<'_>) -> Result<Turn> {
        for _ in 0..TRIES {
            let (batches, done) = self.batches(records, urls, turn).await?;
            let deliveries = (batches * records * urls.len()) as u64;
            let (arrived, pending) = (at.receiver.count().await?, at.engine.pending().await?);
            if pending == 0 {
                ensure!(arrived == deliveries, "{}: {arrived} of {deliveries} arrived", self.name);
                return Ok(done);
            }
            ensure!(arrived + pending >= deliveries, "{}: {arrived} arrived, {pending} pending", self.name);
            drain(at.engine, self.workspace, urls).await?;
            at.receiver.take().await?;
        }
        bail!("{}: something was pending {TRIES} times", self.name)
    }

    async fn batches(&mut self, records: usize, urls: &[String], turn: Duration) -> Result<(usize, Turn)> {
        let (cpu, begun) = (self.process().cpu_s()?, Instant::now());
        let (mut batches, mut took) = (0, Vec::new());
        while batches == 0 || begun.elapsed() < turn {
            took.push(
                1_000.0
                    * match &mut self.runner {
                        Runner::Function(function) => {
                            function.batch(batch(self.workspace, records)).await?.as_secs_f64()
                        }
                        Runner::Bare(bare, in_flight) => {
                            let in_flight = *in_flight * urls.len();
                            bare.round(&Round { urls: urls.to_vec(), records, in_flight }).await?.seconds
                        }
                    },
            );
            batches += 1;
        }
        let deliveries = (batches * records * urls.len()) as f64;
        let seconds = took.iter().sum::<f64>() / 1_000.0;
        let cpu_s_per_1000 = (self.process().cpu_s()? - cpu) * 1_000.0 / deliveries;
        Ok((batches, Turn { per_s: deliveries / seconds, cpu_s_per_1000, batch_ms: median(&took) }))
    }

    fn row(&self, records: usize, urls: usize, bare: &[Turn]) -> Result<Value> {
        let of = |figure: fn(&Turn) -> f64| self.rounds.iter().map(figure).collect::<Vec<f64>>();
        let ratios = |figure: fn(&Turn) -> f64| {
            let ratios: Vec<f64> =
                self.rounds.iter().zip(bare).map(|(turn, bare)| figure(turn) / figure(bare)).collect();
            json!({"median": median(&ratios), "least": percentile(&ratios, 0.0), "most": percentile(&ratios, 1.0)})
        };
        Ok(json!({
            "implementation": self.name,
            "records": records,
            "urls": urls,
            "deliveries_per_s": median(&of(|turn| turn.per_s)),
            "cpu_s_per_1000": median(&of(|turn| turn.cpu_s_per_1000)),
            "batch_ms": median(&of(|turn| turn.batch_ms)),
            "peak_mb": self.process().peak_mb()?,
            "rate_to_reqwest": ratios(|turn| turn.per_s),
            "cpu_to_reqwest": ratios(|turn| turn.cpu_s_per_1000),
            "rounds": self.rounds.len(),
        }))
    }
}
