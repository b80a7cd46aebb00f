//! The limit: the same GETs in a loop, without Lambda and without the product's code. `bench bare CLIENT` reads one
//! JSON line for each round from its input, and writes one line when the round is done.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::ValueEnum;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

use crate::headers;
use crate::process::{Launch, Process};

/// HTTP client of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Http {
    /// `reqwest`, the usual choice.
    Reqwest,
    /// The same, with headers like those of a callback.
    ReqwestWithHeaders,
    /// The pool of `hyper-util`, below `reqwest` and below the product's client.
    Hyper,
}

/// Order for a round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Round {
    pub(crate) urls: Vec<String>,
    pub(crate) records: usize,
    pub(crate) in_flight: usize,
}

/// Result of a round.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) delivered: usize,
    pub(crate) seconds: f64,
}

/// Runs rounds until its input ends.
pub(crate) async fn serve(http: Http) -> Result<()> {
    let headers = if http == Http::ReqwestWithHeaders { headers::like_a_callbacks() } else { HeaderMap::new() };
    let reqwest = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).default_headers(headers);
    let reqwest = reqwest.build()?;
    let hyper: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut rounds = BufReader::new(tokio::io::stdin()).lines();
    while let Some(round) = rounds.next_line().await? {
        let round: Round = serde_json::from_str(&round)?;
        let begun = Instant::now();
        let targets = (0..round.records).flat_map(|record| {
            let query = format!("instanceID=6f0c2a1e-3d4b-4c5d-8e9f-{record:012x}&processName=1&eventType=created");
            round.urls.iter().map(move |url| format!("{url}?{query}"))
        });
        let outcomes = stream::iter(targets).map(|target| async {
            match http {
                Http::Reqwest | Http::ReqwestWithHeaders => {
                    let answer = reqwest.get(target).send().await?;
                    let taken = answer.status().is_success();
                    answer.bytes().await?;
                    anyhow::Ok(taken)
                }
                Http::Hyper => {
                    let answer = hyper.get(target.parse()?).await?;
                    let taken = answer.status().is_success();
                    answer.into_body().collect().await?;
                    Ok(taken)
                }
            }
        });
        let taken = outcomes.buffer_unordered(round.in_flight).filter(|it| std::future::ready(matches!(it, Ok(true))));
        let delivered = taken.count().await;
        let done = Done { delivered, seconds: begun.elapsed().as_secs_f64() };
        let mut out = std::io::stdout();
        writeln!(out, "{}", serde_json::to_string(&done)?)?;
        out.flush()?;
    }
    Ok(())
}

/// The loop in its own process.
pub(crate) struct Bare {
    pub(crate) process: Process,
    input: ChildStdin,
    output: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Bare {
    pub(crate) fn start(http: Http, descriptors: Option<u32>) -> Result<Self> {
        let name = http.to_possible_value().context("it has a name")?.get_name().to_owned();
        let me = std::env::current_exe()?.display().to_string();
        let launch = Launch { descriptors, ..Launch::new([me, "bare".into(), name]).talks() };
        let mut process = launch.measured()?;
        let input = process.child.stdin.take().context("its input is piped")?;
        let output = BufReader::new(process.child.stdout.take().context("its output is piped")?).lines();
        Ok(Self { process, input, output })
    }

    pub(crate) async fn round(&mut self, round: &Round) -> Result<Done> {
        self.input.write_all((serde_json::to_string(round)? + "\n").as_bytes()).await?;
        match self.output.next_line().await? {
            Some(line) => Ok(serde_json::from_str(&line)?),
            None => bail!("the bare loop ended, see target/bench/measured.log"),
        }
    }
}
