//! Division of a byte stream into messages with a header of fixed length and a payload. Pure.

/// Progress in a stream of messages with headers of `HEADER` bytes.
#[derive(Debug)]
pub(super) struct Framing<const HEADER: usize> {
    /// The current header, as far as it was read.
    header: [u8; HEADER],
    filled: usize,
    /// Number of payload bytes left to read.
    payload: usize,
}

impl<const HEADER: usize> Default for Framing<HEADER> {
    fn default() -> Self {
        Self { header: [0; HEADER], filled: 0, payload: 0 }
    }
}

impl<const HEADER: usize> Framing<HEADER> {
    /// Reads bytes. `payload_of` gets each header, and returns the length of its payload in bytes.
    pub(super) fn read<E>(
        &mut self,
        mut bytes: &[u8],
        mut payload_of: impl FnMut([u8; HEADER]) -> Result<usize, E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            let taken = (HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == HEADER {
                self.filled = 0;
                self.payload = payload_of(self.header)?;
            }
        }
        Ok(())
    }
}
