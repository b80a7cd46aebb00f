//! Cuts a stream of bytes into messages: a header of fixed length, and as much payload as it says. Pure.

/// How far a stream has been read whose messages have headers of that many bytes.
#[derive(Debug)]
pub(super) struct Framing<const HEADER: usize> {
    /// As far as it has come.
    header: [u8; HEADER],
    filled: usize,
    /// Bytes of a payload that are still to come.
    payload: usize,
}

impl<const HEADER: usize> Default for Framing<HEADER> {
    fn default() -> Self {
        Self { header: [0; HEADER], filled: 0, payload: 0 }
    }
}

impl<const HEADER: usize> Framing<HEADER> {
    /// Reads on. `payload_of` is given each header, and returns the length of what belongs to it, in bytes.
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
