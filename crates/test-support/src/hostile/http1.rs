//! Hostile HTTP/1 responses, over bare sockets: no HTTP server sends them.

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Hostility, without_end};

pub(super) async fn serve(mut stream: TcpStream, hostility: Hostility) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let (begin, rest): (&[u8], &[u8]) = match hostility {
        Hostility::Head => (b"HTTP/1.1 200 OK\r\nx-endless: ", b"endless "),
        Hostility::Lines => (b"HTTP/1.1 200 OK\r\n", b"x-endless: yes\r\n"),
        Hostility::LargeHead | Hostility::LargeAnswer => return large_head(stream, hostility).await,
        Hostility::Interim => (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        Hostility::Body => (b"HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n", b"endless "),
        Hostility::RejectedBody => (b"HTTP/1.1 500 No\r\ncontent-length: 1099511627776\r\n\r\n", b"endless "),
        Hostility::ChunkExtension => (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;x=", b"endless"),
        Hostility::Trailers => {
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"x-endless: yes\r\n")
        }
        Hostility::Surplus => (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", b"endless "),
        _ => return std::future::pending().await,
    };
    stream.write_all(begin).await?;
    without_end(&mut stream, rest).await
}

/// Sends a head that just fits into the client's buffer.
async fn large_head(mut stream: TcpStream, hostility: Hostility) -> io::Result<()> {
    const BYTES: usize = 400 << 10;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-large: ").await?;
    stream.write_all(&vec![b'x'; BYTES]).await?;
    if hostility == Hostility::LargeAnswer {
        stream.write_all(b"\r\n\r\n").await?;
    }
    std::future::pending().await
}
