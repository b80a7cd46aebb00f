//! A receiver that costs as little as possible, in its own process: `bench receiver`. Not that of
//! `webhooks_test_support`, which keeps each request: at thousands a second, for minutes, its memory would take part in
//! the measurement.
//!
//! The first segment of the path sets its behaviour: `ok…` responds with 200 at once, `slow-MS…` after this number of
//! milliseconds, `hang…` never, `gate…` with 503 until the gate is open. The rest of the segment tells endpoints apart.
//! `GET /_open` and `GET /_close` move the gate; `GET /_take` returns the arrivals since its last call.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::process::{Launch, Process};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// Arrivals at one path.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Arrivals {
    /// Number of requests, with or without a response.
    pub(crate) requests: u64,
    /// Time from each `processName` to the request's arrival, in milliseconds: for names that are a time, in µs since
    /// 1970.
    pub(crate) after_ms: Vec<f64>,
}

#[derive(Default)]
struct State {
    arrivals: RefCell<BTreeMap<String, Arrivals>>,
    open: Cell<bool>,
}

/// Serves until it is killed; first prints its address.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{}", listener.local_addr()?)?;
    out.flush()?;
    let state = Rc::new(State::default());
    tokio::task::LocalSet::new()
        .run_until(async {
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                // The sender counts a connection that breaks.
                tokio::task::spawn_local(connection(stream, Rc::clone(&state)));
            }
        })
        .await
}

async fn connection(mut stream: TcpStream, state: Rc<State>) -> Result<()> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head = std::str::from_utf8(&buffer[..end])?;
        let target = head.split(' ').nth(1).context("a request line")?.to_owned();
        buffer.drain(..end);
        let path = target[1..].split(['/', '?']).next().unwrap_or_default();
        match path {
            "_open" | "_close" => state.open.set(path == "_open"),
            "_take" => {
                let body = serde_json::to_string(&state.arrivals.take())?;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await?;
                continue;
            }
            _ => note(&state, path, &target),
        }
        match path {
            _ if path.starts_with("hang") => {
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?; // until the sender closes the connection
                return Ok(());
            }
            _ if path.starts_with("gate") && !state.open.get() => stream.write_all(BUSY).await?,
            _ => {
                if let Some(delay) = path.strip_prefix("slow-").and_then(|it| it.split('-').next()?.parse().ok()) {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                stream.write_all(OK).await?;
            }
        }
    }
}

fn note(state: &State, path: &str, target: &str) {
    let mut arrivals = state.arrivals.borrow_mut();
    if !arrivals.contains_key(path) {
        arrivals.insert(path.to_owned(), Arrivals::default());
    }
    if let Some(arrivals) = arrivals.get_mut(path) {
        arrivals.requests += 1;
        let written = target.split(['?', '&']).find_map(|it| it.strip_prefix("processName=")?.parse::<u64>().ok());
        arrivals.after_ms.extend(written.map(|written| now_us().saturating_sub(written) as f64 / 1_000.0));
    }
}

/// Returns the microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_micros() as u64)
}

/// A receiver in its own process.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    client: reqwest::Client,
    _process: Process,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self> {
        let me = std::env::current_exe()?.display().to_string();
        let mut process = Launch::new([me, "receiver".into()]).talks().beside()?;
        let out = process.child.stdout.take().context("its output is piped")?;
        let url = BufReader::new(out).lines().next_line().await?.context("it says where it is")?;
        Ok(Self { url, client: reqwest::Client::builder().no_proxy().build()?, _process: process })
    }

    pub(crate) fn urls(&self, paths: impl IntoIterator<Item = String>) -> Vec<String> {
        paths.into_iter().map(|path| format!("{}/{path}", self.url)).collect()
    }

    /// Returns the arrivals since the last call, by path.
    pub(crate) async fn take(&self) -> Result<BTreeMap<String, Arrivals>> {
        Ok(self.client.get(format!("{}/_take", self.url)).send().await?.json().await?)
    }

    /// Returns the number of requests since the last call.
    pub(crate) async fn count(&self) -> Result<u64> {
        Ok(self.take().await?.values().map(|it| it.requests).sum())
    }

    pub(crate) async fn gate(&self, open: bool) -> Result<()> {
        let what = if open { "_open" } else { "_close" };
        self.client.get(format!("{}/{what}", self.url)).send().await?;
        Ok(())
    }
}
