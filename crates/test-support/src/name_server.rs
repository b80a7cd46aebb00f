//! A name server on this machine, over UDP and TCP, with replies chosen by the test.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// A running name server. It ends with the test's runtime.
pub struct NameServer {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Question>>>,
}

/// A question to the name server.
#[derive(Clone, Debug)]
pub struct Question {
    /// Name without the final dot.
    pub name: String,
    pub kind: RecordType,
    pub tcp: bool,
}

/// Reply of the name server.
pub enum Reply {
    /// No reply at all.
    Silence,
    /// Those of these addresses that have the requested type.
    Addresses(Vec<IpAddr>),
    /// An error.
    Code(ResponseCode),
    /// A reply marked as too long for UDP.
    Truncated,
    /// The id of the question, followed by these bytes.
    Bytes(Vec<u8>),
    /// Another reply, after a delay.
    Late(Duration, Box<Reply>),
}

impl Reply {
    pub fn addresses<const N: usize>(addresses: [&str; N]) -> Self {
        Self::Addresses(addresses.map(|address| address.parse().expect("an address")).into())
    }
}

impl NameServer {
    /// Starts a name server that sends the replies of `reply`.
    pub async fn start(reply: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Self {
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            // Another program may use the same port of UDP.
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().expect("an address")).await {
                break (Arc::new(udp), tcp);
            }
        };
        let address = tcp.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let replies = Arc::new(Replies { asked: Arc::clone(&asked), reply });
        tokio::spawn(Arc::clone(&replies).over_udp(udp));
        tokio::spawn(replies.over_tcp(tcp));
        Self { address, asked }
    }

    /// Returns the questions so far, in order.
    pub fn asked(&self) -> Vec<Question> {
        self.asked.lock().expect("no panic").clone()
    }

    /// Returns the number of questions about this name, of any type.
    pub fn asked_about(&self, name: &str) -> usize {
        self.asked().iter().filter(|question| question.name == name).count()
    }
}

struct Replies<R> {
    asked: Arc<Mutex<Vec<Question>>>,
    reply: R,
}

impl<R: Fn(&Question) -> Reply + Send + Sync + 'static> Replies<R> {
    async fn over_udp(self: Arc<Self>, socket: Arc<UdpSocket>) {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let (this, query, socket) = (Arc::clone(&self), buffer[..length].to_vec(), Arc::clone(&socket));
            tokio::spawn(async move {
                if let Some(answer) = this.answer(&query, false).await {
                    _ = socket.send_to(&answer, from).await;
                }
            });
        }
    }

    /// Serves one question per connection and closes it: a client that reuses connections finds them closed.
    async fn over_tcp(self: Arc<Self>, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let this = Arc::clone(&self);
            tokio::spawn(async move {
                let mut query = vec![0; stream.read_u16().await?.into()];
                stream.read_exact(&mut query).await?;
                if let Some(answer) = this.answer(&query, true).await {
                    stream.write_u16(u16::try_from(answer.len()).expect("a short answer")).await?;
                    stream.write_all(&answer).await?;
                }
                std::io::Result::Ok(())
            });
        }
    }

    async fn answer(&self, query: &[u8], tcp: bool) -> Option<Vec<u8>> {
        let query = Message::from_vec(query).expect("a query");
        let asked = query.queries.first().expect("a question");
        let name = asked.name().to_ascii().trim_end_matches('.').to_owned();
        let question = Question { name, kind: asked.query_type(), tcp };
        self.asked.lock().expect("no panic").push(question.clone());
        let mut reply = (self.reply)(&question);
        while let Reply::Late(time, later) = reply {
            tokio::time::sleep(time).await;
            reply = *later;
        }
        let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
        answer.add_query(asked.clone());
        match reply {
            Reply::Silence | Reply::Late(..) => return None,
            Reply::Bytes(bytes) => return Some([&query.metadata.id.to_be_bytes()[..], &bytes].concat()),
            Reply::Code(code) => answer.metadata.response_code = code,
            Reply::Truncated => answer.metadata.truncation = true,
            Reply::Addresses(addresses) => {
                let of_kind = addresses.into_iter().map(RData::from).filter(|data| data.record_type() == question.kind);
                answer.add_answers(of_kind.map(|data| Record::from_rdata(asked.name().clone(), 60, data)));
            }
        }
        Some(answer.to_vec().expect("an answer"))
    }
}
