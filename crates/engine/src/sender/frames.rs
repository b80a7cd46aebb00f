//! Limit on the HTTP/2 frames of a receiver. Pure.
//!
//! The client keeps every interim response (1xx) and every empty DATA frame of a stream in memory until its reader gets
//! to it, some 20 times their size on the wire, and no window limits them. It reads PING, SETTINGS, PRIORITY and
//! unknown frames without limit. No receiver needs many of either (RFC 9113, section 10.5).

use std::collections::BTreeMap;

use super::framing::Framing;

/// Maximum number of frames of one response: its head, its body as far as it is read, interim responses, trailers.
const FRAMES_OF_A_STREAM: u16 = 256;

/// Maximum number of frames outside of responses, between two new responses.
const FRAMES_BETWEEN: u16 = 256;

/// Maximum number of streams in memory: more than the attempts of a process. Beyond it the oldest one is dropped.
const STREAMS: usize = 1_024;

/// Size of a frame header in bytes: length (24 bits), type, flags, stream (RFC 9113, section 4.1).
const HEADER_BYTES: usize = 9;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

/// Error for more frames than a response needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receiver sent more HTTP/2 frames than an answer needs")]
pub(super) struct TooManyFrames;

/// Frames received on a connection.
#[derive(Debug, Default)]
pub(super) struct Frames {
    framing: Framing<HEADER_BYTES>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    newest_stream: u32,
    between: u16,
    of_streams: BTreeMap<u32, u16>,
}

impl Frames {
    /// Counts frames. HTTP/1 is recognized by its first line, whose bytes would be a frame longer than allowed.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), TooManyFrames> {
        let Self { framing, counts } = self;
        framing.read(bytes, |header| {
            let is_first = counts.newest_stream == 0 && counts.between == 0;
            if is_first && header.starts_with(b"HTTP") {
                return Ok(usize::MAX); // there are no frames
            }
            let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = header;
            counts.add(kind, flags, u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]))?;
            Ok(u32::from_be_bytes([0, l0, l1, l2]) as usize)
        })
    }
}

impl Counts {
    fn add(&mut self, kind: u8, flags: u8, stream: u32) -> Result<(), TooManyFrames> {
        if !matches!(kind, DATA | HEADERS | CONTINUATION) {
            return count(&mut self.between, FRAMES_BETWEEN);
        }
        if kind == HEADERS && stream > self.newest_stream {
            (self.newest_stream, self.between) = (stream, 0);
        }
        count(self.of_streams.entry(stream).or_default(), FRAMES_OF_A_STREAM)?;
        if kind != CONTINUATION && flags & END_STREAM != 0 {
            self.of_streams.remove(&stream);
        }
        if self.of_streams.len() > STREAMS {
            self.of_streams.pop_first();
        }
        Ok(())
    }
}

fn count(frames: &mut u16, most: u16) -> Result<(), TooManyFrames> {
    *frames += 1;
    if *frames > most { Err(TooManyFrames) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: u8 = 6;

    fn frame(kind: u8, flags: u8, stream: u32, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(vec![0; payload]);
        frame
    }

    /// Reads the bytes in chunks of every size.
    fn read(bytes: &[u8]) -> Result<(), TooManyFrames> {
        let results = [1, 7, 4096].map(|size| {
            let mut frames = Frames::default();
            bytes.chunks(size).try_for_each(|chunk| frames.read(chunk))
        });
        assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
        results[0]
    }

    #[test]
    fn many_answers_with_bodies_and_trailers_are_not_too_many() {
        let mut bytes = frame(4, 0, 0, 18);
        for stream in (1..4_001).step_by(2) {
            bytes.extend(frame(HEADERS, 4, stream, 30));
            (0..10).for_each(|_| bytes.extend(frame(DATA, 0, stream, 100)));
            bytes.extend(frame(HEADERS, 4 | END_STREAM, stream, 5));
            bytes.extend(frame(PING, 0, 0, 8));
        }
        assert_eq!(read(&bytes), Ok(()));
    }

    #[test]
    fn an_answer_has_256_frames_and_as_many_are_between_answers() {
        for (kind, stream) in [(HEADERS, 1), (DATA, 1), (CONTINUATION, 1), (PING, 0), (2, 77), (4, 0), (200, 5)] {
            assert_eq!(read(&frame(kind, 0, stream, 8).repeat(256)), Ok(()), "{kind}");
            assert_eq!(read(&frame(kind, 0, stream, 8).repeat(257)), Err(TooManyFrames), "{kind}");
        }
    }

    #[test]
    fn answers_that_take_turns_are_counted_each() {
        let both = [frame(HEADERS, 4, 1, 5), frame(HEADERS, 4, 3, 5)].concat();
        assert_eq!(read(&both.repeat(256)), Ok(()));
        assert_eq!(read(&both.repeat(257)), Err(TooManyFrames));
    }

    #[test]
    fn http1_is_not_counted() {
        assert_eq!(read(&b"HTTP/1.1 200 OK\r\n\r\n".repeat(10_000)), Ok(()));
    }

    #[test]
    fn what_no_answer_ends_is_forgotten() {
        let mut frames = Frames::default();
        for stream in (1..10_001).step_by(2) {
            frames.read(&frame(HEADERS, 4, stream, 5)).unwrap();
        }
        assert_eq!(frames.counts.of_streams.len(), STREAMS);
    }
}
