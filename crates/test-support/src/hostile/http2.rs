//! Hostile HTTP/2 responses, as frames in bytes (RFC 9113): no HTTP/2 server sends them.

use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Hostility, without_end};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 4;

/// `:status: 200` of HPACK's static table (RFC 7541, appendix A).
const OK: &[u8] = &[0x88];

pub(super) async fn serve<S>(stream: S, hostility: Hostility) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (mut read, mut write) = io::split(stream);
    read.read_exact(&mut [0; 24]).await?; // the client's preface
    write.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    write.flush().await?;
    let id = request(&mut read).await?;
    let answer = async {
        match hostility {
            Hostility::Continuation => {
                // A literal without indexing, with a value of 16,370 bytes (RFC 7541, section 6.2.2): it fills a frame.
                let line = [&[0x00, 9][..], b"x-endless", &[0x7f, 0xf3, 0x7e], &[b'x'; 16_370]].concat();
                write.write_all(&frame(HEADERS, 0, id, OK)).await?;
                without_end(&mut write, &frame(CONTINUATION, 0, id, &line)).await
            }
            // 103, not in the static table: `:status` by its index, the value as a literal.
            Hostility::Http2Interim => {
                without_end(&mut write, &frame(HEADERS, END_HEADERS, id, &[0x08, 3, b'1', b'0', b'3'])).await
            }
            Hostility::Priority => without_end(&mut write, &frame(PRIORITY, 0, id, &[0, 0, 0, 0, 1])).await,
            Hostility::Ping => without_end(&mut write, &frame(PING, 0, 0, &[0; 8])).await,
            Hostility::Settings => without_end(&mut write, &frame(SETTINGS, 0, 0, &[])).await,
            Hostility::Data => {
                write.write_all(&frame(HEADERS, END_HEADERS, id, OK)).await?;
                without_end(&mut write, &frame(DATA, 0, id, &[b'x'; 16_384])).await
            }
            Hostility::EmptyData => {
                write.write_all(&frame(HEADERS, END_HEADERS, id, OK)).await?;
                without_end(&mut write, &frame(DATA, 0, id, &[])).await
            }
            _ => std::future::pending().await,
        }
    };
    // Continue to read the client's bytes, so that its writes never block.
    let drain = async {
        while read.read(&mut [0; 4096]).await? > 0 {}
        Ok(())
    };
    tokio::select! { answered = answer => answered, ended = drain => ended }
}

/// Reads up to a request's head, and returns its stream id.
async fn request(read: &mut (impl AsyncRead + Unpin)) -> io::Result<u32> {
    loop {
        let mut head = [0; 9];
        read.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        read.read_exact(&mut vec![0; length]).await?;
        if head[3] == HEADERS {
            return Ok(u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a frame is short").to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}
