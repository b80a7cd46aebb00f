//! A proxy in front of DynamoDB and the emulator that counts the requests to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Counts of requests, by operation, and of written items. A removed item counts as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) items: u64,
    /// Units that the database has charged, with those of indices, if the counter asks for them.
    pub(crate) units: Units,
}

/// Capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) written: f64,
    pub(crate) read: f64,
}

impl Asked {
    /// Returns the number of requests to DynamoDB; requests to its streams are free if Lambda makes them.
    pub(crate) fn dynamodb(&self) -> u64 {
        self.requests.iter().filter(|(name, _)| name.starts_with("DynamoDB_")).map(|(_, count)| count).sum()
    }

    /// Returns the number of requests of an operation.
    pub(crate) fn of(&self, operation: &str) -> u64 {
        self.requests.iter().filter(|(name, _)| name.ends_with(operation)).map(|(_, count)| count).sum()
    }
}

struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    dynamodb: String,
    others: String,
    /// Whether each request asks for the units that it consumes.
    with_units: bool,
    asked: Mutex<Asked>,
}

/// The running proxy, until it is dropped.
pub(crate) struct Counter {
    pub(crate) endpoint: String,
    proxy: Arc<Proxy>,
    server: JoinHandle<()>,
}

impl Counter {
    /// Starts a proxy that forwards requests for DynamoDB to the one address and all others to the other.
    pub(crate) async fn start(dynamodb: String, others: String) -> Result<Self> {
        Self::forward(dynamodb, others, false).await
    }

    /// Starts a proxy for DynamoDB that also counts the units it charges.
    pub(crate) async fn of_units(dynamodb: String) -> Result<Self> {
        Self::forward(dynamodb, String::new(), true).await
    }

    async fn forward(dynamodb: String, others: String, with_units: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let client = Client::builder(TokioExecutor::new()).build_http();
        let proxy = Arc::new(Proxy { client, dynamodb, others, with_units, asked: Mutex::default() });
        let router = Router::new().fallback(forward).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&proxy));
        let server = tokio::spawn(async { _ = axum::serve(listener, router).await });
        Ok(Self { endpoint, proxy, server })
    }

    /// Returns the counts since the last call.
    pub(crate) fn asked(&self) -> Asked {
        std::mem::take(&mut *self.proxy.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    match pass(&proxy, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn pass(proxy: &Proxy, request: Request) -> Result<Response> {
    let (mut head, body) = request.into_parts();
    let mut body = body.collect().await?.to_bytes();
    let target = head.headers.get("x-amz-target").and_then(|it| it.to_str().ok()).unwrap_or("other").to_owned();
    {
        let mut asked = proxy.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.items += written(&target, &body);
        *asked.requests.entry(target.clone()).or_default() += 1;
    }
    let to = if target.starts_with("DynamoDB") { &proxy.dynamodb } else { &proxy.others };
    let path = head.uri.path_and_query().map_or("/", |it| it.as_str());
    head.uri = Uri::try_from(format!("{}{path}", to.trim_end_matches('/')))?;
    let charges = proxy.with_units && target.starts_with("DynamoDB_");
    if charges {
        body = asking_for_units(&body)?;
        head.headers.remove(CONTENT_LENGTH);
    }
    let response = proxy.client.request(Request::from_parts(head, Full::new(body))).await?;
    if !charges {
        return Ok(response.map(Body::new));
    }
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut asked = proxy.asked.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(target.rsplit('.').next(), Some("GetItem" | "Query" | "BatchGetItem" | "TransactGetItems")) {
        asked.units.read += charged(&body)?;
    } else {
        asked.units.written += charged(&body)?;
    }
    drop(asked);
    Ok(Response::from_parts(head, Body::from(body)))
}

fn asking_for_units(body: &[u8]) -> Result<Bytes> {
    let mut request: Value = serde_json::from_slice(body)?;
    request["ReturnConsumedCapacity"] = "TOTAL".into();
    Ok(serde_json::to_vec(&request)?.into())
}

/// Returns the units that the response reports, of one table or of several. An error reports none.
fn charged(body: &[u8]) -> Result<f64> {
    let response: Value = serde_json::from_slice(body)?;
    let tables = match &response["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().collect(),
        one => vec![one],
    };
    Ok(tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum())
}

fn written(target: &str, body: &[u8]) -> u64 {
    let named = |names: &[&str]| {
        let text = String::from_utf8_lossy(body);
        names.iter().map(|name| text.matches(name).count() as u64).sum()
    };
    match target.rsplit('.').next() {
        Some("PutItem" | "UpdateItem" | "DeleteItem") => 1,
        Some("BatchWriteItem") => named(&["\"PutRequest\"", "\"DeleteRequest\""]),
        Some("TransactWriteItems") => named(&["\"Put\":{", "\"Update\":{", "\"Delete\":{"]),
        _ => 0,
    }
}
