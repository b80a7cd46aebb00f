//! A receiver on its own socket. It implements only the HTTP that it needs, so that it costs little and can misbehave, and
//! keeps counts instead of requests, unlike that of `webhooks_test_support`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::load::Event;
use super::rule::{Chance, Fault, Rule};

/// Number of connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// Requests that a receiver has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) calls: u64,
    /// Time of the first request for each event.
    pub(super) arrived: HashMap<Event, Instant>,
    /// Time of the first acknowledged request for each event.
    pub(super) acknowledged: HashMap<Event, Instant>,
    /// Changes of each instance in the order of their first acknowledgement.
    pub(super) order: HashMap<String, Vec<u32>>,
}

impl Seen {
    /// Returns the number of instances with a change that was acknowledged after a later one.
    pub(super) fn out_of_order(&self) -> usize {
        self.order.values().filter(|changes| !changes.is_sorted()).count()
    }
}

/// A running receiver, until it is dropped.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) url: String,
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
    /// Socket of a receiver that is down: the port is bound, but has no listener.
    _silent: Option<TcpSocket>,
}

impl Receiver {
    pub(super) fn start(rule: Rule, chance: Chance) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind("127.0.0.1:0".parse()?)?;
        let url = format!("http://{}/hook", socket.local_addr()?);
        let (seen, mut tasks) = (Arc::default(), JoinSet::new());
        if rule == Rule::Down {
            return Ok(Self { url, seen, _tasks: tasks, _silent: Some(socket) });
        }
        let connection =
            Connection { delay: rule.delay(), chance: Arc::new(Mutex::new(chance)), seen: Arc::clone(&seen) };
        tasks.spawn(accept(socket.listen(BACKLOG)?, connection));
        Ok(Self { url, seen, _tasks: tasks, _silent: None })
    }

    /// Locks the requests that it has seen so far.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, connection: Connection) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let connection = connection.clone();
        connections.spawn(async move { connection.serve(stream).await });
        // Removes the connections that have ended.
        while connections.try_join_next().is_some() {}
    }
}

#[derive(Clone)]
struct Connection {
    delay: Duration,
    chance: Arc<Mutex<Chance>>,
    seen: Arc<Mutex<Seen>>,
}

impl Connection {
    /// Serves requests until the sender closes the connection.
    async fn serve(self, mut stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::with_capacity(4_096);
        loop {
            let Some(end) = head_end(&mut stream, &mut buffer).await? else { return Ok(()) };
            let event = event_of(std::str::from_utf8(&buffer[..end])?)?;
            buffer.drain(..end);
            let now = Instant::now();
            let fault = {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.calls += 1;
                seen.arrived.entry(event.clone()).or_insert(now);
                self.chance.lock().unwrap_or_else(PoisonError::into_inner).fault()
            };
            match fault {
                None => {
                    sleep(self.delay).await;
                    self.acknowledge(event, now);
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
                }
                Some(Fault::Status(status)) => {
                    let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
                    stream.write_all(answer.as_bytes()).await?;
                }
                Some(Fault::Reset) => return Ok(stream.set_zero_linger()?),
                Some(Fault::Hang) => {
                    while stream.read_buf(&mut buffer).await? > 0 {}
                    return Ok(());
                }
            }
        }
    }

    fn acknowledge(&self, event: Event, came: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.acknowledged.contains_key(&event) {
            return;
        }
        seen.order.entry(event.instance.clone()).or_default().push(event.change);
        seen.acknowledged.insert(event, came);
    }
}

/// Reads to the end of a request's head; `None` when the connection is closed.
async fn head_end(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<usize>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|it| it == b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Returns the event that a request is about.
fn event_of(head: &str) -> Result<Event> {
    let target = head.split(' ').nth(1).context("a request line")?;
    let value = |name: &str| target.split(['?', '&']).find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
    let instance = value("instanceID").context("an instance")?.to_owned();
    let process = value("processName").context("a process")?;
    Ok(Event { instance, change: process.trim_start_matches('v').parse()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_from_the_request_line() {
        let head = "GET /hook?instanceID=i-3&processName=v00012&eventType=updated HTTP/1.1\r\nhost: a\r\n\r\n";
        let event = Event { instance: "i-3".to_owned(), change: 12 };
        assert_eq!(event_of(head).expect("an event"), event);
    }

    #[test]
    fn an_earlier_change_after_a_later_one_is_out_of_order() {
        let order = HashMap::from([("a".to_owned(), vec![0, 1, 2]), ("b".to_owned(), vec![1, 0])]);
        assert_eq!(Seen { order, ..Seen::default() }.out_of_order(), 1);
    }
}
