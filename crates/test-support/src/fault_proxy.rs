//! A proxy in front of the engine. It counts operations and fails them by name, like a throttled, failing or
//! disconnected DynamoDB.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Failure of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Throttle,
    InternalError,
    Reset,
    /// A `BatchWriteItem` succeeds with all of its items unprocessed, as in DynamoDB if a partition is too busy.
    Unprocessed,
    /// A transaction conflicts with the operation: it fails once, because a transaction ends soon.
    InTransaction,
    /// The KMS key of the table is disabled: DynamoDB passes on the error of KMS.
    KeyDisabled,
    /// The operation succeeds, after a second and a half.
    Slow,
}

/// Name for every operation.
const ALL: &str = "";

const KEY_DISABLED: &str = "KMS key access denied error: com.amazonaws.services.kms.model.DisabledException: \
    arn:aws:kms:eu-central-1:123456789012:key/1d5a7a11 is disabled. (Service: AWSKMS; Status Code: 400; Error Code: \
    DisabledException; Request ID: 0e35c348; Proxy: null)";

#[derive(Clone)]
pub struct FaultProxy {
    address: String,
    refused: Arc<Mutex<Option<(String, Fault)>>>,
    passed: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl FaultProxy {
    pub async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self { address, refused: Arc::default(), passed: Arc::default() };
        let (shared, upstream) = (proxy.clone(), upstream.trim_start_matches("http://").to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (proxy, upstream) = (shared.clone(), upstream.clone());
                tokio::spawn(async move { _ = proxy.relay(stream, &upstream).await });
            }
        });
        proxy
    }

    pub fn client(&self) -> Client {
        super::client(&self.address)
    }

    /// Fails this operation from now on; with a second word, only requests that contain it.
    pub fn inject(&self, operation: &str, how: Fault) {
        *self.refused.lock().unwrap() = Some((operation.to_owned(), how));
    }

    /// Fails every operation from now on.
    pub fn refuse_all(&self, how: Fault) {
        self.inject(ALL, how);
    }

    /// Lets every operation pass from now on.
    pub fn heal(&self) {
        *self.refused.lock().unwrap() = None;
    }

    /// Returns the number of requests of each operation since the last call.
    pub fn counted(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.passed.lock().unwrap())
    }

    fn count(&self, head: &str) {
        let target =
            head.lines().find_map(|line| line.split_once("DynamoDB_20120810.")).map(|(_, operation)| operation);
        *self.passed.lock().unwrap().entry(target.unwrap_or("?").to_owned()).or_default() += 1;
    }

    async fn relay(&self, client: TcpStream, upstream: &str) -> std::io::Result<()> {
        let mut client = BufReader::new(client);
        let mut engine = BufReader::new(TcpStream::connect(upstream).await?);
        loop {
            let (head, body) = message(&mut client).await?;
            self.count(&head);
            let refused = self.refused.lock().unwrap().clone();
            let named = |(operation, _): &(String, Fault)| {
                let (operation, word) = operation.split_once(' ').unwrap_or((operation, ""));
                let contains = String::from_utf8_lossy(&body).contains(word);
                operation == ALL || contains && head.contains(&format!("DynamoDB_20120810.{operation}\r\n"))
            };
            let how = refused.filter(named).map(|(_, how)| how);
            if how == Some(Fault::Slow) {
                tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
            } else if let Some(how) = how {
                if how == Fault::Unprocessed {
                    let request: serde_json::Value = serde_json::from_slice(&body)?;
                    let answer = serde_json::json!({"UnprocessedItems": request["RequestItems"]}).to_string();
                    client.write_all((head_of("200 OK", answer.len()) + &answer).as_bytes()).await?;
                    continue;
                }
                let (status, kind) = match how {
                    Fault::Reset => {
                        return socket2::SockRef::from(client.get_ref()).set_linger(Some(std::time::Duration::ZERO));
                    }
                    Fault::Throttle => ("400 Bad Request", "ProvisionedThroughputExceededException"),
                    Fault::KeyDisabled => ("400 Bad Request", "AccessDeniedException"),
                    Fault::InTransaction => {
                        self.heal();
                        ("400 Bad Request", "TransactionConflictException")
                    }
                    Fault::InternalError | Fault::Unprocessed | Fault::Slow => {
                        ("500 Internal Server Error", "InternalServerError")
                    }
                };
                let (model, message) = match how {
                    Fault::KeyDisabled => ("com.amazon.coral.service", KEY_DISABLED),
                    _ => ("com.amazonaws.dynamodb.v20120810", "refused"),
                };
                let body = serde_json::json!({"__type": format!("{model}#{kind}"), "message": message}).to_string();
                client.write_all((head_of(status, body.len()) + &body).as_bytes()).await?;
                continue;
            }
            engine.write_all(head.as_bytes()).await?;
            engine.write_all(&body).await?;
            let (head, body) = message(&mut engine).await?;
            client.write_all(head.as_bytes()).await?;
            client.write_all(&body).await?;
        }
    }
}

fn head_of(status: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n")
}

/// Reads a request or a response: its head, and the body of the length in the head.
async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok((head, body))
}
