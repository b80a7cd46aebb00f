//! A receiver that records its requests, and responds as the test chooses.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use webhooks_model::address::OutboundPolicy;

/// Response of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Answer(u16),
    RetryAfter(u16, u64),
    Close,
    Hang,
}

/// Returns a policy that allows the receivers of tests.
pub fn on_this_machine() -> OutboundPolicy {
    OutboundPolicy { allowed_networks: "127.0.0.0/8,::1/128".parse().unwrap(), ..OutboundPolicy::default() }
}

type Decide = Box<dyn Fn(&str) -> Behaviour + Send + Sync>;

#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    targets: Arc<Mutex<Vec<String>>>,
    heads: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
    most_open: Arc<AtomicUsize>,
    decide: Arc<Mutex<Decide>>,
    delay_ms: Arc<AtomicU64>,
}

/// The signed parts of a request.
#[derive(Clone, Debug)]
pub struct Signed {
    pub id: String,
    pub timestamp: String,
    pub target: String,
    pub signature: String,
}

/// Returns a header's value; empty if it is missing.
fn header(head: &str, name: &str) -> String {
    let value = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned());
    head.lines().find_map(value).unwrap_or_default()
}

impl Receiver {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let decide: Decide = Box::new(move |_| behaviour);
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            targets: Arc::default(),
            heads: Arc::default(),
            open: Arc::default(),
            most_open: Arc::default(),
            decide: Arc::new(Mutex::new(decide)),
            delay_ms: Arc::default(),
        };
        let shared = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = shared.clone();
                tokio::spawn(async move { receiver.serve(stream).await });
            }
        });
        receiver
    }

    async fn serve(&self, mut stream: tokio::net::TcpStream) {
        let mut buffer = vec![0; 65536];
        while let Ok(n @ 1..) = stream.read(&mut buffer).await {
            let request = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let behaviour = (self.decide.lock().unwrap())(&target);
            self.targets.lock().unwrap().push(target);
            self.heads.lock().unwrap().push(request);
            let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_open.fetch_max(open, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(self.delay_ms.load(Ordering::SeqCst))).await;
            self.open.fetch_sub(1, Ordering::SeqCst);
            let answer = match behaviour {
                Behaviour::Answer(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
                Behaviour::RetryAfter(status, s) => {
                    format!("HTTP/1.1 {status} X\r\nretry-after: {s}\r\ncontent-length: 0\r\n\r\n")
                }
                Behaviour::Close => return,
                Behaviour::Hang => std::future::pending().await,
            };
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn now(&self, behaviour: Behaviour) {
        self.decides(move |_| behaviour);
    }

    /// Clears the recorded requests, and responds like this from now on.
    pub fn reset_to(&self, behaviour: Behaviour) {
        self.forget();
        self.now(behaviour);
    }

    pub fn decides(&self, decide: impl Fn(&str) -> Behaviour + Send + Sync + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }

    pub fn takes(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn count(&self) -> usize {
        self.targets.lock().unwrap().len()
    }

    pub fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }

    /// Returns the requests, in the order of arrival.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Returns the `webhook-attempt` headers, in the order of arrival.
    pub fn attempts(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| header(head, "webhook-attempt")).collect()
    }

    /// Returns the signed content and the signatures of each request, in the order of arrival.
    pub fn signed(&self) -> Vec<Signed> {
        let signed = |head: &String| Signed {
            id: header(head, "webhook-id"),
            timestamp: header(head, "webhook-timestamp"),
            target: head.split(' ').nth(1).unwrap().to_owned(),
            signature: header(head, "webhook-signature"),
        };
        self.heads.lock().unwrap().iter().map(signed).collect()
    }

    pub fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    pub fn forget(&self) {
        self.targets.lock().unwrap().clear();
        self.heads.lock().unwrap().clear();
    }
}
